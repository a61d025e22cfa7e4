#include "base/clock.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "base/uuid.h"
#include "base/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace coffer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// RFC 4648 §10.
TEST(Base64, EncodesRfc4648Vectors) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(base64_encode(as_bytes(plain)), coded);
    auto decoded = base64_decode(coded);
    ASSERT_TRUE(decoded) << coded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
  EXPECT_EQ(base64_encode(as_bytes("\xff\xfe"), Base64::url_raw), "__4");
}

TEST(Base64, RefusesEverySecondSpelling) {
  for (const std::string_view bad :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Zm 9v", "Zm9v\n", "Zm9-"}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
  EXPECT_FALSE(base64_decode("Zg==", Base64::standard_raw));
}

TEST(Hex, RoundTripsAndRefuses) {
  EXPECT_EQ(hex_encode(*hex_decode("00fFaB")), "00ffab");
  EXPECT_FALSE(hex_decode("0"));
  EXPECT_FALSE(hex_decode("0g"));
}

TEST(Wire, RoundTrips) {
  Bytes out;
  Writer w(out);
  w.u8(7);
  w.u32(0xdeadbeef);
  w.varint(0);
  w.varint(127);
  w.varint(128);
  w.varint(UINT64_MAX);
  w.text("path");
  Reader r(out);
  EXPECT_EQ(*r.u8(), 7);
  EXPECT_EQ(*r.u32(), 0xdeadbeef);
  EXPECT_EQ(*r.varint(), 0U);
  EXPECT_EQ(*r.varint(), 127U);
  EXPECT_EQ(*r.varint(), 128U);
  EXPECT_EQ(*r.varint(), UINT64_MAX);
  EXPECT_EQ(*r.text(), "path");
  EXPECT_TRUE(r.finish());
}

TEST(Wire, RefusesMalleableAndTruncatedInput) {
  const Bytes long_zero{0x80, 0x00};
  EXPECT_FALSE(Reader(long_zero).varint());
  const Bytes overflow{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
  EXPECT_FALSE(Reader(overflow).varint());
  const Bytes cut{0x05, 'a'};
  EXPECT_FALSE(Reader(cut).bytes());
  EXPECT_FALSE(Reader(cut).count());
  EXPECT_FALSE(Reader(cut).finish());
}

TEST(TimeText, PrintsLikeGo) {
  EXPECT_EQ(rfc3339({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(http_date({0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date({784'111'777'900'000'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(rfc3339({1'700'000'000'120'000'000}), "2023-11-14T22:13:20.12Z");
  EXPECT_EQ(rfc3339({-1}), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339({std::numeric_limits<std::int64_t>::max()}), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(go_duration(seconds(0)), "0s");
  EXPECT_EQ(go_duration(minutes(30)), "30m0s");
  EXPECT_EQ(go_duration(hours(1)), "1h0m0s");
  EXPECT_EQ(go_duration(milliseconds(1500)), "1.5s");
  EXPECT_EQ(go_duration(milliseconds(250)), "250ms");
  EXPECT_EQ(go_duration(Duration::min()), "-2562047h47m16.854775808s");
}

TEST(TimeText, ParsesWhatItPrints) {
  for (const std::int64_t ns : {0LL, 1'700'000'000'123'456'789LL, 951'782'400'000'000'000LL}) {
    EXPECT_EQ(parse_rfc3339(rfc3339({ns}))->ns, ns);
  }
  EXPECT_EQ(parse_rfc3339("2023-11-14T23:13:20+01:00")->ns, 1'700'000'000'000'000'000);
  for (const std::string_view bad : {"",
                                     "2023-02-30T00:00:00Z",
                                     "2023-11-14 22:13:20Z",
                                     "2023-11-14T22:13:20",
                                     "2023-11-14T22:13:20.Z",
                                     "2023-11-14T24:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
  }
}

TEST(TimeText, ParsesVaultDurations) {
  EXPECT_EQ(*parse_duration("30"), seconds(30));
  EXPECT_EQ(*parse_duration("-1"), seconds(-1));
  EXPECT_EQ(*parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(*parse_duration("1.5h"), minutes(90));
  EXPECT_EQ(*parse_duration("7d"), hours(168));
  EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
  for (const std::string_view bad : {"",
                                     "h",
                                     "1x",
                                     "1h30",
                                     "99999999999",
                                     "nan",
                                     "1e9s",
                                     "inf",
                                     "nans",
                                     "-nans",
                                     "nanh",
                                     "1snanh",
                                     "infs",
                                     "-infs"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Uuid, HasVersionAndVariant) {
  const std::string id = uuid4({});
  EXPECT_EQ(id, "00000000-0000-4000-8000-000000000000");
  EXPECT_TRUE(is_uuid(id));
  EXPECT_FALSE(is_uuid("00000000-0000-4000-8000-00000000000G"));
}

TEST(FakeClock, Advances) {
  FakeClock clock;
  const Timestamp before = clock.now();
  clock.advance(seconds(5));
  EXPECT_EQ(clock.now() - before, seconds(5));
}

TEST(Time, NamesTheMonthOfATime) {
  const auto month = [](std::string_view text) { return utc_month(parse_rfc3339(text).value()); };
  EXPECT_EQ(utc_month({0}), "1970-01");
  EXPECT_EQ(utc_month({-1}), "1969-12");
  EXPECT_EQ(month("2023-12-31T23:59:59.999999999Z"), "2023-12");
  EXPECT_EQ(month("2024-01-01T00:00:00Z"), "2024-01");
  EXPECT_EQ(month("2024-02-29T23:59:59.999999999Z"), "2024-02");
  EXPECT_EQ(month("2024-03-01T00:00:00Z"), "2024-03");
  EXPECT_EQ(month("2023-03-01T00:30:00+01:00"), "2023-02");
}

}  // namespace
}  // namespace coffer
