#include "formats/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coffer::formats {
namespace {

using testing::ElementsAre;
using testing::Pair;

JsonView parsed(std::string_view text) {
  auto view = JsonView::parse(text);
  EXPECT_TRUE(view) << text;
  return view.value_or(JsonView());
}

TEST(JsonView, KnowsItsKindAndText) {
  const std::vector<std::pair<std::string_view, JsonKind>> cases{{"null", JsonKind::null},
                                                                 {"true", JsonKind::boolean},
                                                                 {"false", JsonKind::boolean},
                                                                 {"-1.50", JsonKind::number},
                                                                 {"\"x\"", JsonKind::string},
                                                                 {"[ 1]", JsonKind::array},
                                                                 {"{ }", JsonKind::object}};
  for (const auto& [text, kind] : cases) {
    const std::string spaced = " " + std::string(text) + "\n";
    const JsonView view = parsed(spaced);
    EXPECT_EQ(view.kind(), kind) << text;
    EXPECT_EQ(view.raw(), text);
  }
}

TEST(JsonView, DefaultIsNull) {
  EXPECT_TRUE(JsonView().is_null());
  EXPECT_EQ(JsonView().raw(), "null");
}

TEST(JsonView, FindsMembersBetweenNestedValues) {
  const JsonView view = parsed(
      R"({ "s" : "]}\"," , "o" : {"x":{"y":"}"}}, "a":[1,[2,"]"],{"n":0}] ,"n":-12 , "t":true})");
  EXPECT_EQ(view.find("s")->raw(), R"("]}\",")");
  EXPECT_EQ(view.find("o")->find("x")->find("y")->raw(), R"("}")");
  EXPECT_EQ(view.find("a")->raw(), R"([1,[2,"]"],{"n":0}])");
  EXPECT_EQ(view.find("n")->raw(), "-12");
  EXPECT_EQ(view.find("t")->raw(), "true");
  EXPECT_FALSE(view.find("x"));
  EXPECT_FALSE(view.find(""));
  EXPECT_FALSE(parsed("[1]").find("0"));
}

TEST(JsonView, FindComparesUnescapedNames) {
  const JsonView view = parsed(R"({"a\u0062\n":1,"\ud834\udd1e":2,"\"":3,"\u0000":4})");
  EXPECT_EQ(view.find("ab\n")->raw(), "1");
  EXPECT_EQ(view.find("\xf0\x9d\x84\x9e")->raw(), "2");
  EXPECT_EQ(view.find("\"")->raw(), "3");
  EXPECT_EQ(view.find(std::string_view("\0", 1))->raw(), "4");
  EXPECT_FALSE(view.find("ab"));
  EXPECT_FALSE(view.find("ab\nc"));
  EXPECT_FALSE(view.find("a\\u0062\\n"));
}

TEST(JsonView, FindValueTreatsNullAsAbsent) {
  const JsonView view = parsed(R"({"a":null,"b":0})");
  EXPECT_TRUE(view.find("a"));
  EXPECT_FALSE(view.find_value("a"));
  EXPECT_TRUE(view.find_value("b"));
}

TEST(JsonView, ListsMembersAndElementsInOrder) {
  const JsonView view = parsed(R"({"z":1,"a\t":[ "x" , {} ,null]})");
  const auto members = view.members();
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].first, "z");
  EXPECT_EQ(members[1].first, "a\t");
  const auto elements = members[1].second.elements();
  ASSERT_EQ(elements.size(), 3U);
  EXPECT_EQ(elements[0].raw(), "\"x\"");
  EXPECT_EQ(elements[1].raw(), "{}");
  EXPECT_TRUE(elements[2].is_null());
  EXPECT_TRUE(view.elements().empty());
  EXPECT_TRUE(members[1].second.members().empty());
  EXPECT_TRUE(parsed("{}").members().empty());
  EXPECT_TRUE(parsed("[ ]").elements().empty());
}

TEST(JsonView, UnescapesStrings) {
  const JsonView view = parsed(R"("a\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00z")");
  const std::string expected = "a\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
  EXPECT_EQ(*view.string(), expected);
  EXPECT_EQ(view.secret_string()->text(), expected);
  EXPECT_EQ(*parsed(R"("")").string(), "");
  EXPECT_EQ(*parsed(R"("\u0000")").string(), std::string(1, '\0'));
}

TEST(JsonView, ReadsIntegersExactly) {
  EXPECT_EQ(*parsed("0").integer(), 0);
  EXPECT_EQ(*parsed("-0").integer(), 0);
  EXPECT_EQ(*parsed("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(*parsed("-9223372036854775808").integer(), INT64_MIN);
  for (const std::string_view text : {"9223372036854775808",
                                      "-9223372036854775809",
                                      "1.0",
                                      "1e3",
                                      "1.5",
                                      "\"1\"",
                                      "true",
                                      "null"}) {
    EXPECT_EQ(parsed(text).integer().error().code, Code::invalid_argument) << text;
  }
}

TEST(JsonView, TypedReadsRefuseOtherKinds) {
  EXPECT_TRUE(*parsed("true").boolean());
  EXPECT_FALSE(*parsed("false").boolean());
  EXPECT_FALSE(parsed("1").boolean());
  EXPECT_FALSE(parsed("null").boolean());
  EXPECT_FALSE(parsed("1").string());
  EXPECT_FALSE(parsed("[\"a\"]").secret_string());
}

TEST(JsonView, BigNumbersKeepTheirText) {
  EXPECT_EQ(parsed(R"({"n":1234567890123456789012345678901234567890})").find("n")->raw(),
            "1234567890123456789012345678901234567890");
}

std::string merged(std::string_view target, std::string_view patch) {
  auto out = merge_patch(parsed(target), parsed(patch));
  return out ? std::string(out->text()) : out.error().message;
}

TEST(MergePatch, ExamplesOfTheRfc) {
  // Target, patch, result: the cases of RFC 7396 appendix A.
  struct Case {
    std::string_view target, patch, result;
  };

  for (const Case& c : std::vector<Case>{
           {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
           {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
           {R"({"a":"b"})", R"({"a":null})", R"({})"},
           {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
           {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
           {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
           {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
           {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
           {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
           {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
           {R"({"a":"foo"})", "null", "null"},
           {R"({"a":"foo"})", R"("bar")", R"("bar")"},
           {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
           {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
           {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}}) {
    EXPECT_EQ(merged(c.target, c.patch), c.result) << c.target << " + " << c.patch;
  }
}

TEST(MergePatch, NullTargetIsAbsent) {
  EXPECT_EQ(merged("null", R"({"a":1,"b":null})"), R"({"a":1})");
}

TEST(MergePatch, MatchesNamesAcrossSpellingsAndCompacts) {
  EXPECT_EQ(merged(R"({ "a" : [ 1 , " x " ] , "b" : 1e2 , "c": {"d": 1 } })",
                   R"({"\u0062":null, "e" : "é" , "c": { "\u0064" : 2 } })"),
            R"({"a":[1," x "],"c":{"d":2},"e":"é"})");
}

TEST(MergePatch, RefusesAResultBeyondTheLimits) {
  const auto object = [](std::string_view prefix) {
    std::string text = "{";
    for (int i = 0; i < 60'000; ++i) {
      text += (i == 0 ? "\"" : ",\"") + std::string(prefix) + std::to_string(i) + "\":0";
    }
    return text + "}";
  };
  const std::string a = object("a");
  const std::string b = object("b");
  EXPECT_TRUE(merge_patch(parsed(a), parsed(a)));
  EXPECT_FALSE(merge_patch(parsed(a), parsed(b)));
}

}  // namespace
}  // namespace coffer::formats
