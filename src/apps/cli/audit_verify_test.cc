#include "apps/cli/audit_verify.h"

#include "apps/cli/exit_code.h"
#include "apps/cli/fake_world.h"
#include "domain/audit/retention_world.h"
#include "domain/audit/store_filler.h"
#include "store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace coffer::cli {
namespace {

namespace fs = std::filesystem;
using domain::SampleStore;
using testing::HasSubstr;

constexpr int kDoesNotHold = 7;

// Two months in an archive, and the data folder of a server whose log begins behind them.
class AuditVerify : public testing::Test {
 protected:
  AuditVerify() {
    std::string name = fs::temp_directory_path() / "coffer-verify-XXXXXX";
    folder = ::mkdtemp(name.data());
    early_head = proof::head_text(*server.sample.world.committer->head());
    server.drop_two_months();
    for (const auto& row : server.partitions()) {
      files.push_back(folder / *row.file);
      if (!row.file->empty()) save(files.back(), server.archive.files.at(*row.file));
    }
    fs::create_directory(folder / "data");
    store::SqliteOptions options;
    options.path = folder / "data" / "coffer.db";
    const auto copy = work::TestWorld::value(store::open_sqlite_store(std::move(options)));
    domain::StoreFiller filler(*copy);
    SampleStore::check(
        server.store().visit({[&](store::LogId log, const store::LogRecord& record) {
                                return filler.record(log, record);
                              },
                              [&](const store::Put& row) { return filler.row(row); }}));
    SampleStore::check(filler.finish());
    key = server.sample.world.keyring->audit_key().public_key().pem();
    head = proof::head_text(*server.sample.world.committer->head());
  }

  ~AuditVerify() override { fs::remove_all(folder); }

  AuditVerify(const AuditVerify&) = delete;
  AuditVerify& operator=(const AuditVerify&) = delete;

  static void save(const fs::path& path, const Bytes& octets) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << as_text(octets);
  }

  // The exit code; what was printed is in the world's terminal.
  int verify(const std::vector<std::string>& pieces, const std::string& witness) {
    std::vector<std::string> words{"audit", "verify", "--key", key};
    if (!witness.empty()) words.insert(words.end(), {"--head", witness});
    words.insert(words.end(), pieces.begin(), pieces.end());
    world.terminal.output.clear();
    world.terminal.errors.clear();
    return world.run(words);
  }

  [[nodiscard]] std::string data() const { return (folder / "data").string(); }

  domain::RetentionWorld server;
  fs::path folder;
  std::vector<std::string> files;
  std::string early_head;
  std::string key;
  std::string head;
  FakeWorld world;
};

TEST_F(AuditVerify, TakesTheMonthsOfAnArchiveAndTheLogBehindThemAsOneLog) {
  EXPECT_EQ(verify({"--file", files[0], "--file", files[1], "--data", data()}, head), kExitOk)
      << world.terminal.errors;
  EXPECT_THAT(world.terminal.output, HasSubstr("The log holds: "));
  EXPECT_EQ(world.terminal.errors, "");
  EXPECT_EQ(verify({"--file", files[0], "--file", files[1], "--data", data()}, early_head), kExitOk)
      << "a head that was printed before the archive's end";
}

TEST_F(AuditVerify, PassesOverWhatWasVerifiedAlready) {
  // The third month is in the archive and still in the store.
  ASSERT_GE(files.size(), 3U);
  ASSERT_TRUE(fs::exists(files[2]));
  EXPECT_EQ(
      verify({"--file", files[0], "--file", files[1], "--file", files[2], "--data", data()}, head),
      kExitOk)
      << world.terminal.errors;
}

TEST_F(AuditVerify, SaysWhereALogBeginsThatHasItsBeginningElsewhere) {
  EXPECT_EQ(verify({"--data", data()}, head), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.terminal.errors, HasSubstr("it begins with event 8"));
  EXPECT_EQ(verify({"--data", data(), "--format", "json"}, head), kExitOk);
  EXPECT_THAT(world.terminal.output, HasSubstr(R"("first": 8)"));
  EXPECT_EQ(verify({"--file", files[1]}, ""), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.terminal.errors, HasSubstr("it begins with event 7"));
}

TEST_F(AuditVerify, SaysThatAHeadIsOlderThanTheStart) {
  EXPECT_NE(verify({"--data", data()}, early_head), kExitOk);
  EXPECT_THAT(world.terminal.errors, HasSubstr("before the start of this log at event 8"));
  EXPECT_THAT(world.terminal.errors, HasSubstr("verify the archive"));
}

TEST_F(AuditVerify, NamesAFileThatIsMissingRepeatedOrEdited) {
  EXPECT_EQ(verify({"--file", files[0], "--data", data()}, head), kDoesNotHold);
  EXPECT_THAT(world.terminal.errors, HasSubstr("event 7: missing"));
  EXPECT_EQ(verify({"--file", files[1], "--file", files[0], "--data", data()}, head), kExitOk)
      << "an older file adds nothing: " << world.terminal.errors;
  Bytes edited = server.archive.files.at(*server.partitions().at(1).file);
  edited.at(edited.size() - 200) ^= 1;
  save(files[1], edited);
  EXPECT_EQ(verify({"--file", files[0], "--file", files[1], "--data", data()}, head), kDoesNotHold);
  EXPECT_THAT(world.terminal.errors, HasSubstr("event 7"));
}

// A log cut at a batch whose signed head is known, as somebody does who owns the disk.
TEST_F(AuditVerify, NamesAStoreThatWasCutWithoutAnEventThatSaysSo) {
  auto logs = server.logs();
  const auto cut = proof::batch_head(logs.at(rows::kAuditLog).at(0)).value();
  fs::create_directory(folder / "cut");
  {
    store::SqliteOptions options;
    options.path = folder / "cut" / "coffer.db";
    const auto store = work::TestWorld::value(store::open_sqlite_store(std::move(options)));
    domain::StoreFiller filler(*store);
    SampleStore::check(proof::write_ledger(
                           {},
                           cut,
                           [&](std::uint32_t part, ByteView record) -> Result<> {
                             return filler.record(rows::kLedgerLog, {part, to_bytes(record)});
                           }).has_value()
                           ? Result<>()
                           : fail(Code::internal, "no ledger"));
    const auto& log = logs.at(rows::kAuditLog);
    for (std::size_t i = 1; i < log.size(); ++i) {
      SampleStore::check(filler.record(rows::kAuditLog, {i, log[i]}));
    }
    SampleStore::check(filler.finish());
  }
  EXPECT_EQ(verify({"--data", (folder / "cut").string()}, head), kDoesNotHold);
  EXPECT_THAT(world.terminal.errors, HasSubstr("no event says"));
}

TEST(AuditPartitions, AreShownAsATable) {
  FakeWorld world;
  world.answer(200,
               R"({"begins":8,"partitions":[{"month":"2023-11","first":1,"last":6,)"
               R"("state":"dropped","octets":4096,"file":"audit-00-2023-11-1-6.export"}]})");
  EXPECT_EQ(world.run({"audit", "partitions"}), kExitOk) << world.terminal.errors;
  EXPECT_THAT(world.terminal.output, HasSubstr("2023-11"));
  EXPECT_THAT(world.terminal.output, HasSubstr("dropped"));
  EXPECT_THAT(world.terminal.output, HasSubstr("The log begins with event 8."));
  EXPECT_THAT(world.script.requests, testing::ElementsAre("GET /api/v1/audit/partitions"));
}

}  // namespace
}  // namespace coffer::cli
