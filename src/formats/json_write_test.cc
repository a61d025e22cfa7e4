#include "formats/json.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace coffer::formats {
namespace {

std::string written(std::string_view value) {
  secure::SecureText out;
  JsonWriter(out).string(value);
  return std::string(out.text());
}

TEST(JsonWriter, PlacesCommasAndColons) {
  secure::SecureText out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a").integer(-1).key("b").begin_array();
  json.boolean(true).null().begin_object().end_object().begin_array().end_array().string("x");
  json.end_array().key("c").strings({"p", "q"}).key("d").raw("[0]").key("e").strings({});
  json.end_object();
  EXPECT_EQ(out.text(), R"({"a":-1,"b":[true,null,{},[],"x"],"c":["p","q"],"d":[0],"e":[]})");
}

TEST(JsonWriter, WritesTheLimitsOfIntegers) {
  secure::SecureText out;
  JsonWriter(out).begin_array().integer(INT64_MIN).integer(INT64_MAX).integer(0).end_array();
  EXPECT_EQ(out.text(), "[-9223372036854775808,9223372036854775807,0]");
}

TEST(JsonWriter, Escapes) {
  EXPECT_EQ(written(""), R"("")");
  EXPECT_EQ(written("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(written("\n\r\t\b\x1f"), R"("\n\r\t\u0008\u001f")");
  EXPECT_EQ(written(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(written("<a>&"), R"("\u003ca\u003e\u0026")");
  EXPECT_EQ(written("é€😀"), "\"é€😀\"");
}

TEST(JsonWriter, ReplacesInvalidOctets) {
  EXPECT_EQ(written("a\xff"
                    "b"),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(written("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(written("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

// A random document; names differ by their first digit.
class RandomDocument {
 public:
  explicit RandomDocument(std::uint32_t seed) : random_(seed), json_(out_) { value(6); }

  [[nodiscard]] std::string_view text() const { return out_.text(); }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  std::string octets() {
    std::string out(below(12), ' ');
    for (char& c : out) c = static_cast<char>(below(256));
    return out;
  }

  void value(std::uint32_t depth) {
    switch (below(depth == 0 ? 5 : 7)) {
      case 0:
        json_.null();
        return;
      case 1:
        json_.boolean(below(2) == 1);
        return;
      case 2:
        json_.integer(static_cast<std::int64_t>(random_()));
        return;
      case 3:
        json_.raw(" 1.5e3 ");
        return;
      case 4:
        json_.string(octets());
        return;
      case 5:
        json_.begin_array();
        for (std::uint32_t i = below(5); i > 0; --i) value(depth - 1);
        json_.end_array();
        return;
      default:
        json_.begin_object();
        for (std::uint32_t i = below(5); i > 0; --i) {
          json_.key(std::to_string(i) + octets());
          value(depth - 1);
        }
        json_.end_object();
    }
  }

  std::mt19937_64 random_;
  secure::SecureText out_;
  JsonWriter json_;
};

TEST(JsonWriter, OutputAlwaysParses) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    const RandomDocument document(seed);
    const auto parsed = JsonView::parse(document.text());
    ASSERT_TRUE(parsed) << "seed " << seed << ": " << parsed.error().message;
  }
}

TEST(JsonWriter, StringsComeBackUnchanged) {
  std::string every;
  for (std::uint32_t c = 0; c < 0x80; ++c) every += static_cast<char>(c);
  every += "é€😀";
  const std::string text = written(every);
  EXPECT_EQ(*JsonView::parse(text)->string(), every);
}

}  // namespace
}  // namespace coffer::formats
