// Records that come without rows: beside the database, and one log with those in it.
#include "store/sqlite/side_log.h"

#include "store/conformance.h"
#include "store/sqlite/faulty_vfs.h"
#include "store/sqlite/temporary_store.h"

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>

namespace coffer::store {
namespace {

using sqlite::SideLog;
using sqlite::TemporaryStore;

void append_alone(Store& store, std::uint64_t sequence, std::string_view record) {
  const auto batch = store.begin().value();
  ASSERT_TRUE(batch->append(kLog, sequence, as_bytes(record)));
  ASSERT_TRUE(batch->commit());
}

void append_with_row(Store& store, std::uint64_t sequence, std::string_view record) {
  const auto batch = store.begin().value();
  ASSERT_TRUE(batch->append(kLog, sequence, as_bytes(record)));
  ASSERT_EQ(batch->apply({{}, {put("row", sequence)}, {}}).value(), Applied::yes);
  ASSERT_TRUE(batch->commit());
}

// "1:a 2:b "
std::string log_of(const Store& store, std::uint64_t from = 0, std::size_t limit = 100) {
  const auto records = store.read_log(kLog, from, limit);
  if (!records) return records.error().message;
  std::string out;
  for (const LogRecord& each : *records) {
    out += std::to_string(each.sequence) + ":" + std::string(as_text(each.record)) + " ";
  }
  return out;
}

std::vector<std::string> segments_of(const TemporaryStore& file) {
  std::vector<std::string> out;
  const auto folder = std::filesystem::path(file.path()).parent_path();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().contains("-log")) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::int64_t records_in_database(const TemporaryStore& file) {
  sqlite3* raw = nullptr;
  std::int64_t count = -1;
  EXPECT_EQ(sqlite3_open(file.path().c_str(), &raw), SQLITE_OK);
  const auto take = [](void* out, int, char** columns, char**) {
    *static_cast<std::int64_t*>(out) = std::stoll(columns[0]);
    return 0;
  };
  sqlite3_exec(raw, "SELECT count(*) FROM log_1", take, &count, nullptr);
  sqlite3_close(raw);
  return count;
}

TEST(SideLog, RecordsOfBothPlacesAreOneLog) {
  const TemporaryStore file;
  auto store = file.open();
  append_with_row(*store, 1, "a");
  append_alone(*store, 2, "b");
  append_alone(*store, 3, "c");
  append_with_row(*store, 4, "d");
  append_alone(*store, 5, "e");
  for (int reopened = 0; reopened < 2; ++reopened) {
    EXPECT_EQ(log_of(*store), "1:a 2:b 3:c 4:d 5:e ");
    EXPECT_EQ(log_of(*store, 3, 2), "3:c 4:d ");
    EXPECT_EQ(log_of(*store, 2, 1), "2:b ");
    EXPECT_EQ(store->last_record(kLog).value()->sequence, 5U);
    EXPECT_EQ((*store->begin())->append(kLog, 7, as_bytes("gap")).error().code,
              Code::precondition_failed);
    store.reset();
    store = file.open();
  }
  append_alone(*store, 6, "f");
  EXPECT_EQ(log_of(*store, 5), "5:e 6:f ");
  store.reset();
  EXPECT_EQ(records_in_database(file), 2);
  EXPECT_EQ(segments_of(file).size(), 1U);
}

TEST(SideLog, BatchThatIsNotCommittedLeavesNothing) {
  const TemporaryStore file;
  const auto store = file.open();
  append_alone(*store, 1, "a");
  (void)store->begin().value()->append(kLog, 2, as_bytes("lost"));
  EXPECT_EQ(log_of(*store), "1:a ");
  append_alone(*store, 2, "b");
  EXPECT_EQ(log_of(*store), "1:a 2:b ");
}

TEST(SideLog, SeveralRecordsOfOneBatchStayTogether) {
  const TemporaryStore file;
  const auto store = file.open();
  {
    const auto batch = store->begin().value();
    ASSERT_TRUE(batch->append(kLog, 1, as_bytes("a")));
    ASSERT_TRUE(batch->append(kLog, 2, as_bytes("b")));
    EXPECT_EQ(log_of(*store), "");
    ASSERT_TRUE(batch->commit());
  }
  EXPECT_EQ(log_of(*store), "1:a 2:b ");
  EXPECT_TRUE(segments_of(file).empty()) << "whole or not at all: in one transaction";
}

SqliteOptions on(const TemporaryStore& file, const sqlite::FaultyVfs& vfs) {
  SqliteOptions options = file.options();
  options.vfs = vfs.name();
  return options;
}

// Its octets are on the disk all the same: only the sync failed.
TEST(SideLog, RecordThatFailedLeavesItsSequenceToTheNextOne) {
  for (const bool with_row : {true, false}) {
    const TemporaryStore file;
    sqlite::FaultyVfs vfs("unsettled");
    auto store = open_sqlite_store(on(file, vfs)).value();
    append_alone(*store, 1, "a");
    vfs.fail_at(2, sqlite::Fault::io_error, sqlite::Lasting::once);
    {
      const auto batch = store->begin().value();
      ASSERT_TRUE(batch->append(kLog, 2, as_bytes("refused")));
      ASSERT_FALSE(batch->commit());
    }
    with_row ? append_with_row(*store, 2, "b") : append_alone(*store, 2, "b");
    store.reset();
    EXPECT_EQ(log_of(*file.open()), "1:a 2:b ") << with_row;
  }
}

// What is found after the power went off, seen in a copy made while the store is open.
TEST(SideLog, NothingBesideTheDatabaseOutrunsACommitThatFailed) {
  for (std::uint64_t n = 1; n <= 4; ++n) {
    const TemporaryStore file;
    const TemporaryStore copy;
    sqlite::FaultyVfs vfs("doubtful");
    const auto store = open_sqlite_store(on(file, vfs)).value();
    append_with_row(*store, 1, "a");
    append_alone(*store, 2, "b");
    vfs.fail_at(n, sqlite::Fault::io_error, sqlite::Lasting::once);
    bool refused = false;
    {
      const auto batch = store->begin().value();
      ASSERT_TRUE(batch->append(kLog, 3, as_bytes("refused")));
      ASSERT_EQ(batch->apply({{}, {put("refused", 3)}, {}}).value(), Applied::yes);
      refused = !batch->commit();
    }
    vfs.heal();
    if (!refused) continue;
    append_alone(*store, 3, "c");
    append_alone(*store, 4, "d");
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(file.path()).parent_path())) {
      const std::string name = entry.path().filename();
      if (name.ends_with("-shm") || name.ends_with(".lock")) continue;
      std::filesystem::copy_file(entry.path(),
                                 std::filesystem::path(copy.path()).parent_path() / name);
    }
    const auto found = copy.open();
    EXPECT_EQ(log_of(*found), "1:a 2:b 3:c 4:d ") << n;
    EXPECT_FALSE(found->get(put("refused", 3).key).value()) << n;
  }
}

// A power cut tore it; the next one did not fit into the segment and began another.
TEST(SideLog, TornFrameAtTheEndOfAFullSegmentIsNoRecord) {
  const TemporaryStore file;
  constexpr std::size_t kMiB = 1U << 20U;
  {
    const auto store = file.open();
    for (std::uint64_t i = 1; i <= 15; ++i) append_alone(*store, i, std::string(kMiB, 'r'));
  }
  const std::string first = segments_of(file).front();
  std::fstream raw(first, std::ios::in | std::ios::out | std::ios::binary);
  Bytes head(sqlite::kSegmentHead);
  raw.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  Bytes torn;
  sqlite::encode_frame(torn, sqlite::decode_head(head)->salt, 16, as_bytes(std::string(256, 't')));
  raw.seekp(static_cast<std::streamoff>(sqlite::kSegmentHead + 15 * sqlite::frame_size(kMiB)));
  raw.write(reinterpret_cast<const char*>(torn.data()), sqlite::kFrameHead);
  raw.close();
  append_alone(*file.open(), 16, std::string(kMiB, 'n'));
  EXPECT_EQ(segments_of(file).size(), 2U);
  const auto found = file.open()->read_log(kLog, 15, 10).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.back().sequence, 16U);
  EXPECT_EQ(found.back().record.size(), kMiB);
}

TEST(SideLog, SegmentsAreForTheirOwnerOnly) {
  const TemporaryStore file;
  const mode_t former = umask(0);
  const auto store = file.open();
  append_alone(*store, 1, "a");
  umask(former);
  struct stat status = {};
  ASSERT_EQ(stat(segments_of(file).at(0).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(SideLog, FullSegmentsGiveWayToNewOnesAndAreRead) {
  const TemporaryStore file;
  auto store = file.open();
  const std::string record(kMaxRecord - 10, 'r');
  constexpr std::uint64_t kRecords = 2 * (SideLog::kFullSegment / kMaxRecord) + 1;
  for (std::uint64_t n = 1; n <= kRecords; ++n) append_alone(*store, n, record);
  EXPECT_EQ(segments_of(file).size(), 3U);
  store.reset();
  store = file.open();
  for (std::uint64_t n = kRecords; n >= 1; --n) {  // backwards: no bookmark helps
    const auto read = store->read_log(kLog, n, 1).value();
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].sequence, n);
    EXPECT_EQ(read[0].record.size(), record.size());
  }
  append_alone(*store, kRecords + 1, "next");
  EXPECT_EQ(store->last_record(kLog).value()->sequence, kRecords + 1);
}

TEST(SideLog, DroppedRecordsAreGoneFromBothPlaces) {
  const TemporaryStore file;
  auto store = file.open();
  for (std::uint64_t n = 1; n <= 6; n += 2) {
    append_with_row(*store, n, "row");
    append_alone(*store, n + 1, "alone");
  }
  ASSERT_TRUE(store->drop_log(kLog, 4));
  EXPECT_EQ(log_of(*store), "4:alone 5:row 6:alone ");
  EXPECT_EQ(store->drop_log(kLog, 7).error().code, Code::precondition_failed);
  store.reset();
  store = file.open();
  EXPECT_EQ(log_of(*store, 1), "4:alone 5:row 6:alone ") << "the floor holds after a restart";
  append_with_row(*store, 7, "row");
  ASSERT_TRUE(store->drop_log(kLog, 7));
  EXPECT_TRUE(segments_of(file).empty()) << "nothing in the segment is above the floor";
  append_alone(*store, 8, "alone");
  EXPECT_EQ(log_of(*store), "7:row 8:alone ");
}

TEST(SideLog, ManyRecordsAreDroppedInSteps) {
  constexpr std::uint64_t kMany = 1300;
  const TemporaryStore file;
  auto store = file.open();
  {
    const auto batch = store->begin().value();
    for (std::uint64_t n = 1; n <= kMany; ++n) {
      ASSERT_TRUE(batch->append(kLog, n, as_bytes("record")));
    }
    ASSERT_TRUE(batch->commit());
  }
  ASSERT_TRUE(store->drop_log(kLog, kMany - 1));
  EXPECT_EQ(store->read_log(kLog, 0, kMany).value().size(), 2U);
  store.reset();
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &raw), SQLITE_OK);
  sqlite3_stmt* count = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(raw, "SELECT count(*) FROM log_1", -1, &count, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_step(count), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_int64(count, 0), 2) << "the others are gone, not only hidden";
  sqlite3_finalize(count);
  sqlite3_close(raw);
}

TEST(SideLog, WhatIsVisitedIsNotDroppedMeanwhile) {
  const TemporaryStore file;
  const auto store = file.open();
  for (std::uint64_t n = 1; n <= 200; n += 2) {
    append_with_row(*store, n, "row");
    append_alone(*store, n + 1, "alone");
  }
  std::thread dropping;
  std::uint64_t next = 1;
  ASSERT_TRUE(store->visit({[&](LogId, const LogRecord& record) -> Result<> {
                              EXPECT_EQ(record.sequence, next++);
                              if (record.sequence > 1) return {};
                              dropping = std::thread(
                                  [&store] { EXPECT_TRUE(store->drop_log(kLog, 150)); });
                              std::this_thread::sleep_for(std::chrono::milliseconds(100));
                              return {};
                            },
                            [](const Put&) { return Result<>(); }}));
  EXPECT_EQ(next, 201U);
  dropping.join();
  EXPECT_EQ(store->read_log(kLog, 0, 1).value().at(0).sequence, 150U);
}

TEST(SideLog, SegmentThatNeverGotItsHeadIsRemoved) {
  const TemporaryStore file;
  file.open().reset();
  const std::string path = file.path() + "-log1-00000000000000000001";
  std::ofstream(path, std::ios::binary) << "COFR" << std::string(60, '\0');
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  const auto store = file.open();
  EXPECT_TRUE(segments_of(file).empty());
  append_alone(*store, 1, "a");
  EXPECT_EQ(log_of(*store), "1:a ");
}

// Its beginning failed, the record went elsewhere, and later segments were made.
TEST(SideLog, SegmentThatNeverGotItsHeadIsPassedOverBeforeOthers) {
  const TemporaryStore file;
  auto store = file.open();
  append_with_row(*store, 1, "a");
  append_with_row(*store, 2, "b");
  append_alone(*store, 3, "c");
  store.reset();
  const std::string path = file.path() + "-log1-00000000000000000002";
  std::ofstream(path, std::ios::binary) << "COFR";
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  EXPECT_EQ(log_of(*file.open()), "1:a 2:b 3:c ");
}

TEST(SideLog, DamagedSegmentsAreRefusedAtOpening) {
  for (const std::size_t at : {std::size_t{3}, sqlite::kSegmentHead + 10}) {
    const TemporaryStore file;
    auto store = file.open();
    append_alone(*store, 1, "a record of some length");
    append_alone(*store, 2, "b");
    store.reset();
    std::fstream segment(segments_of(file).at(0), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(static_cast<std::streamoff>(at));
    segment.put('!');
    segment.close();
    EXPECT_EQ(open_sqlite_store(file.options()).error().code, Code::corrupt) << at;
  }
}

TEST(SideLog, SegmentUnderAnothersNameIsRefused) {
  const TemporaryStore file;
  auto store = file.open();
  append_alone(*store, 1, "a");
  store.reset();
  std::filesystem::rename(segments_of(file).at(0), file.path() + "-log1-00000000000000000002");
  EXPECT_EQ(open_sqlite_store(file.options()).error().code, Code::corrupt);
}

// Version 1 had every record in the database, and no floors.
TEST(SideLog, StoreOfVersion1IsBroughtUp) {
  const TemporaryStore file;
  auto store = file.open();
  append_with_row(*store, 1, "a");
  store.reset();
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw,
                         "DROP TABLE log_floor; PRAGMA user_version=1;"
                         "INSERT INTO log_1(sequence, record) VALUES(2, x'62')",
                         nullptr,
                         nullptr,
                         nullptr),
            SQLITE_OK);
  sqlite3_close(raw);
  store = file.open();
  ASSERT_TRUE(store);
  append_alone(*store, 3, "c");
  EXPECT_EQ(log_of(*store), "1:a 2:b 3:c ");
  ASSERT_TRUE(store->drop_log(kLog, 2));
  EXPECT_EQ(log_of(*store), "2:b 3:c ");
}

}  // namespace
}  // namespace coffer::store
