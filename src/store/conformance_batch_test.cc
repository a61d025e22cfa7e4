// Batches and logs: all or nothing, in sequence, one at a time; visiting.
#include "store/conformance.h"

#include <future>

namespace coffer::store {
namespace {

TEST_P(StoreConformance, DroppedBatchLeavesNothing) {
  {
    const auto batch = store->begin().value();
    ASSERT_TRUE(batch->apply({{}, {{key("a"), 1, {}, {entry("e")}}}, {}}));
    ASSERT_TRUE(batch->append(kLog, 1, as_bytes("gone")));
    EXPECT_EQ(read(key("a")), "") << "readers see committed rows only";
  }
  EXPECT_EQ(read(key("a")), "");
  EXPECT_EQ(hits(""), "");
  EXPECT_FALSE(store->last_record(kLog).value());
  expect_appended(kLog, 1, "kept");
  EXPECT_EQ(store->last_record(kLog).value()->record, to_bytes("kept"));
}

TEST_P(StoreConformance, RefusedUnitLeavesTheOthersOfItsBatch) {
  const auto batch = store->begin().value();
  ASSERT_TRUE(batch->apply({{}, {put("first", 1)}, {}}));
  EXPECT_EQ(batch->apply({{{key("x"), 1}}, {put("second", 1)}, {}}).value(), Applied::conflict);
  EXPECT_FALSE(batch->apply({{}, {put("third", 1), put("", 1)}, {}}));
  ASSERT_TRUE(batch->apply({{}, {put("fourth", 1)}, {}}));
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(keys(""), "first fourth ");
}

TEST_P(StoreConformance, EndedBatchRefusesEverything) {
  const auto batch = store->begin().value();
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(batch->apply({{}, {put("a", 1)}, {}}).error().code, Code::precondition_failed);
  EXPECT_EQ(batch->append(kLog, 1, {}).error().code, Code::precondition_failed);
  EXPECT_EQ(batch->commit().error().code, Code::precondition_failed);
  EXPECT_TRUE(store->begin()) << "an ended batch is in nobody's way";
}

TEST_P(StoreConformance, OneBatchAtATime) {
  auto batch = store->begin().value();
  EXPECT_EQ(store->begin().error().code, Code::precondition_failed);
  EXPECT_EQ(store->drop_log(kLog, 1).error().code, Code::precondition_failed);
  auto other = std::async(std::launch::async, [this] { return commit({{}, {put("b", 1)}, {}}); });
  ASSERT_TRUE(batch->apply({{}, {put("a", 1)}, {}}));
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(other.get().value(), Applied::yes);
  EXPECT_EQ(keys(""), "a b ");
}

TEST_P(StoreConformance, LogTakesConsecutiveSequencesOnly) {
  const auto batch = store->begin().value();
  for (const std::uint64_t wrong : {0ULL, 2ULL, ~0ULL}) {
    EXPECT_EQ(batch->append(kLog, wrong, {}).error().code, Code::precondition_failed);
  }
  ASSERT_TRUE(batch->append(kLog, 1, as_bytes("one")));
  EXPECT_FALSE(batch->append(kLog, 1, as_bytes("again")));
  ASSERT_TRUE(batch->append(kLog, 2, {}));
  ASSERT_TRUE(batch->append(LogId(9), 1, as_bytes("another log")));
  ASSERT_TRUE(batch->commit());

  const auto all = store->read_log(kLog, 0, 10).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].record, to_bytes("one"));
  EXPECT_EQ(all[1].sequence, 2U);
  EXPECT_TRUE(all[1].record.empty());
  EXPECT_EQ(store->read_log(kLog, 2, 10).value().size(), 1U);
  EXPECT_EQ(store->read_log(kLog, 0, 1).value().size(), 1U);
  EXPECT_TRUE(store->read_log(kLog, ~0ULL, 10).value().empty());
  EXPECT_TRUE(store->read_log(LogId(5), 0, 10).value().empty());
  EXPECT_EQ(store->last_record(LogId(9)).value()->sequence, 1U);
}

TEST_P(StoreConformance, LogRecordsHaveALimit) {
  const auto batch = store->begin().value();
  const Bytes record(kMaxRecord + 1);
  EXPECT_EQ(batch->append(kLog, 1, record).error().code, Code::too_large);
  EXPECT_TRUE(batch->append(kLog, 1, ByteView(record).first(kMaxRecord)));
  EXPECT_TRUE(batch->commit());
}

TEST_P(StoreConformance, DroppingALogKeepsItsLastRecordAndItsCount) {
  EXPECT_TRUE(store->drop_log(kLog, 0));
  EXPECT_TRUE(store->drop_log(kLog, 1));
  EXPECT_EQ(store->drop_log(kLog, 2).error().code, Code::precondition_failed);
  for (std::uint64_t n = 1; n <= 5; ++n) expect_appended(kLog, n, "record");
  EXPECT_EQ(store->drop_log(kLog, 6).error().code, Code::precondition_failed);
  EXPECT_EQ(store->read_log(kLog, 0, 10).value().size(), 5U);
  ASSERT_TRUE(store->drop_log(kLog, 4));
  EXPECT_EQ(store->read_log(kLog, 0, 10).value().front().sequence, 4U);
  ASSERT_TRUE(store->drop_log(kLog, 5));
  EXPECT_EQ(store->last_record(kLog).value()->sequence, 5U);
  expect_appended(kLog, 6, "goes on");
}

TEST_P(StoreConformance, VisitsEverythingInOrder) {
  expect_committed(
      {{},
       {{key("b", RealmId(256), TableId(1)), 2, to_bytes("x"), {entry("f"), entry("e")}},
        {key("a", RealmId(256), TableId(1)), 1, {}, {}},
        {key("z", RealmId(1), TableId(1)), 1, {}, {}},
        {key("a", RealmId(1), TableId(256)), 1, {}, {}},
        {key("a", RealmId(1), TableId(2)), 1, {}, {}}},
       {}});
  expect_appended(LogId(10), 1, "ten");
  expect_appended(LogId(9), 1, "nine");
  std::string seen;
  const Store::Visitor visitor{[&](LogId log, const LogRecord& record) -> Result<> {
                                 seen += std::to_string(log.value()) + "#" +
                                         std::to_string(record.sequence) + " ";
                                 return {};
                               },
                               [&](const Put& row) -> Result<> {
                                 seen += std::to_string(row.key.table.value()) + "/" +
                                         std::to_string(row.key.realm.value()) + "/" +
                                         std::string(as_text(row.key.key)) + " ";
                                 for (const IndexEntry& each : row.index) {
                                   seen += ">" + std::string(as_text(each.key)) + " ";
                                 }
                                 return {};
                               }};
  ASSERT_TRUE(store->visit(visitor));
  EXPECT_EQ(seen, "9#1 10#1 1/1/z 1/256/a 1/256/b >e >f 2/1/a 256/1/a ");
}

TEST_P(StoreConformance, VisitIsOneSnapshotAndStopsAtAnError) {
  expect_committed({{}, {put("a", 1), put("b", 1)}, {}});
  std::size_t rows = 0;
  const auto count = [&](const Put&) -> Result<> {
    if (++rows == 1) expect_committed({{}, {put("c", 1)}, {key("b")}});
    return {};
  };
  const auto no_record = [](LogId, const LogRecord&) -> Result<> { return {}; };
  ASSERT_TRUE(store->visit({no_record, count}));
  EXPECT_EQ(rows, 2U);
  const auto stop = [](const Put&) -> Result<> { return fail(Code::exhausted, "enough"); };
  EXPECT_EQ(store->visit({no_record, stop}).error().code, Code::exhausted);
  EXPECT_EQ(keys(""), "a c ");
}

}  // namespace
}  // namespace coffer::store
