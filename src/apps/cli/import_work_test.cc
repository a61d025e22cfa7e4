// import: what it asks of the server, and what a second run does.
#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace coffer::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::filesystem::path folder_;
  std::string file_;
};

constexpr std::string_view kHead = R"(POST /api/v1/secrets/bulk {"mount":"secret","secrets":[)";

TEST_F(ImportRun, WritesInBulkAndLeavesNothingBehind) {
  FakeWorld world;
  world.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","version":1}]})");
  EXPECT_EQ(world.run({"import", file_}), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.script.requests,
              ElementsAre(std::string(kHead) + R"({"path":"A","data":{"value":"1"},"cas":0},)"
                                               R"({"path":"B","data":{"value":"2"},"cas":0}]})"));
  EXPECT_THAT(world.terminal.output, HasSubstr("2 written"));
  EXPECT_THAT(files(), ElementsAre("x.env"));
}

TEST_F(ImportRun, AsksTheServerForWhatAnEarlierRunWrote) {
  FakeWorld first;
  first.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","error":"refused"}]})");
  first.answer(404, R"({"errors":[]})");
  EXPECT_EQ(first.run({"import", file_}), kExitError);
  EXPECT_THAT(files(), ElementsAre("x.env"));
  FakeWorld second;  // a server that lost A
  second.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","version":1}]})");
  EXPECT_EQ(second.run({"import", file_}), kExitOk);
  EXPECT_THAT(second.script.requests, ElementsAre(HasSubstr(R"("secrets":[{"path":"A")")));
  EXPECT_THAT(second.terminal.output, HasSubstr("2 written"));
}

TEST_F(ImportRun, TakesAnEqualSecretForWritten) {
  FakeWorld world;
  world.answer(200,
               R"({"results":[{"path":"A","version":1},{"path":"B","error":"check-and-set"}]})");
  world.answer(200, R"({"data":{"data":{"value":"\u0032"},"metadata":{}}})");
  EXPECT_EQ(world.run({"import", file_}), kExitOk);
  EXPECT_THAT(world.terminal.output, HasSubstr("1 written, 1 there already, 0 failed"));
}

TEST_F(ImportRun, OverwritesOnlyWhatDiffers) {
  FakeWorld world;
  world.answer(200, R"({"data":{"data":{"value":"1"},"metadata":{}}})");
  world.answer(200, R"({"data":{"data":{"value":"old"},"metadata":{}}})");
  world.answer(200, R"({"results":[{"path":"B","version":2}]})");
  EXPECT_EQ(world.run({"import", "--overwrite", file_}), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.script.requests,
              ElementsAre("GET /v1/secret/data/A",
                          "GET /v1/secret/data/B",
                          std::string(kHead) + R"({"path":"B","data":{"value":"2"}}]})"));
  EXPECT_THAT(world.terminal.output, HasSubstr("1 written, 1 there already, 0 failed"));
}

TEST_F(ImportRun, OverwritesWhatItMayNotRead) {
  FakeWorld world;
  world.answer(403, R"({"errors":["permission denied"]})");
  world.answer(404, R"({"errors":[]})");
  world.answer(200, R"({"results":[{"path":"A","version":7},{"path":"B","version":1}]})");
  EXPECT_EQ(world.run({"import", "--overwrite", file_}), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.terminal.output, HasSubstr("2 written, 0 there already, 0 failed"));
}

TEST_F(ImportRun, SendsOneByOneWhatIsRefusedTogether) {
  for (const int status : {400, 403, 413}) {
    FakeWorld world;
    world.answer(status, R"({"errors":["refused"]})");
    world.answer(200, R"({"results":[{"path":"A","version":1}]})");
    world.answer(status, R"({"errors":["refused"]})");
    EXPECT_EQ(world.run({"import", file_}), kExitError) << status;
    EXPECT_THAT(world.script.requests,
                ElementsAre(HasSubstr("A"),
                            std::string(kHead) + R"({"path":"A","data":{"value":"1"},"cas":0}]})",
                            std::string(kHead) + R"({"path":"B","data":{"value":"2"},"cas":0}]})"));
    EXPECT_THAT(world.terminal.output, HasSubstr("1 written, 0 there already, 1 failed"));
    EXPECT_THAT(world.terminal.errors, HasSubstr("B: refused"));
  }
}

TEST_F(ImportRun, EndsAsTheServerSaysWhereNothingCouldBeWritten) {
  FakeWorld world;
  world.answer(403, R"({"errors":["permission denied"]})");
  EXPECT_EQ(world.run({"import", file_}), kExitDenied);
  EXPECT_THAT(world.script.requests, testing::SizeIs(3));
  FakeWorld sealed;
  sealed.answer(503, R"({"errors":["Vault is sealed"]})");
  EXPECT_EQ(sealed.run({"import", file_}), kExitUnavailable);
  EXPECT_THAT(sealed.script.requests, testing::SizeIs(1));
}

TEST_F(ImportRun, NamesAPathThatTheServerWouldRefuseAndSendsNothing) {
  const std::string wide(256, 'n');
  std::string deep = "1";
  for (int i = 0; i < 32; ++i) deep = R"({"d":)" + deep + "}";
  for (const std::string& text : std::vector<std::string>{
           R"({"good":1,")" + wide + R"(":1})", "{\"good\":1,\"x\u0085y\":1}", deep}) {
    const std::string file = (folder_ / "bad.json").string();
    std::ofstream(file) << text;
    FakeWorld world;
    world.answer(200, R"({"results":[]})");
    EXPECT_EQ(world.run({"import", "--prefix", "pre", file}), kExitUsage) << text;
    EXPECT_THAT(world.terminal.errors, HasSubstr("pre/"));
    EXPECT_THAT(world.script.requests, IsEmpty());
  }
}

TEST_F(ImportRun, DryRunAsksNothingOfTheServer) {
  FakeWorld world;
  EXPECT_EQ(world.run({"import", "--dry-run", "--prefix", "a.b", file_}), kExitOk);
  EXPECT_EQ(world.terminal.output, "secret/a/b/A\nsecret/a/b/B\n");
  EXPECT_TRUE(world.script.requests.empty());
}

TEST_F(ImportRun, WhatTheServerSaysCannotSpeakToTheTerminal) {
  FakeWorld world;
  world.answer(200, R"({"results":[{"path":"A","version":1},{"path":"B","error":"\u001b[2J"}]})");
  world.answer(404, R"({"errors":[]})");
  EXPECT_EQ(world.run({"import", file_}), kExitError);
  EXPECT_THAT(world.terminal.errors, HasSubstr("B: \\x1b[2J"));
  EXPECT_THAT(world.terminal.errors, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace coffer::cli
