#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"
#include "apps/cli/import_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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

class ImportRun : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("coffer-import-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    file_ = (folder_ / "x.env").string();
    std::ofstream(file_) << "A=1\nB=2\n";
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] bool journal_exists() const {
    return std::filesystem::exists(file_ + ".coffer-import");
  }

  std::filesystem::path folder_;
  std::string file_;
};

TEST_F(ImportRun, WritesInBulkAndLeavesNoJournal) {
  FakeWorld world;
  world.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","version":1}]})");
  EXPECT_EQ(world.run({"import", file_}), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.script.requests,
              ElementsAre(R"(POST /api/v1/secrets/bulk {"mount":"secret","secrets":[)"
                          R"({"path":"A","data":{"value":"1"},"cas":0},)"
                          R"({"path":"B","data":{"value":"2"},"cas":0}]})"));
  EXPECT_THAT(world.terminal.output, HasSubstr("2 written"));
  EXPECT_FALSE(journal_exists());
}

TEST_F(ImportRun, GoesOnBehindWhatTheJournalNames) {
  FakeWorld first;
  first.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","error":"refused"}]})");
  first.answer(404, R"({"errors":[]})");
  EXPECT_EQ(first.run({"import", file_}), kExitError);
  ASSERT_TRUE(journal_exists());
  std::ofstream(file_ + ".coffer-import", std::ios::app) << "half a li";
  FakeWorld second;
  second.answer(200, R"({"results":[{"path":"B","version":1}]})");
  EXPECT_EQ(second.run({"import", file_}), kExitOk);
  EXPECT_THAT(second.script.requests, ElementsAre(HasSubstr(R"("secrets":[{"path":"B")")));
  EXPECT_FALSE(journal_exists());
}

TEST_F(ImportRun, TakesAnEqualSecretForWritten) {
  FakeWorld world;
  world.answer(200,
               R"({"results":[{"path":"A","version":1},{"path":"B","error":"check-and-set"}]})");
  world.answer(200, R"({"data":{"data":{"value":"\u0032"},"metadata":{}}})");
  EXPECT_EQ(world.run({"import", file_}), kExitOk);
  EXPECT_THAT(world.terminal.output, HasSubstr("1 written, 1 there already, 0 failed"));
}

TEST_F(ImportRun, JournalIsPrivateAndHoldsNoValue) {
  std::ofstream(file_) << "A=canary-value\nB=2\n";
  FakeWorld world;
  world.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","error":"no"}]})");
  world.run({"import", file_});
  std::ifstream in(file_ + ".coffer-import");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text.find("canary"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(file_ + ".coffer-import").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ImportRun, DryRunAsksNothingOfTheServer) {
  FakeWorld world;
  EXPECT_EQ(world.run({"import", "--dry-run", "--prefix", "a.b", file_}), kExitOk);
  EXPECT_EQ(world.terminal.output, "secret/a/b/A\nsecret/a/b/B\n");
  EXPECT_TRUE(world.script.requests.empty());
}

}  // namespace
}  // namespace coffer::cli
