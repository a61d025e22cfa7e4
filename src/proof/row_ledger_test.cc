#include "proof/row_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::proof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const SealTag kSealA = {0xaa};
const SealTag kSealB = {0xbb};

RowKey row(std::string_view key, std::uint16_t table = 3, std::uint32_t realm = 1) {
  return {table, realm, to_bytes(key)};
}

RowChange change(const RowKey& row, std::uint64_t revision, SealTag seal = {}) {
  return {row.table, row.realm, row.key, revision, seal};
}

// "a" at revision 2, "b" at revision 1, "c" erased.
RowLedger sample_ledger() {
  RowLedger ledger;
  Event first;
  first.changes = {change(row("a"), 1, kSealA), change(row("b"), 1, kSealA)};
  Event second;
  second.changes = {change(row("a"), 2, kSealB), change(row("c"), 1, kSealA)};
  Event third;
  third.changes = {change(row("c"), 0)};
  for (const auto& event : {first, second, third}) ledger.apply(event);
  return ledger;
}

TEST(RowLedger, AcceptsTheStoreThatTheLogDescribes) {
  RowLedger ledger = sample_ledger();
  EXPECT_EQ(ledger.size(), 2U);
  EXPECT_TRUE(ledger.check(row("a"), 2, kSealB));
  EXPECT_TRUE(ledger.check(row("b"), 1, kSealA));
  EXPECT_THAT(ledger.missing(), IsEmpty());
}

TEST(RowLedger, NamesEachWrongRow) {
  struct Case {
    RowKey row;
    std::uint64_t revision;
    SealTag seal;
    std::string_view what;
  };

  const std::vector<Case> cases = {
      {row("a"), 2, kSealA, "edited"},
      {row("a"), 1, kSealA, "replayed: revision 1 where the log ends with 2"},
      {row("a"), 3, kSealB, "not in the log: revision 3"},
      {row("c"), 1, kSealA, "unknown"},
      {row("d"), 1, kSealA, "unknown"},
      {row("a", 4), 2, kSealB, "unknown"},
      {row("a", 3, 2), 2, kSealB, "unknown"},
  };
  for (const auto& [key, revision, seal, what] : cases) {
    RowLedger ledger = sample_ledger();
    const auto checked = ledger.check(key, revision, seal);
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().code, Code::corrupt);
    EXPECT_THAT(checked.error().message, HasSubstr(to_text(key) + ": " + std::string(what)));
  }
}

TEST(RowLedger, NamesRowsThatTheStoreNoLongerHas) {
  RowLedger ledger = sample_ledger();
  EXPECT_THAT(ledger.missing(), ElementsAre(row("a"), row("b")));
  ASSERT_TRUE(ledger.check(row("b"), 1, kSealA));
  EXPECT_THAT(ledger.missing(), ElementsAre(row("a")));
  // A wrong row is reported by check(); it is not missing as well.
  EXPECT_FALSE(ledger.check(row("a"), 1, kSealA));
  EXPECT_THAT(ledger.missing(), IsEmpty());
}

TEST(RowLedger, PrintsKeysInHexadecimal) {
  EXPECT_EQ(to_text(row("key")), "table 3 realm 1 key 6b6579");
}

}  // namespace
}  // namespace coffer::proof
