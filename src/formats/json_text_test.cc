#include "formats/json_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coffer::formats {
namespace {

JsonName name(std::string_view content) {
  return {content, content.contains('\\')};
}

TEST(JsonText, PlainRunStopsAtTheFirstSpecialOctet) {
  const std::string plain(20, 'x');
  for (std::size_t at = 0; at < plain.size(); ++at) {
    for (int octet = 0; octet < 256; ++octet) {
      std::string text = plain;
      text[at] = static_cast<char>(octet);
      const bool special = octet < 0x20 || octet == '"' || octet == '\\' || octet >= 0x80;
      EXPECT_EQ(plain_run(text), special ? at : text.size()) << octet << " at " << at;
    }
  }
}

TEST(JsonText, NamesOrderByTheirUnescapedOctets) {
  // Each list ascends; the spellings of one place are equal.
  const std::vector<std::vector<std::string_view>> ascending{
      {""},
      {"\\u0000"},
      {"A", "\\u0041"},
      {"a"},
      {"abcdefgh", "abcdefg\\u0068", "\\u0061bcdefgh"},
      {"abcdefgh1", "abcdefgh\\u0031"},
      {"abcdefgh2", "abcdefgh\\u0032"},
      {"abcdefgh22", "abcdefgh\\u00322"},
      {"\xc3\xa9", "\\u00e9", "\\u00E9"},
      {"\xf0\x9d\x84\x9e", "\\ud834\\udd1e"}};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      for (const std::string_view a : ascending[i]) {
        for (const std::string_view b : ascending[j]) {
          EXPECT_EQ(name(a) <=> name(b), i <=> j) << a << " " << b;
        }
      }
    }
  }
}

TEST(JsonText, CompactsBetweenTokensOnly) {
  std::string out;
  append_compact(out, "{ \"a b\" : [ 1 ,\n\" \\\" \" , true ] }");
  EXPECT_EQ(out, "{\"a b\":[1,\" \\\" \",true]}");
}

}  // namespace
}  // namespace coffer::formats
