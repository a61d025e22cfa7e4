#include "rows/codec.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace coffer::rows {
namespace {

template <class T>
Bytes encoded(const T& value) {
  Bytes out;
  Writer w(out);
  encode_value(w, value);
  return out;
}

template <class T>
Result<T> decoded(ByteView in) {
  Reader r(in);
  T value{};
  COFFER_CHECK(decode_value(r, value));
  COFFER_CHECK(r.finish());
  return value;
}

enum class Small : std::uint8_t { a = 1 };
enum class Wide : std::uint32_t { a = 0x01020304 };

struct Pair {
  std::string text;
  std::int16_t number = 0;
  static constexpr auto kMembers = std::tuple{&Pair::text, &Pair::number};
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

// One value, its octets in hexadecimal; every cut of them is refused, and so is one octet more.
template <class T>
void expect_encoding(const T& value, std::string_view hex) {
  const Bytes octets = encoded(value);
  EXPECT_EQ(hex_encode(octets), hex);
  const Result<T> again = decoded<T>(octets);
  ASSERT_TRUE(again) << hex << ": " << again.error().message;
  EXPECT_TRUE(*again == value) << hex;
  EXPECT_GE(encoded_bound(value), octets.size());
  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(decoded<T>(ByteView(octets).first(size))) << hex << " cut at " << size;
  }
  Bytes longer = octets;
  longer.push_back(0);
  EXPECT_FALSE(decoded<T>(longer)) << hex;
}

TEST(Codec, WritesEveryTypeInOneWay) {
  expect_encoding(false, "00");
  expect_encoding(true, "01");
  expect_encoding(std::uint8_t{0xfe}, "fe");
  expect_encoding(std::int8_t{-2}, "fe");
  expect_encoding(std::uint16_t{0x0102}, "0102");
  expect_encoding(std::int32_t{-1}, "ffffffff");
  expect_encoding(std::numeric_limits<std::int64_t>::min(), "8000000000000000");
  expect_encoding(Small::a, "01");
  expect_encoding(Wide::a, "01020304");
  expect_encoding(Timestamp{-1}, "ffffffffffffffff");
  expect_encoding(Duration(258), "0000000000000102");
  expect_encoding(std::string("ab"), "026162");
  expect_encoding(Bytes{0, 255}, "0200ff");
  expect_encoding(secure::SecureBytes(as_bytes("ab")), "026162");
  expect_encoding(secure::SecureText("ab"), "026162");
  expect_encoding(std::optional<std::uint8_t>(), "00");
  expect_encoding(std::optional<std::uint8_t>(9), "0109");
  expect_encoding(std::vector<std::string>{"a", ""}, "02016100");
  expect_encoding(std::vector<Pair>{{"a", -1}}, "010161ffff");
  expect_encoding(std::map<std::string, bool>{{"a", true}, {"b", false}},
                  "020161010162"
                  "00");
  expect_encoding(std::set<std::uint16_t>{1, 2}, "0200010002");
  expect_encoding(Pair{"x", 1}, "01780001");
  expect_encoding(std::map<std::string, std::vector<Pair>>{{"k", {{"p", 2}}}}, "01016b0101700002");
}

TEST(Codec, RefusesSecondSpellings) {
  const auto refused = [](auto type, std::string_view hex) {
    const auto result = decoded<decltype(type)>(hex_decode(hex).value());
    EXPECT_FALSE(result) << hex;
    if (!result) EXPECT_EQ(result.error().code, Code::corrupt) << hex;
  };
  refused(bool{}, "02");
  refused(std::optional<std::uint8_t>(), "0209");
  refused(std::string(), "820061");  // an over-long length
  refused(std::string(), "ff01");    // a length past the end
  refused(std::vector<std::uint16_t>(), "ffffffffffffffffff01");
  refused(std::map<std::string, bool>(), "02016200016101");  // keys out of order
  refused(std::map<std::string, bool>(), "02016100016101");  // the same key twice
  refused(std::set<std::uint16_t>(), "0200020001");
  refused(std::set<std::uint16_t>(), "0200010001");
}

struct Everything {
  std::map<std::string, std::vector<std::optional<std::int32_t>>> lists;
  std::set<Pair> pairs;
  std::optional<Timestamp> time;
  Bytes octets;
  bool flag = false;
  static constexpr auto kMembers = std::tuple{&Everything::lists,
                                              &Everything::pairs,
                                              &Everything::time,
                                              &Everything::octets,
                                              &Everything::flag};
  friend bool operator==(const Everything&, const Everything&) = default;
};

class Source {
 public:
  explicit Source(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return engine_() % n; }

  std::string text() {
    std::string out(below(4), ' ');
    for (char& c : out) c = static_cast<char>(below(256));
    return out;
  }

  Everything everything() {
    Everything e;
    for (std::size_t i = below(4); i > 0; --i) {
      auto& list = e.lists[text()];
      for (std::size_t k = below(3); k > 0; --k) {
        list.push_back(below(2) == 0 ? std::nullopt
                                     : std::optional(static_cast<std::int32_t>(engine_())));
      }
    }
    for (std::size_t i = below(4); i > 0; --i) e.pairs.insert({text(), 3});
    if (below(2) == 0) e.time = Timestamp{static_cast<std::int64_t>(engine_())};
    e.octets = to_bytes(text());
    e.flag = below(2) == 0;
    return e;
  }

 private:
  std::mt19937_64 engine_;
};

TEST(Codec, ReadsBackWhateverItWrites) {
  Source source(1);
  for (int i = 0; i < 2000; ++i) {
    const Everything value = source.everything();
    const Bytes octets = encoded(value);
    EXPECT_GE(encoded_bound(value), octets.size());
    ASSERT_EQ(decoded<Everything>(octets).value(), value) << i;
  }
}

TEST(Codec, HasNoTwoEncodingsOfOneValue) {
  Source source(2);
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    Bytes octets = encoded(source.everything());
    octets[source.below(octets.size())] ^= static_cast<std::uint8_t>(1U << source.below(8));
    const auto value = decoded<Everything>(octets);
    if (!value) continue;
    ++accepted;
    ASSERT_EQ(hex_encode(encoded(*value)), hex_encode(octets)) << i;
  }
  EXPECT_GT(accepted, 100) << "the edits must reach values too";
}

}  // namespace
}  // namespace coffer::rows
