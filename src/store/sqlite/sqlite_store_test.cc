#include "store/sqlite/sqlite_store.h"

#include "store/conformance.h"
#include "store/sqlite/temporary_store.h"

#include <sqlite3.h>

#include <fstream>
#include <sys/stat.h>
#include <utility>

namespace coffer::store {
namespace {

using sqlite::TemporaryStore;

// The directory lives as long as the store in it.
std::shared_ptr<Store> make_store() {
  struct Home {
    TemporaryStore directory;
    std::unique_ptr<Store> store = directory.open();
  };

  const auto home = std::make_shared<Home>();
  return {home, home->store.get()};
}

INSTANTIATE_TEST_SUITE_P(Sqlite,
                         StoreConformance,
                         testing::Values(StoreKind{"sqlite", &make_store}),
                         kind_name);

void commit_row(Store& store, std::string_view text, std::uint64_t sequence) {
  const auto batch = store.begin().value();
  Put row = put(text, sequence);
  row.index = {entry("entry")};
  ASSERT_EQ(batch->apply({{}, {row}, {}}).value(), Applied::yes);
  ASSERT_TRUE(batch->append(kLog, sequence, as_bytes("record")));
  ASSERT_TRUE(batch->commit());
}

Error open_error(const TemporaryStore& file) {
  const auto store = open_sqlite_store(file.options());
  return store ? Error{} : store.error();
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(raw);
  sqlite3_close(raw);
}

TEST(SqliteStore, KeepsEverythingAcrossReopening) {
  const TemporaryStore file;
  commit_row(*file.open(), "a", 1);
  const auto store = file.open();
  EXPECT_EQ(store->get(key("a")).value()->revision, 1U);
  EXPECT_EQ(store->query(kIndex, kTable, kRealm, {}, {}, 9).value().size(), 1U);
  commit_row(*store, "a", 2);
  EXPECT_EQ(store->read_log(kLog, 0, 9).value().size(), 2U);
}

TEST(SqliteStore, FollowsNoHintToAnotherRow) {
  const TemporaryStore file;
  const auto store = file.open();
  commit_row(*store, "a", 1);
  commit_row(*store, "b", 2);
  for (const std::string_view name : {"a", "b"}) ASSERT_TRUE(store->get(key(name)).value());
  run_sql(file.path(), "UPDATE item SET id = id + 1000; UPDATE item SET id = 1003 - id;");
  commit_row(*store, "c", 3);  // a new snapshot
  EXPECT_EQ(store->get(key("a")).value()->revision, 1U);
  EXPECT_EQ(store->get(key("b")).value()->revision, 2U);
  const auto batch = store->begin().value();
  ASSERT_EQ(batch->apply({{}, {put("b", 4)}, {key("a")}}).value(), Applied::yes);
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(store->get(key("a")).value(), std::nullopt);
  EXPECT_EQ(store->get(key("b")).value()->revision, 4U);
}

TEST(SqliteStore, WritesOverNoRowThatAHintNames) {
  const TemporaryStore file;
  const auto store = file.open();
  for (const std::string_view name : {"a", "b"}) {
    const auto batch = store->begin().value();
    ASSERT_EQ(batch->apply({{}, {put(name, 1)}, {}}).value(), Applied::yes);
    ASSERT_TRUE(batch->commit());
    ASSERT_TRUE(store->get(key(name)).value());
  }
  run_sql(file.path(), "UPDATE item SET id = id + 1000; UPDATE item SET id = 1003 - id;");
  const auto batch = store->begin().value();
  ASSERT_EQ(batch->apply({{}, {put("b", 2)}, {}}).value(), Applied::yes);
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(store->get(key("a")).value()->revision, 1U);
  EXPECT_EQ(store->get(key("b")).value()->revision, 2U);
}

TEST(SqliteStore, MakesFilesThatOnlyTheirOwnerReads) {
  const TemporaryStore file;
  const mode_t former = umask(0);
  const auto store = file.open();
  commit_row(*store, "a", 1);
  umask(former);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status = {};
    ASSERT_EQ(stat((file.path() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST(SqliteStore, RefusesFileOpenToOthers) {
  const TemporaryStore file;
  file.open().reset();
  ASSERT_EQ(chmod(file.path().c_str(), 0640), 0);
  EXPECT_EQ(open_error(file).code, Code::precondition_failed);
  ASSERT_EQ(chmod(file.path().c_str(), 0600), 0);
  EXPECT_TRUE(file.open());
}

TEST(SqliteStore, SecondOpenIsRefusedUntilTheFirstIsClosed) {
  const TemporaryStore file;
  auto store = file.open();
  EXPECT_EQ(open_error(file).code, Code::unavailable);
  EXPECT_EQ(open_error(file).message, "the store is in use by another process");
  store.reset();
  EXPECT_TRUE(file.open());
}

TEST(SqliteStore, RefusesForeignLaterAndAlteredFiles) {
  const std::vector<std::pair<const char*, Code>> rejects = {
      {"PRAGMA user_version=3", Code::unsupported},
      {"PRAGMA application_id=1", Code::precondition_failed},
      {"CREATE TABLE extra(a)", Code::corrupt},
      {"CREATE TABLE log_x(a)", Code::corrupt},
      {"CREATE TABLE log_3(sequence, record)", Code::corrupt},
      {"CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM entry; END", Code::corrupt},
      {"CREATE VIEW v AS SELECT 1", Code::corrupt},
      {"DROP TABLE entry", Code::corrupt},
      {"ALTER TABLE item ADD COLUMN more BLOB", Code::corrupt},
  };
  for (const auto& [sql, code] : rejects) {
    const TemporaryStore file;
    commit_row(*file.open(), "a", 1);
    run_sql(file.path(), sql);
    EXPECT_EQ(open_error(file).code, code) << sql;
  }
}

TEST(SqliteStore, RefusesWhatIsNoDatabase) {
  const TemporaryStore file;
  file.open().reset();
  std::ofstream(file.path(), std::ios::trunc) << std::string(8192, 'x');
  EXPECT_EQ(open_error(file).code, Code::corrupt);
}

TEST(SqliteStore, NamesDamagedColumnsAndEntriesCorrupt) {
  const TemporaryStore file;
  commit_row(*file.open(), "a", 1);
  run_sql(file.path(), "UPDATE item SET entries = x'0001'");
  const auto store = file.open();
  EXPECT_TRUE(store->get(key("a")));
  const auto batch = store->begin().value();
  EXPECT_EQ(batch->apply({{}, {put("a", 2)}, {}}).error().code, Code::corrupt);
  EXPECT_TRUE(batch->commit()) << "the unit is undone, the batch goes on";
  EXPECT_EQ(store->get(key("a")).value()->revision, 1U);
}

TEST(SqliteStore, ABatchThatKeepsHalfOfAUnitCannotBeCommitted) {
  const TemporaryStore file;
  commit_row(*file.open(), "a", 1);
  commit_row(*file.open(), "b", 2);
  run_sql(file.path(), "UPDATE item SET entries = x'0001' WHERE substr(place, -1) = x'62'");
  const auto store = file.open();
  {
    const auto batch = store->begin().value();
    EXPECT_EQ(batch->apply({{}, {put("a", 2), put("b", 2)}, {}}).error().code, Code::corrupt);
    EXPECT_EQ(batch->apply({{}, {put("c", 1)}, {}}).error().code, Code::unavailable);
    EXPECT_EQ(batch->commit().error().code, Code::unavailable);
  }
  EXPECT_EQ(store->get(key("a")).value()->revision, 1U);
  commit_row(*store, "c", 3);
}

TEST(SqliteStore, ANewRowWhoseEntryIsThereAlreadyLeavesNothing) {
  const TemporaryStore file;
  commit_row(*file.open(), "a", 1);
  run_sql(file.path(), "DELETE FROM item");  // and its entry stays
  const auto store = file.open();
  Put row = put("a", 2);
  row.index = {entry("entry")};
  row.fresh = true;
  {
    const auto batch = store->begin().value();
    EXPECT_FALSE(batch->apply({{}, {row}, {}}));
    EXPECT_EQ(batch->commit().error().code, Code::unavailable);
  }
  EXPECT_EQ(store->get(key("a")).value(), std::nullopt);
  commit_row(*store, "b", 2);
}

TEST(SqliteStore, RefusesDirectoryInPlaceOfTheFile) {
  const TemporaryStore file;
  std::filesystem::create_directory(file.path());
  EXPECT_EQ(open_error(file).code, Code::precondition_failed);
}

}  // namespace
}  // namespace coffer::store
