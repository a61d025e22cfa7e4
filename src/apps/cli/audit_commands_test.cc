// audit search, export and verify: what they ask for and what they leave behind.
#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace coffer::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class AuditCommands : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("coffer-audit-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    out_ = (folder_ / "log.bin").string();
  }

  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string text_of(const std::string& file) const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  std::string out_;
};

TEST_F(AuditCommands, SearchEndsWhereTheLogEndedWhenItWasAsked) {
  FakeWorld world;  // every request is an event, and the next page would hold it
  world.answer(200, R"({"events":[{"sequence":1},{"sequence":2}],"next":2,"more":false})");
  world.answer(200, R"({"events":[{"sequence":3}],"next":3,"more":false})");
  EXPECT_EQ(world.run({"audit", "search"}), kExitOk);
  EXPECT_THAT(world.script.requests, ElementsAre(HasSubstr("after=0&limit=100")));
}

TEST_F(AuditCommands, SearchGoesOnBehindAPageThatIsNotFullWhileThereIsMore) {
  FakeWorld world;  // of a long log a request looks at a part
  world.answer(200, R"({"events":[{}],"next":250000,"more":true})");
  world.answer(200, R"({"events":[],"next":500000,"more":true})");
  world.answer(200, R"({"events":[{}],"next":500007,"more":false})");
  EXPECT_EQ(world.run({"audit", "search", "--limit", "1000"}), kExitOk);
  EXPECT_THAT(world.script.requests,
              ElementsAre(HasSubstr("after=0&limit=500"),
                          HasSubstr("after=250000&limit=500"),
                          HasSubstr("after=500000&limit=500")));
}

TEST_F(AuditCommands, AFailedExportCanBeAskedForAgain) {
  FakeWorld world;
  world.answer(503, R"({"errors":["Vault is sealed"]})");
  world.answer(200, "the log");
  EXPECT_EQ(world.run({"audit", "export", "--out", out_}), kExitUnavailable);
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(world.run({"audit", "export", "--out", out_}), kExitOk) << world.terminal.errors;
  EXPECT_EQ(text_of(out_), "the log");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(fs::status(out_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AuditCommands, AnExportReplacesNothing) {
  std::ofstream(out_) << "mine";
  FakeWorld world;
  world.answer(200, "the log");
  EXPECT_EQ(world.run({"audit", "export", "--out", out_}), kExitConflict);
  EXPECT_EQ(text_of(out_), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(AuditCommands, VerifyMakesNoStoreWhereNoneIs) {
  const std::string key = (folder_ / "key.pem").string();
  constexpr std::string_view kKey =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
      "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
      "-----END PUBLIC KEY-----\n";
  std::ofstream(key) << kKey;
  const fs::path data = folder_ / "data";
  fs::create_directories(data);
  FakeWorld world;
  EXPECT_EQ(world.run({"audit", "verify", "--key", key, "--data", data.string()}), kExitNotFound);
  EXPECT_THAT(world.terminal.errors, HasSubstr("coffer.db"));
  EXPECT_TRUE(fs::is_empty(data));
}

}  // namespace
}  // namespace coffer::cli
