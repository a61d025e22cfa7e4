// Readers on several threads beside a writer: each sees whole commits, in order, and its own
// thread's at once. Also the bound of the write-ahead log. Run it under the tsan preset.
#include "store/conformance.h"
#include "store/sqlite/temporary_store.h"

#include <atomic>
#include <filesystem>
#include <thread>

namespace coffer::store {
namespace {

// The rows "x" and "y" always change together.
Unit pair_of(std::uint64_t revision) {
  return {{}, {put("x", revision, std::string(3000, 'x')), put("y", revision)}, {}};
}

void commit_pair(Store& store, std::uint64_t revision) {
  const auto batch = store.begin().value();
  ASSERT_EQ(batch->apply(pair_of(revision)).value(), Applied::yes);
  ASSERT_TRUE(batch->append(kLog, revision, as_bytes("record")));
  ASSERT_TRUE(batch->commit());
}

void read_until(const Store& store, const std::atomic<bool>& done) {
  std::uint64_t before = 0;
  while (!done) {
    const auto rows = store.scan(kTable, kRealm, {}, {}, 10).value();
    ASSERT_EQ(rows.size(), 2U);
    ASSERT_EQ(rows[0].revision, rows[1].revision);
    ASSERT_GE(rows[0].revision, before);
    before = rows[0].revision;
    ASSERT_GE(store.get(key("y")).value()->revision, before);
    ASSERT_GE(store.last_record(kLog).value()->sequence, before);
  }
}

TEST(SqliteConcurrency, ReadersSeeWholeCommitsInOrder) {
  const sqlite::TemporaryStore file;
  SqliteOptions options = file.options();
  options.max_readers = 2;  // fewer than threads: some wait
  options.checkpoint = {.step_frames = 10, .restart_frames = 40};
  const auto store = open_sqlite_store(options).value();
  commit_pair(*store, 1);
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back([&] { read_until(*store, done); });
  for (std::uint64_t revision = 2; revision < 300; ++revision) {
    commit_pair(*store, revision);
    EXPECT_EQ(store->get(key("x")).value()->revision, revision) << "a commit is seen at once";
  }
  done = true;
}

// Every second record comes without rows, and lies elsewhere.
TEST(SqliteConcurrency, ReadersOfTheLogMissNoRecord) {
  const sqlite::TemporaryStore file;
  const auto store = file.open();
  std::atomic<bool> done = false;
  const auto read_log = [&] {
    while (!done) {
      std::uint64_t expected = 0;
      const auto next = [&](LogId, const LogRecord& record) -> Result<> {
        EXPECT_EQ(record.sequence, ++expected);
        return {};
      };
      const auto records = store->read_log(kLog, 1, 1000).value();
      for (const LogRecord& record : records) ASSERT_TRUE(next(kLog, record));
      expected = 0;
      std::uint64_t rows_at = 0;
      ASSERT_TRUE(store->visit({next, [&](const Put& row) -> Result<> {
                                  rows_at = std::max(rows_at, row.revision);
                                  return {};
                                }}));
      EXPECT_LE(rows_at, expected) << "no row without its record";
      EXPECT_LE(expected, rows_at + 1) << "no record without its rows";
    }
  };
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back(read_log);
  for (std::uint64_t n = 1; n < 400; n += 2) {
    commit_pair(*store, n);
    const auto batch = store->begin().value();
    ASSERT_TRUE(batch->append(kLog, n + 1, as_bytes("alone")));
    ASSERT_TRUE(batch->commit());
  }
  done = true;
}

TEST(SqliteConcurrency, WriteAheadLogStaysBounded) {
  const sqlite::TemporaryStore file;
  SqliteOptions options = file.options();
  options.checkpoint = {.step_frames = 20, .restart_frames = 60};
  const auto store = open_sqlite_store(options).value();
  commit_pair(*store, 1);
  std::atomic<bool> done = false;
  std::jthread reader([&] { read_until(*store, done); });
  for (std::uint64_t revision = 2; revision < 500; ++revision) commit_pair(*store, revision);
  done = true;
  reader.join();
  // 500 commits of some six frames each; without checkpoints this would be 12 MiB. The thread may
  // lag, so the bound is generous.
  EXPECT_LT(std::filesystem::file_size(file.path() + "-wal"), 4U << 20);
}

}  // namespace
}  // namespace coffer::store
