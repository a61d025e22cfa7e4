#include "formats/json_scan.h"

#include "formats/json.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

namespace coffer::formats {
namespace {

using namespace std::string_literals;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(JsonScan, Accepts) {
  const std::vector<std::string> accepted{
      "null",
      "true",
      "false",
      " \t\r\n0 \n",
      "0",
      "-0",
      "-1",
      "10",
      "123456789012345678901234567890",
      "0.0",
      "-0.1",
      "1.5e3",
      "1E3",
      "1e+3",
      "1e-3",
      "0e999999999999999999999",
      "0.000e400",
      "1e308",
      "1.7976931348623157e308",
      "17976931348623157" + repeat("0", 292),
      "0." + repeat("0", 400) + "1e700",
      "1e-400",
      "1e-99999999999999999999",
      repeat("1", 309),
      R"("")",
      R"("a")",
      R"("\"\\\/\b\f\n\r\t")",
      R"("\u0000")",
      R"("\u00e9\u00C9")",
      R"("\ud834\udd1e")",
      R"("\uDBFF\uDFFF")",
      R"("\uffff")",
      "\"\x7f\"",
      "\"\xc2\x80\"",
      "\"\xdf\xbf\"",
      "\"\xe0\xa0\x80\"",
      "\"\xed\x9f\xbf\"",
      "\"\xee\x80\x80\"",
      "\"\xf0\x90\x80\x80\"",
      "\"\xf4\x8f\xbf\xbf\"",
      "\"12345678\xc3\xa9 and some more plain text\"",
      "[]",
      "[ ]",
      "[1]",
      "[1,2]",
      "[ 1 , 2 ]",
      "[[],[[]],{}]",
      "{}",
      "{ }",
      R"({"a":1})",
      R"({ "a" : 1 , "b" : [ ] })",
      R"({"":0})",
      R"({"a":{"a":{"a":1}},"b":{"a":2}})",
      R"([{"a":1},{"a":2}])",
      R"({"a":1,"a\u0000":2,"A":3})",
      R"({"abcdefgh":1,"abcdefghi":2,"abcdefgi":3})",
  };
  for (const std::string& text : accepted) {
    const auto value = validate_json(text);
    EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().message);
  }
}

TEST(JsonScan, Refuses) {
  const std::vector<std::string> refused{
      // no value, or more than one
      "",
      " ",
      "\n",
      "1 2",
      "null null",
      "{}[]",
      "[]]",
      "{}}",
      "1,",
      "[1],",
      "nul",
      "nulll",
      "True",
      "NULL",
      "undefined",
      "NaN",
      "-NaN",
      "Infinity",
      "-Infinity",
      "a",
      "'a'",
      "// c\n1",
      "1 /* c */",
      "# c\n1",
      "\xef\xbb\xbf{}",
      "\0"s,
      "1\0"s,
      "\f1",
      "1\v",
      "\xc2\xa0"
      "1",
      // numbers
      "-",
      "+1",
      "+",
      "01",
      "-01",
      "00",
      "0x10",
      "1.",
      ".5",
      "-.5",
      "1.e3",
      "1e",
      "1e+",
      "1E-",
      "1e1.5",
      "1.2.3",
      "1_000",
      "1a",
      "0e",
      "--1",
      "1e400",
      "-1e400",
      "1e309",
      "1.8e308",
      "1.7976931348623159e308",
      "0.0001e313",
      repeat("9", 310),
      "1e99999999999999999999",
      "\xef\xbc\x91",
      // strings
      "\"",
      "\"a",
      "\"\\",
      "\"\\\"",
      R"("\a")",
      R"("\x41")",
      R"("\0")",
      R"("\u")",
      R"("\u12")",
      R"("\u12g4")",
      R"("\U0041")",
      R"("\ud800")",
      R"("\uDFFF")",
      R"("\udfff")",
      R"("\udc00")",
      R"("\ud800\ud800")",
      R"("\ud800\n")",
      R"("\ud800a")",
      R"("\ud800\u12")",
      R"("\ud800\u0041")",
      R"("\udbff")",
      "\"a\nb\"",
      "\"a\tb\"",
      "\"\x1f\"",
      "\"\0\""s,
      "\"\x80\"",
      "\"\xbf\"",
      "\"\xc0\x80\"",
      "\"\xc1\xbf\"",
      "\"\xc2\"",
      "\"\xc2",
      "\"\xe0\x80\x80\"",
      "\"\xe0\x9f\xbf\"",
      "\"\xe2\x82\"",
      "\"\xed\xa0\x80\"",
      "\"\xed\xbf\xbf\"",
      "\"\xf0\x80\x80\x80\"",
      "\"\xf0\x8f\xbf\xbf\"",
      "\"\xf4\x90\x80\x80\"",
      "\"\xf5\x80\x80\x80\"",
      "\"\xff\"",
      "\"1234567\x1f\"",
      "\"12345678\x01\"",
      // arrays
      "[",
      "]",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      "[,]",
      "[1,,2]",
      "[1 2]",
      "[1}",
      "[[]",
      "[1:2]",
      "[\"a\"",
      "[1;2]",
      // objects
      "{",
      "}",
      "{1:2}",
      "{a:1}",
      "{'a':1}",
      R"({"a"})",
      R"({"a":})",
      R"({"a":1,})",
      R"({,"a":1})",
      R"({"a":1,,"b":2})",
      R"({"a" 1})",
      R"({"a":1 "b":2})",
      R"({"a":1])",
      R"({"a":1)",
      R"({"a")",
      R"({"a"::1})",
      R"({:1})",
      R"({null:1})",
      R"({"a":1,2})",
      R"({"a":1:2})",
      // names used twice, in any spelling
      R"({"a":1,"a":1})",
      R"({"a":1,"b":2,"a":3})",
      R"({"a":1,"\u0061":1})",
      R"({"":1,"":1})",
      R"({"\/":1,"/":1})",
      R"([{"x":{"a":1,"a":2}}])",
      R"({"\ud834\udd1e":1,"𝄞":2})",
      R"({"long-name-1":1,"long-name-2":2,"long-name-1":3})",
      R"({"long-name-1":1,"long-name-\u0031":3})",
  };
  EXPECT_GE(refused.size(), 60U);
  for (const std::string& text : refused) {
    const auto value = validate_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, Code::invalid_argument);
  }
}

TEST(JsonScan, ErrorsGiveThePositionAndNoContent) {
  EXPECT_EQ(validate_json(R"({"password":hunter2})").error().message,
            "JSON: expected a value at byte 12");
  EXPECT_EQ(validate_json(R"({"key":1,"key":2})").error().message,
            "JSON: member name used twice at byte 10");
  EXPECT_EQ(validate_json("[1,2").error().message,
            "JSON: expected a comma or the closing bracket at byte 4");
  EXPECT_EQ(validate_json("[1,1e999]").error().message, "JSON: number out of range at byte 3");
  EXPECT_EQ(validate_json("[] x").error().message, "JSON: text after the value at byte 3");
}

TEST(JsonScan, TrimsTheValue) {
  EXPECT_EQ(*validate_json(" \n[1, 2]\t"), "[1, 2]");
}

TEST(JsonScan, LimitsDepth) {
  const auto arrays = [](std::size_t depth) { return repeat("[", depth) + repeat("]", depth); };
  const auto objects = [](std::size_t depth) {
    return repeat("{\"a\":", depth) + "1" + repeat("}", depth);
  };
  EXPECT_TRUE(validate_json(arrays(kMaxJsonDepth)));
  EXPECT_TRUE(validate_json(objects(kMaxJsonDepth)));
  EXPECT_FALSE(validate_json(arrays(kMaxJsonDepth + 1)));
  EXPECT_FALSE(validate_json(objects(kMaxJsonDepth + 1)));
  // Siblings do not add up.
  EXPECT_TRUE(validate_json("[" + repeat("[[]],", 500) + "1]"));
}

TEST(JsonScan, HostileDepthIsRefusedAtTheLimit) {
  // Also without any closing bracket: the depth is reported before the missing end.
  for (const std::string& text : {repeat("[", 100'000), repeat("{\"a\":", 100'000)}) {
    const auto value = validate_json(text);
    ASSERT_FALSE(value);
    EXPECT_TRUE(value.error().message.starts_with("JSON: nested too deep"))
        << value.error().message;
  }
}

TEST(JsonScan, LimitsTheNumberOfValues) {
  // The array itself is a value too.
  EXPECT_TRUE(validate_json("[" + repeat("0,", kMaxJsonNodes - 2) + "0]"));
  const auto over = validate_json("[" + repeat("0,", kMaxJsonNodes - 1) + "0]");
  ASSERT_FALSE(over);
  EXPECT_TRUE(over.error().message.starts_with("JSON: too many values")) << over.error().message;
}

std::string object_of(std::size_t members, std::string_view prefix) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) {
    text +=
        (i == 0 ? "\"" : ",\"") + std::string(prefix) + std::to_string(i * 7919 % members) + "\":0";
  }
  return text + "}";
}

TEST(JsonScan, TakesAnotherLimitOfValues) {
  const std::string many = "[" + repeat("0,", kMaxJsonNodes) + "0]";
  EXPECT_FALSE(validate_json(many));
  EXPECT_TRUE(validate_json(many, kMaxJsonNodes + 2));
  EXPECT_FALSE(validate_json("[1]", 1));
  EXPECT_TRUE(JsonView::parse(many, kMaxJsonNodes + 2));
  EXPECT_FALSE(JsonView::parse(many));
}

TEST(JsonScan, AMillionMembersAreTooMany) {
  const auto value = validate_json(object_of(1'000'000, "k"));
  ASSERT_FALSE(value);
  EXPECT_TRUE(value.error().message.starts_with("JSON: too many values"));
}

TEST(JsonScan, LargeObjectsAreNotQuadratic) {
  // Equal first octets and escapes defeat the shortcut of the name order. Quadratic work would be
  // 5e9 comparisons; the bound leaves room for unoptimised and sanitized builds.
  for (const std::string_view prefix : {"k", "a-common-prefix-of-all-the-names-", "escaped\\n--"}) {
    const std::string text = object_of(kMaxJsonNodes - 1, prefix);
    const std::clock_t start = std::clock();  // processor time: the machine may be busy
    EXPECT_TRUE(validate_json(text));
    EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
    const std::string twice =
        text.substr(0, text.size() - 2) + "[],\"" + std::string(prefix) + "5\":0}";
    EXPECT_FALSE(validate_json(twice));
  }
}

TEST(JsonScan, LongStrings) {
  const std::string content = repeat("0123456789", 100'000);
  EXPECT_EQ(validate_json("\"" + content + "\"")->size(), content.size() + 2);
  EXPECT_FALSE(validate_json("\"" + content));
  EXPECT_FALSE(validate_json("\"" + content + "\x01\""));
}

}  // namespace
}  // namespace coffer::formats
