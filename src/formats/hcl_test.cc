#include "formats/hcl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The tree in one line, for comparison: key "label"={...} and so on.
std::string show(const HclValue& value) {
  switch (value.kind) {
    case HclKind::string:
      return "'" + value.text + "'";
    case HclKind::number:
    case HclKind::boolean:
      return value.text;
    case HclKind::list: {
      std::string out = "[";
      for (const auto& element : value.list) out += show(element) + ",";
      return out + "]";
    }
    case HclKind::object: {
      std::string out = "{";
      for (const auto& item : value.items) {
        out += item.key;
        for (const auto& label : item.labels) out += " <" + label + ">";
        out += "=" + show(item.value) + ";";
      }
      return out + "}";
    }
  }
  return "?";
}

struct Accept {
  std::string_view text;
  std::string_view tree;
};

TEST(Hcl, ReadsWhatPoliciesAreWrittenIn) {
  const Accept cases[] = {
      {"", "{}"},
      {" # nothing\n// here\n/* at\nall */ ", "{}"},
      {"path \"secret/*\" { policy = \"write\" }", "{path <secret/*>={policy='write';};}"},
      {"path \"a\" {\n  capabilities = [\"read\", \"list\",]\n}",
       "{path <a>={capabilities=['read','list',];};}"},
      {"path \"a\" { allowed_parameters = { \"k\" = [\"a\"], b = [] } }",
       "{path <a>={allowed_parameters={k=['a',];b=[];};};}"},
      {"path \"a\" { allowed_parameters { \"k\" = [] } }",
       "{path <a>={allowed_parameters={k=[];};};}"},
      {"a = 1 b = -2.5e+3 c = true d = false", "{a=1;b=-2.5e+3;c=true;d=false;}"},
      {"a = 0\nb = 0.5", "{a=0;b=0.5;}"},
      {"a = [[1], {b = 2}]", "{a=[[1,],{b=2;},];}"},
      {R"(a = "q\"b\\n\nt\tu\u00e9\U0001F511")", "{a='q\"b\\n\nt\tu\xC3\xA9\xF0\x9F\x94\x91';}"},
      {"a = <<EOF\none\n  two\nEOF\nb = 1", "{a='one\n  two\n';b=1;}"},
      {"a = <<-EOF\n    one\n      two\n    EOF\n", "{a='one\n  two\n';}"},
      {"a = <<-EOF\n  one\n    EOF\n", "{a='  one\n';}"},
      {"a = \"${x}\"", "{a='${x}';}"},
      {"a \"b\" \"c\" {}", "{a <b> <c>={};}"},
      {"a = 1 a = 2", "{a=1;a=2;}"},
      {"path \"a\" {}\r\npath \"b\" {}\r\n", "{path <a>={};path <b>={};}"},
  };
  for (const auto& [text, tree] : cases) {
    const auto parsed = parse_hcl(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(show(*parsed), tree) << text;
  }
}

TEST(Hcl, ReadsTheJsonSpelling) {
  const auto parsed = parse_hcl(R"( {"path": {"a/b": {"capabilities": ["read"], "n": 12}}} )");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(show(*parsed), "{path={a/b={capabilities=['read',];n=12;};};}");
  EXPECT_FALSE(parse_hcl(R"({"path": null})"));
  EXPECT_FALSE(parse_hcl(R"({"path": {}, "path": {}})"));
  EXPECT_FALSE(parse_hcl(R"({"path": )"));
}

TEST(Hcl, NamesThePlaceOfAnError) {
  const Accept cases[] = {
      {"path \"a\" {\n  x = ?\n}", "line 2, column 7: unexpected character"},
      {"a = ", "line 1, column 5: expected a value"},
      {"a", "line 1, column 2: expected \"=\" or \"{\""},
      {"a \"b\" = 1", "line 1, column 7: expected \"{\""},
      {"= 1", "line 1, column 1: expected a key"},
      {"a {", "line 1, column 4: expected a key"},
      {"a = [1 2]", "line 1, column 8: expected \",\" or \"]\""},
      {"a = [1", "line 1, column 7: expected \",\" or \"]\""},
      {"a = \"b", "line 1, column 7: string is not closed on its line"},
      {"a = \"b\n\"", "line 1, column 7: string is not closed on its line"},
      {"a = \"\\x41\"", "line 1, column 6: unknown escape"},
      {"a = \"\\ud800\"", "line 1, column 6: escape names no character"},
      {"a = \"\\u12\"", "line 1, column 6: malformed escape"},
      {"a = \"\x01\"", "line 1, column 6: control character in a string"},
      {"/* a", "line 1, column 1: comment is not closed"},
      {"a = <<EOF\nb\n", "line 3, column 1: heredoc is not closed"},
      {"a = <<\nb\n", "line 1, column 7: malformed heredoc"},
      {"a = 012", "line 1, column 5: number has a leading zero"},
      {"a = 1.", "line 1, column 7: malformed number"},
      {"a = -", "line 1, column 6: malformed number"},
      {"a = 1x", "line 1, column 6: malformed number"},
      {"a = yes", "line 1, column 5: expected a value"},
      {"a = 1 }", "line 1, column 7: expected a key"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_hcl(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::invalid_argument) << text;
    EXPECT_EQ(parsed.error().message, message) << text;
  }
}

TEST(Hcl, NeverRepeatsContentInErrors) {
  for (const std::string_view text :
       {"password = hunter2", "a = \"hunter2", "a = \"hunter2\" ?", "hunter2 hunter2 = 1"}) {
    const auto parsed = parse_hcl(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(Hcl, HoldsItsLimits) {
  const auto nested = [](std::size_t depth) {
    return "a = " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_hcl(nested(kMaxHclDepth - 1)));
  EXPECT_EQ(parse_hcl(nested(kMaxHclDepth)).error().code, Code::too_large);
  EXPECT_EQ(parse_hcl(nested(100'000)).error().code, Code::too_large);

  std::string json;
  for (std::size_t i = 0; i < kMaxHclDepth; ++i) json += R"({"a":)";
  EXPECT_EQ(parse_hcl(json + "1" + std::string(kMaxHclDepth, '}')).error().code, Code::too_large);

  EXPECT_TRUE(parse_hcl(std::string(kMaxHclSize, ' ')));
  EXPECT_EQ(parse_hcl(std::string(kMaxHclSize + 1, ' ')).error().code, Code::too_large);

  std::string many = "a = [";
  for (std::size_t i = 0; i < kMaxHclNodes; ++i) many += "1,";
  EXPECT_EQ(parse_hcl(many + "]").error().code, Code::too_large);

  EXPECT_FALSE(parse_hcl("a = \"\xff\""));
}

TEST(Hcl, CountsPositionsInBothSpellings) {
  const auto hcl = parse_hcl("\npath \"a\" {\n  b = 1\n}");
  ASSERT_TRUE(hcl);
  const HclItem& path = hcl->items.at(0);
  EXPECT_EQ(path.at, (TextPosition{2, 1}));
  EXPECT_EQ(path.value.items.at(0).at, (TextPosition{3, 3}));
  EXPECT_EQ(path.value.items.at(0).value.at, (TextPosition{3, 7}));
  const auto json = parse_hcl("\n{\"a\":\n  {\"b\": 1}}");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->items.at(0).value.items.at(0).value.at, (TextPosition{3, 9}));
}

}  // namespace
}  // namespace coffer::formats
