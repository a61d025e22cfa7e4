// Rows: reading, conditional writing, scanning, limits, realms.
#include "store/conformance.h"

#include <array>
#include <limits>

namespace coffer::store {
namespace {

using std::string_view_literals::operator""sv;

TEST_P(StoreConformance, ReadsWhatWasCommitted) {
  EXPECT_EQ(read(key("a")), "");
  expect_committed({{}, {put("a", 1, "one")}, {}});
  EXPECT_EQ(read(key("a")), "1:one");
  expect_committed({{}, {put("a", 2, "")}, {}});
  EXPECT_EQ(read(key("a")), "2:");
  expect_committed({{}, {}, {key("a"), key("never there")}});
  EXPECT_EQ(read(key("a")), "");
}

TEST_P(StoreConformance, KeepsAllBitsOfRevisionsAndBlobs) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const Bytes blob(kMaxBlob, 0xff);
  expect_committed({{}, {{key("a"), most, blob, {}}}, {}});
  const auto row = store->get(key("a"));
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->revision, most);
  EXPECT_EQ((*row)->blob, blob);
  const auto again = commit({{{key("a"), most}}, {put("a", 0)}, {}});
  EXPECT_EQ(again.value(), Applied::yes);
}

TEST_P(StoreConformance, AppliesUnitOnlyIfEveryCheckHolds) {
  struct Case {
    std::optional<std::uint64_t> stored;
    std::optional<std::uint64_t> wanted;
    Applied outcome;
  };

  constexpr auto kCases = std::to_array<Case>({
      {std::nullopt, std::nullopt, Applied::yes},
      {std::nullopt, 0, Applied::conflict},
      {5, 5, Applied::yes},
      {5, 4, Applied::conflict},
      {5, std::nullopt, Applied::conflict},
      {0, std::nullopt, Applied::conflict},
  });
  for (const Case& each : kCases) {
    store = GetParam().make();
    if (each.stored) expect_committed({{}, {put("checked", *each.stored)}, {}});
    const Unit unit{{{key("checked"), each.wanted}}, {put("written", 1)}, {}};
    EXPECT_EQ(commit(unit).value(), each.outcome);
    EXPECT_EQ(read(key("written")) != "", each.outcome == Applied::yes);
  }
}

TEST_P(StoreConformance, ChecksSeeEarlierUnitsOfTheBatch) {
  auto batch = store->begin().value();
  EXPECT_EQ(batch->apply({{{key("a"), std::nullopt}}, {put("a", 1)}, {}}).value(), Applied::yes);
  EXPECT_EQ(batch->apply({{{key("a"), std::nullopt}}, {put("b", 1)}, {}}).value(),
            Applied::conflict);
  EXPECT_EQ(batch->apply({{{key("a"), 1}}, {}, {key("a")}}).value(), Applied::yes);
  EXPECT_EQ(batch->apply({{{key("a"), std::nullopt}}, {put("c", 1)}, {}}).value(), Applied::yes);
  ASSERT_TRUE(batch->commit());
  EXPECT_EQ(keys(""), "c ");
}

TEST_P(StoreConformance, KeepsRealmsAndTablesApart) {
  const Key here = key("same", RealmId(1));
  const Key there = key("same", RealmId(2));
  const Key other = key("same", RealmId(1), TableId(8));
  for (const auto& [at, blob] :
       {std::pair(here, "h"), std::pair(there, "t"), std::pair(other, "o")}) {
    expect_committed({{{at, std::nullopt}}, {{at, 1, to_bytes(blob), {}}}, {}});
  }
  expect_committed({{}, {}, {there}});
  EXPECT_EQ(read(here), "1:h");
  EXPECT_EQ(read(there), "");
  EXPECT_EQ(read(other), "1:o");
  EXPECT_EQ(keys("", "", 100, RealmId(1)), "same ");
  EXPECT_EQ(keys("", "", 100, RealmId(2)), "");
}

TEST_P(StoreConformance, ScansPrefixesInByteOrder) {
  for (const auto text : {"a"sv,
                          "a\xff"sv,
                          "a\xff\xff"sv,
                          "a\xff\xff\x01"sv,
                          "b"sv,
                          "\xff"sv,
                          "\xff\xff"sv,
                          "a\0"sv,
                          "A"sv}) {
    expect_committed({{}, {put(text, 1)}, {}});
  }

  struct Case {
    std::string_view prefix, after;
    std::size_t limit;
    std::string_view found;
  };

  constexpr auto kCases = std::to_array<Case>({
      {"", "", 100, "A a a\0 a\xff a\xff\xff a\xff\xff\x01 b \xff \xff\xff "sv},
      {"a", "", 100, "a a\0 a\xff a\xff\xff a\xff\xff\x01 "sv},
      {"a\xff", "", 100, "a\xff a\xff\xff a\xff\xff\x01 "sv},
      {"a\xff\xff", "", 100, "a\xff\xff a\xff\xff\x01 "sv},
      {"\xff", "", 100, "\xff \xff\xff "sv},
      {"\xff\xff\xff", "", 100, ""sv},
      {"a", "a", 2, "a\0 a\xff "sv},
      {"a", "a\xff", 100, "a\xff\xff a\xff\xff\x01 "sv},
      {"a", "A", 1, "a "sv},
      {"a", "b", 100, ""sv},
      {"", "aa", 1, "a\xff "sv},
      {"", "\xff\xff", 100, ""sv},
      {"", "", 0, ""sv},
  });
  for (const Case& each : kCases) {
    EXPECT_EQ(keys(each.prefix, each.after, each.limit), each.found)
        << "prefix " << each.prefix << " after " << each.after;
  }
}

TEST_P(StoreConformance, ScansEdgesOfTheLastTableAndRealm) {
  const TableId table(0xffff);
  const RealmId realm(0xffffffff);
  const Key last = key(std::string(kMaxKey, '\xff'), realm, table);
  expect_committed({{}, {{last, 1, {}, {entry("\xff")}}}, {}});
  EXPECT_EQ(store->scan_keys(table, realm, {}, {}, 9).value(), std::vector<Bytes>{last.key});
  EXPECT_EQ(store->scan_keys(table, realm, last.key, {}, 9).value(), std::vector<Bytes>{last.key});
  EXPECT_TRUE(store->scan_keys(table, realm, {}, last.key, 9).value().empty());
  EXPECT_EQ(store->query(kIndex, table, realm, {}, {}, 9).value().size(), 1U);
}

TEST_P(StoreConformance, ScanGivesWholeRows) {
  expect_committed({{}, {put("a", 1, "one"), put("b", 2, "two")}, {}});
  const auto rows = store->scan(kTable, kRealm, {}, as_bytes("a"), 10).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].key, key("b"));
  EXPECT_EQ(rows[0].revision, 2U);
  EXPECT_EQ(rows[0].blob, to_bytes("two"));
}

TEST_P(StoreConformance, RefusesWhatIsBeyondTheLimits) {
  const std::string longest(kMaxKey, 'k');
  const std::string too_long(kMaxKey + 1, 'k');
  expect_committed({{}, {put(longest, 1, std::string(kMaxBlob, 'b'))}, {}});
  std::vector<Put> hundred;
  for (int i = 0; i < 100; ++i) hundred.push_back(put("item" + std::to_string(i), 1));
  expect_committed({{}, hundred, {}});

  std::vector<IndexEntry> many(kMaxRowEntries + 1, entry("x"));
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = entry("x" + std::to_string(i));
  const std::vector<std::pair<Unit, Code>> rejects = {
      {{{}, {put(too_long, 1)}, {}}, Code::too_large},
      {{{}, {}, {key(too_long)}}, Code::too_large},
      {{{{key(too_long), 1}}, {}, {}}, Code::too_large},
      {{{}, {put("big", 1, std::string(kMaxBlob + 1, 'b'))}, {}}, Code::too_large},
      {{{}, hundred, {key("one more")}}, Code::too_large},
      {{std::vector<Check>(101, {key("a"), 1}), {}, {}}, Code::too_large},
      {{{}, {{key("a"), 1, {}, {entry(too_long)}}}, {}}, Code::too_large},
      {{{}, {{key("a"), 1, {}, many}}, {}}, Code::too_large},
      {{{}, {put("", 1)}, {}}, Code::invalid_argument},
      {{{}, {put("twice", 1), put("twice", 2)}, {}}, Code::invalid_argument},
      {{{}, {put("twice", 1)}, {key("twice")}}, Code::invalid_argument},
      {{{}, {{key("a"), 1, {}, {entry("")}}}, {}}, Code::invalid_argument},
      {{{}, {{key("a"), 1, {}, {entry("e"), entry("e")}}}, {}}, Code::invalid_argument},
  };
  for (const auto& [unit, code] : rejects) {
    const auto outcome = commit(unit);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, code) << outcome.error().message;
  }
  EXPECT_EQ(store->get(key(too_long)).error().code, Code::too_large);
  EXPECT_EQ(read(key("twice")), "");
}

}  // namespace
}  // namespace coffer::store
