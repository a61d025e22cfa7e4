#include "apps/cli/import_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coffer::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines(const Result<ImportNode>& tree, ImportOptions options = {}) {
  if (!tree) return {"error: " + tree.error().message};
  const auto secrets = flatten(*tree, options);
  if (!secrets) return {"error: " + secrets.error().message};
  std::vector<std::string> out;
  for (const auto& secret : *secrets)
    out.push_back(secret.path + " " + std::string(secret.data.text()));
  return out;
}

TEST(ImportEnv, ReadsQuotesEscapesAndComments) {
  EXPECT_THAT(
      lines(parse_env("# x\nexport A=1 # c\nB=\"two\\n$Y\" # c\r\nC='li\nt\\n'\nD=\nE= x#y \n"),
            {.prefix = "app", .group = false}),
      ElementsAre(R"(app/A {"value":"1"})",
                  R"(app/B {"value":"two\n$Y"})",
                  R"(app/C {"value":"li\nt\\n"})",
                  R"(app/D {"value":""})",
                  R"(app/E {"value":"x#y"})"));
}

TEST(ImportEnv, ACommentBeginsBehindABlankOnly) {
  EXPECT_THAT(lines(parse_env("A=#value\nB= #comment\nC=\t# comment\nD=#\nE=x #c\nF==#v#w\n")),
              ElementsAre(R"(A {"value":"#value"})",
                          R"(B {"value":""})",
                          R"(C {"value":""})",
                          R"(D {"value":"#"})",
                          R"(E {"value":"x"})",
                          R"(F {"value":"=#v#w"})"));
}

TEST(ImportEnv, RefusesBackTicksAroundAValueAndNamesTheLine) {
  for (const std::string text : {"A=1\nB=`x`\n", "A=1\nB= `x\ny`\n"}) {
    EXPECT_THAT(lines(parse_env(text)), ElementsAre(HasSubstr("error: line 2: "))) << text;
  }
  EXPECT_THAT(lines(parse_env("A='`x`'\nB=x`y\n")),
              ElementsAre(R"(A {"value":"`x`"})", R"(B {"value":"x`y"})"));
}

TEST(ImportEnv, ErrorsNeverShowAValue) {
  for (const std::string text : {"A=`hunter2`", "A='hunter2", "A='hunter2'hunter2", "hunter2 x"}) {
    const auto tree = parse_env(text);
    ASSERT_FALSE(tree) << text;
    EXPECT_EQ(tree.error().message.find("hunter2"), std::string::npos) << text;
  }
}

TEST(ImportEnv, RefusesWhatIsNoAssignment) {
  for (const std::string text : {"A", "=1", "A B=1", "A=\"x", "A='x' y", "A=1\nA=2"}) {
    EXPECT_THAT(lines(parse_env(text)), ElementsAre(HasSubstr("error: line"))) << text;
  }
}

TEST(ImportJson, TurnsMapsIntoPathsAndKeepsValuesAsWritten) {
  const std::string text = R"({"b":{"n":1.50,"l":[1,{"x":2}]},"a":"s","z":null})";
  EXPECT_THAT(lines(parse_json(text)),
              ElementsAre(R"(a {"value":"s"})",
                          R"(b/l {"value":[1,{"x":2}]})",
                          R"(b/n {"value":1.50})",
                          R"(z {"value":null})"));
  EXPECT_THAT(
      lines(parse_json(text), {.prefix = "", .group = true}),
      ElementsAre(R"(a {"value":"s"})", R"(b {"l":[1,{"x":2}],"n":1.50})", R"(z {"value":null})"));
}

TEST(ImportJson, ReadsBehindAByteOrderMark) {
  EXPECT_THAT(lines(parse_json("\xef\xbb\xbf"
                               R"({"a":1})")),
              ElementsAre(R"(a {"value":1})"));
}

TEST(ImportJson, TakesAHundredThousandSecretsOfFiveFields) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) {
    text += (i > 0 ? ",\"s" : "\"s") + std::to_string(i) + R"(":{"a":1,"b":2,"c":3,"d":4,"e":5})";
  }
  const auto tree = parse_json(text + "}");
  ASSERT_TRUE(tree) << tree.error().message;
  const auto secrets = flatten(*tree, {.prefix = "", .group = true});
  ASSERT_TRUE(secrets) << secrets.error().message;
  EXPECT_EQ(secrets->size(), 100'000U);
}

TEST(ImportJson, RefusesNamesThatAreNoSegments) {
  for (const std::string text :
       {R"({"a/b":1})", R"({"":1})", R"({"..":1})", R"([1])", R"({"a":1,"a":2})"}) {
    EXPECT_THAT(lines(parse_json(text)), ElementsAre(HasSubstr("error:"))) << text;
  }
}

TEST(ImportYaml, KeepsScalarsAsWritten) {
  EXPECT_THAT(lines(parse_yaml("db:\n  pin: 0123\n  on: yes\n  none: ~\n  q: \"null\"\n"
                               "  list: [a, {k: v}]\n")),
              ElementsAre(R"(db/list {"value":["a",{"k":"v"}]})",
                          R"(db/none {"value":null})",
                          R"(db/on {"value":"yes"})",
                          R"(db/pin {"value":"0123"})",
                          R"(db/q {"value":"null"})"));
}

TEST(ImportYaml, RefusesWhatCouldSurprise) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& text : {std::string("a: &x 1\nb: *x\n"),
                                  std::string("a: !!str 1\n"),
                                  std::string("a: 1\na: 2\n"),
                                  std::string("a: 1\n---\nb: 2\n"),
                                  std::string("? [x]\n: 1\n"),
                                  std::string("- 1\n"),
                                  std::string("a: [{k: 1, k: 2}]\n"),
                                  std::string("a: \xff\n"),
                                  "a: " + deep,
                                  std::string("just text\n")}) {
    EXPECT_THAT(lines(parse_yaml(text)), ElementsAre(HasSubstr("error:"))) << text;
  }
}

TEST(ImportYaml, NamesTheLineAndNeverTheText) {
  const auto tree = parse_yaml("a: 1\nb: \"canary");
  ASSERT_FALSE(tree);
  EXPECT_THAT(tree.error().message, HasSubstr("line "));
  EXPECT_EQ(tree.error().message.find("canary"), std::string::npos);
}

TEST(ImportYaml, RefusesAQuoteThatNothingCloses) {
  const std::string named = "error: line 2: a quote is not closed before the end of the file";
  for (const std::string text : {"a: 1\nb: \"x",
                                 "a: 1\nb: \"x\n",
                                 "a: 1\nb: 'x\n",
                                 "a: 1\nb: 'x''\n",
                                 "a: 1\nb: \"x\n  # y\n\n",
                                 "a: 1\nb: \"x\\\"\n",
                                 "a: 1\nb: \"x\n\nc: 2\n",
                                 "a: 1\nb: \"x\n\nc: 2",
                                 "a: 'y'\r\nb: \"x\r\n",
                                 "\xef\xbb\xbf"
                                 "a: 'y'\nb: \"\xc3\xa4\n",
                                 "a: 1\nb: ! \"x\n"}) {
    EXPECT_THAT(lines(parse_yaml(text)), ElementsAre(named)) << text;
  }
  EXPECT_THAT(lines(parse_yaml("a: 'x''y'\nb: \"\\\"\"\nc: |\n  \"\nd: it's\ne: [\"z\"]\n")),
              ElementsAre(R"(a {"value":"x'y"})",
                          R"(b {"value":"\""})",
                          R"(c {"value":"\"\n"})",
                          R"(d {"value":"it's"})",
                          R"(e {"value":["z"]})"));
}

TEST(ImportYaml, ReadsBehindAByteOrderMarkAndRefusesNul) {
  const std::string mark = "\xef\xbb\xbf";
  EXPECT_THAT(lines(parse_yaml(mark + "a: \"\xc3\xa4\"\n")),
              ElementsAre("a {\"value\":\"\xc3\xa4\"}"));
  const std::string utf16("a\0:\0 \0001\0\n\0", 10);
  EXPECT_THAT(lines(parse_yaml(utf16)), ElementsAre("error: the file holds NUL"));
}

}  // namespace
}  // namespace coffer::cli
