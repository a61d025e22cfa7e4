// Index entries: they follow their row, in the same commit.
#include "store/conformance.h"

namespace coffer::store {
namespace {

Put indexed(std::string_view text, std::vector<IndexEntry> entries, RealmId realm = kRealm) {
  return {key(text, realm), 1, to_bytes("blob"), std::move(entries)};
}

TEST_P(StoreConformance, QueriesEntriesInTheirOrder) {
  expect_committed(
      {{}, {indexed("r1", {entry("m"), entry("a")}), indexed("r2", {entry("b")})}, {}});
  EXPECT_EQ(hits(""), "a>r1 b>r2 m>r1 ");
  EXPECT_EQ(hits("", "a", 1), "b>r2 ");
  EXPECT_EQ(hits("b"), "b>r2 ");
  EXPECT_EQ(hits("", "m"), "");
  EXPECT_EQ(hits("", "", 0), "");
  EXPECT_EQ(hits("", "", 100, RealmId(9)), "");
}

TEST_P(StoreConformance, EqualEntriesComeInOrderOfTheirRows) {
  expect_committed({{}, {indexed("z", {entry("e")}), indexed("a", {entry("e")})}, {}});
  EXPECT_EQ(hits("e"), "e>a e>z ");
}

TEST_P(StoreConformance, PutReplacesEntriesAndEraseRemovesThem) {
  expect_committed({{}, {indexed("r", {entry("kept"), entry("left")})}, {}});
  expect_committed({{}, {indexed("r", {entry("new"), entry("kept")})}, {}});
  EXPECT_EQ(hits(""), "kept>r new>r ");
  expect_committed({{}, {indexed("r", {})}, {}});
  EXPECT_EQ(hits(""), "");
  expect_committed({{}, {indexed("r", {entry("back")})}, {}});
  EXPECT_EQ(hits(""), "back>r ");
  expect_committed({{}, {}, {key("r")}});
  EXPECT_EQ(hits(""), "");
}

TEST_P(StoreConformance, PutMayLeaveTheEntriesAsTheyAre) {
  expect_committed({{}, {indexed("r", {entry("kept"), entry("too")})}, {}});
  Put same = put("r", 2, "other");
  same.same_index = true;
  expect_committed({{}, {same}, {}});
  EXPECT_EQ(read(key("r")), "2:other");
  EXPECT_EQ(hits(""), "kept>r too>r ");
  expect_committed({{}, {indexed("r", {entry("new")})}, {}});
  EXPECT_EQ(hits(""), "new>r ") << "the entries were known all the time";
  Put absent = put("absent", 1);
  absent.same_index = true;
  EXPECT_EQ(commit({{}, {put("other", 1), absent}, {}}).error().code, Code::precondition_failed);
  EXPECT_EQ(read(key("absent")), "");
}

TEST_P(StoreConformance, ThatARowIsNewIsAHintForItsEntriesToo) {
  Put hinted = indexed("r", {entry("first"), entry("second")});
  hinted.fresh = true;
  expect_committed({{}, {hinted}, {}});
  EXPECT_EQ(hits(""), "first>r second>r ");
  hinted.index = {entry("second"), entry("third")};
  expect_committed({{}, {hinted}, {}});
  EXPECT_EQ(hits(""), "second>r third>r ") << "it was not new";
}

TEST_P(StoreConformance, EntryMovesBetweenRowsInOneUnit) {
  expect_committed({{}, {indexed("old", {entry("name")})}, {}});
  expect_committed({{}, {indexed("new", {entry("name")}), indexed("old", {})}, {}});
  EXPECT_EQ(hits(""), "name>new ");
}

TEST_P(StoreConformance, EntriesOfOtherIndexesTablesAndRealmsStayApart) {
  expect_committed({{}, {indexed("r", {entry("e"), entry("f", IndexId(3))})}, {}});
  expect_committed({{}, {indexed("r", {entry("g")}, RealmId(4))}, {}});
  EXPECT_EQ(hits(""), "e>r ");
  EXPECT_EQ(hits("", "", 100, RealmId(4)), "g>r ");
  EXPECT_EQ(store->query(IndexId(3), kTable, kRealm, {}, {}, 9).value().size(), 1U);
  EXPECT_TRUE(store->query(kIndex, TableId(1), kRealm, {}, {}, 9).value().empty());
}

TEST_P(StoreConformance, ConflictLeavesEntriesAlone) {
  expect_committed({{}, {indexed("r", {entry("e")})}, {}});
  const auto refused = commit({{{key("r"), 9}}, {indexed("r", {entry("f")})}, {}});
  EXPECT_EQ(refused.value(), Applied::conflict);
  EXPECT_EQ(hits(""), "e>r ");
}

}  // namespace
}  // namespace coffer::store
