#include "formats/json_text.h"

#include "formats/json_scan.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
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

// A random value, white space and all, and nothing but its text.
std::string random_value(std::mt19937& random, int depth) {
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  static const auto kPieces = std::to_array<std::string>({"a",
                                                          "\\\\",
                                                          "\\\"",
                                                          "{",
                                                          "}",
                                                          "[",
                                                          "]",
                                                          ",",
                                                          ":",
                                                          "\\u005c",
                                                          "\xc3\xa9",
                                                          "0123456789abcdef"});
  const auto string = [&] {
    std::string out = "\"";
    for (std::size_t pieces = below(8); pieces > 0; --pieces) out += kPieces[below(kPieces.size())];
    return out + '"';
  };
  const std::size_t kind = below(depth > 0 ? 5 : 3);
  if (kind == 0) return "-12.5e3";
  if (kind <= 2) return string();
  std::string out(1, kind == 3 ? '[' : '{');
  const std::size_t items = below(4);
  for (std::size_t i = 0; i < items; ++i) {
    if (i > 0) out += ", ";
    if (kind == 4) out += '"' + std::to_string(i) + string().substr(1) + " :\n";
    out += random_value(random, depth - 1);
  }
  return out + (kind == 3 ? " ]" : "}");
}

TEST(JsonText, MeasuresValuesWhateverStandsInThemAndBehind) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same values each time
  for (int round = 0; round < 5'000; ++round) {
    const std::string value = random_value(random, 4);
    ASSERT_TRUE(validate_json(value)) << value;
    for (const std::string_view behind : {"", ",\"\\\"]}", "]", "}", " "}) {
      ASSERT_EQ(value_length(value + std::string(behind)), value.size()) << value;
    }
  }
}

TEST(JsonText, FindsTheMembersThatTheCursorMeets) {
  std::mt19937 random(4);  // NOLINT(cert-msc51-cpp): the same objects each time
  for (int round = 0; round < 2'000; ++round) {
    std::string object = "{";
    for (std::size_t i = 0; i < 4; ++i) {
      object +=
          (i == 0 ? "\"" : " , \"") + std::to_string(i) + (i == 2 ? "\\u0062\\\\" : "a") + "\" : ";
      object += random_value(random, 2);
    }
    object += "}";
    ASSERT_TRUE(validate_json(object)) << object;
    JsonMemberCursor members(object);
    for (const std::string_view met : {"0a", "1a", "2b\\", "3a"}) {
      const auto member = members.next();
      ASSERT_TRUE(member && member->name.equals(met));
      const auto value = member_value(object, met);
      ASSERT_TRUE(value) << met << " in " << object;
      EXPECT_EQ(value->data(), member->value.data());
      EXPECT_EQ(value->size(), member->value.size());
    }
    for (const std::string_view absent : {"", "0", "0aa", "2\\u0062\\\\", "2b", "a"}) {
      EXPECT_FALSE(member_value(object, absent)) << absent;
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
