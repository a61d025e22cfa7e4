#include "store/sqlite/gathering_vfs.h"

#include "store/conformance.h"
#include "store/sqlite/faulty_vfs.h"
#include "store/sqlite/ledger.h"
#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>

namespace coffer::store::sqlite {
namespace {

Put large_row(int number, char letter) {
  Put row = put("row" + std::to_string(number), 1);
  row.blob.assign(3000, static_cast<std::uint8_t>(letter));  // a page each
  return row;
}

// One batch of so many pages.
Result<> commit_rows(Store& store, int count, char letter, std::uint64_t sequence) {
  COFFER_TRY(const auto batch, store.begin());
  for (int i = 0; i < count; ++i) {
    COFFER_TRY(const Applied applied, batch->apply({{}, {large_row(i, letter)}, {}}));
    EXPECT_EQ(applied, Applied::yes);
  }
  COFFER_CHECK(batch->append(kLog, sequence, as_bytes("record")));
  return batch->commit();
}

void expect_rows(const Store& store, int count, char letter) {
  for (int i = 0; i < count; ++i) {
    const auto row = store.get(key("row" + std::to_string(i)));
    ASSERT_TRUE(row && *row) << i;
    EXPECT_EQ((*row)->blob, large_row(i, letter).blob) << i;
  }
}

TEST(GatheringVfs, WritesTheFramesOfACommitInFewPieces) {
  FaultyVfs counting("counting");
  const TemporaryStore file;
  SqliteOptions options = file.options();
  options.vfs = counting.name();
  const auto store = open_sqlite_store(std::move(options)).value();
  ASSERT_TRUE(commit_rows(*store, 50, 'a', 1));
  counting.heal();
  counting.fail_at(1'000'000, Fault::io_error, Lasting::once);
  ASSERT_TRUE(commit_rows(*store, 50, 'b', 2));
  // 50 pages and some: two pieces and the sync; a hundred writes without gathering.
  EXPECT_LE(counting.calls(), 5U);
  expect_rows(*store, 50, 'b');
}

// A batch that does not fit into the writer's cache is written before its commit, and read again.
TEST(GatheringVfs, ShowsTheWriterWhatItWrote) {
  const TemporaryStore file;
  SqliteOptions options = file.options();
  options.writer_cache_kib = 64;
  auto store = open_sqlite_store(std::move(options)).value();
  ASSERT_TRUE(commit_rows(*store, 200, 'a', 1));
  const auto batch = store->begin().value();
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(batch->apply({{}, {large_row(i, 'b')}, {}}).value(), Applied::yes);
    ASSERT_EQ(batch->apply({{}, {large_row(i / 2, 'c')}, {}}).value(), Applied::yes);
  }
  expect_rows(*store, 200, 'a');
  ASSERT_TRUE(batch->append(kLog, 2, as_bytes("record")));
  ASSERT_TRUE(batch->commit());
  expect_rows(*store, 100, 'c');
  store.reset();
  EXPECT_EQ(integrity_of(file.path()), "ok");
  expect_rows(*file.open(), 100, 'c');
}

TEST(GatheringVfs, LeavesNothingOfABatchThatWasDropped) {
  const TemporaryStore file;
  SqliteOptions options = file.options();
  options.writer_cache_kib = 64;
  auto store = open_sqlite_store(std::move(options)).value();
  ASSERT_TRUE(commit_rows(*store, 200, 'a', 1));
  {
    const auto batch = store->begin().value();
    for (int i = 0; i < 200; ++i) {
      ASSERT_EQ(batch->apply({{}, {large_row(i, 'b')}, {}}).value(), Applied::yes);
    }
  }
  expect_rows(*store, 200, 'a');
  ASSERT_TRUE(commit_rows(*store, 20, 'c', 2));
  expect_rows(*store, 20, 'c');
  store.reset();
  EXPECT_EQ(integrity_of(file.path()), "ok");
}

TEST(GatheringVfs, FailsTheCommitWhoseOctetsDoNotArrive) {
  FaultyVfs failing("failing");
  const TemporaryStore file;
  SqliteOptions options = file.options();
  options.vfs = failing.name();
  const auto store = open_sqlite_store(std::move(options)).value();
  ASSERT_TRUE(commit_rows(*store, 50, 'a', 1));
  failing.fail_at(1, Fault::disk_full, Lasting::once);
  const auto refused = commit_rows(*store, 50, 'b', 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{Code::unavailable, "the disk of the store is full"}));
  expect_rows(*store, 50, 'a');
  EXPECT_TRUE(commit_rows(*store, 50, 'c', 2));
  expect_rows(*store, 50, 'c');
}

}  // namespace
}  // namespace coffer::store::sqlite
