#include "proof/stored_ledger.h"

#include "proof/partition_drop.h"
#include "proof/sample_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace coffer::proof {
namespace {

using testing::HasSubstr;

SignedHead head_at(std::uint64_t sequence) {
  return sign_head({sample_log_id(), sequence, {1, 2}, {3}, crypto::Digest{4}}, sample_key())
      .value();
}

// The same each time: one head has many good signatures.
const SignedHead& sample_head() {
  static const SignedHead head = head_at(7);
  return head;
}

RowLedger ledger_of(std::size_t rows) {
  RowLedger ledger;
  for (std::size_t i = 0; i < rows; ++i) {
    ledger.put(
        {30, 1, to_bytes("row " + std::to_string(i))}, i + 1, {static_cast<std::uint8_t>(i), 0xaa});
  }
  return ledger;
}

struct Written {
  std::vector<Bytes> records;
  crypto::Digest digest{};
};

Written written(const RowLedger& ledger, const SignedHead& head = sample_head()) {
  Written out;
  out.digest = write_ledger(ledger, head, [&out](std::uint32_t part, ByteView record) -> Result<> {
                 EXPECT_EQ(part, out.records.size() + 1);
                 out.records.push_back(to_bytes(record));
                 return {};
               }).value();
  return out;
}

Result<StoredLedger> read(const std::vector<Bytes>& records) {
  COFFER_TRY(StoredLedger ledger, StoredLedger::begin(records.at(0)));
  for (std::size_t i = 1; i < records.size(); ++i) COFFER_CHECK(ledger.feed(records[i]));
  return ledger;
}

// The rows of a ledger as one text, in order.
std::string text_of(const RowLedger& ledger) {
  std::string out;
  EXPECT_TRUE(ledger.visit([&out](const RowKey& row, std::uint64_t revision, const SealTag& seal) {
    out += to_text(row) + " " + std::to_string(revision) + " " + std::to_string(seal[0]) + "\n";
    return Result<>();
  }));
  return out;
}

TEST(StoredLedger, IsReadAsItWasWritten) {
  for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{1000}}) {
    const RowLedger ledger = ledger_of(rows);
    const Written out = written(ledger);
    ASSERT_EQ(out.records.size(), 1U);
    StoredLedger again = read(out.records).value();
    EXPECT_TRUE(again.is_whole());
    EXPECT_EQ(again.head(), sample_head());
    EXPECT_EQ(again.rows(), rows);
    EXPECT_EQ(again.digest(), out.digest);
    EXPECT_EQ(text_of(again.take()), text_of(ledger));
  }
}

TEST(StoredLedger, HasOneFormWhateverTheOrderOfItsMaking) {
  RowLedger backwards;
  for (std::size_t i = 100; i-- > 0;) {
    backwards.put(
        {30, 1, to_bytes("row " + std::to_string(i))}, i + 1, {static_cast<std::uint8_t>(i), 0xaa});
  }
  EXPECT_EQ(written(backwards).records, written(ledger_of(100)).records);
}

TEST(StoredLedger, IsWrittenInPartsOfBoundedSize) {
  constexpr std::size_t kRows = 40'000;
  const Written out = written(ledger_of(kRows));
  ASSERT_GE(out.records.size(), 3U);
  for (const Bytes& record : out.records) EXPECT_LE(record.size(), kMaxLedgerRecord);
  StoredLedger again = StoredLedger::begin(out.records[0]).value();
  for (std::size_t i = 1; i < out.records.size(); ++i) {
    EXPECT_FALSE(again.is_whole());
    ASSERT_TRUE(again.feed(out.records[i]));
  }
  EXPECT_TRUE(again.is_whole());
  EXPECT_EQ(again.digest(), out.digest);
  EXPECT_EQ(again.take().size(), kRows);
}

TEST(StoredLedger, RefusesPartsMissingRepeatedAndOfAnother) {
  const Written out = written(ledger_of(40'000));
  EXPECT_FALSE(read({out.records[1]}));
  EXPECT_FALSE(read({out.records[0], out.records[2]}));
  EXPECT_FALSE(read({out.records[0], out.records[0]}));
  const Written other = written(ledger_of(40'000), head_at(8));
  const auto mixed = read({out.records[0], other.records[1]});
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error().message, HasSubstr("another ledger"));
  std::vector<Bytes> more = out.records;
  more.push_back(written(ledger_of(1)).records[0]);
  EXPECT_FALSE(read(more));
}

TEST(StoredLedger, ChangesItsDigestOrIsRefusedWhateverOctetIsEdited) {
  const Written out = written(ledger_of(3));
  for (std::size_t at = 0; at < out.records[0].size(); ++at) {
    Bytes edited = out.records[0];
    edited[at] ^= 1;
    const auto ledger = read({edited});
    if (ledger) EXPECT_NE(ledger->digest(), out.digest) << at;
  }
}

TEST(StoredLedger, RefusesWhatIsCutShort) {
  const Written out = written(ledger_of(3));
  for (std::size_t size = 0; size < out.records[0].size(); ++size) {
    EXPECT_FALSE(read({to_bytes(ByteView(out.records[0]).first(size))})) << size;
  }
}

TEST(StoredLedger, RefusesOctetsBehindItsEntries) {
  Bytes record = written(ledger_of(3)).records[0];
  record.push_back(0);
  EXPECT_FALSE(read({record}));
}

// Entries as they stand behind the head of a part.
Bytes part_of(std::uint64_t rows, const std::vector<std::pair<Bytes, std::uint64_t>>& entries) {
  Bytes record;
  Writer writer(record);
  writer.u8(1);
  writer.u32(1);
  writer.u64(rows);
  encode_head(sample_head(), record);
  writer.varint(entries.size());
  for (const auto& [key, revision] : entries) {
    writer.u16(30);
    writer.u32(1);
    writer.bytes(key);
    writer.u64(revision);
    append(record, SealTag{});
  }
  return record;
}

TEST(StoredLedger, RefusesEntriesThatNoLedgerHas) {
  const Bytes a = to_bytes("a");
  const Bytes b = to_bytes("b");
  EXPECT_TRUE(read({part_of(2, {{a, 1}, {b, 1}})}));
  const std::vector<std::pair<Bytes, std::string>> refused = {
      {part_of(2, {{b, 1}, {a, 1}}), "out of order"},
      {part_of(2, {{a, 1}, {a, 1}}), "out of order"},
      {part_of(1, {{a, 0}}), "erased"},
      {part_of(1, {{Bytes(), 1}}), "key"},
      {part_of(1, {{Bytes(1025, 'k'), 1}}), "key"},
      {part_of(1, {{a, 1}, {b, 1}}), "more rows"},
      {part_of(1, {}), "without rows"},
      {Bytes(kMaxLedgerRecord + 1, 1), "1 MiB"}};
  for (const auto& [record, what] : refused) {
    const auto ledger = read({record});
    ASSERT_FALSE(ledger) << what;
    EXPECT_EQ(ledger.error().code, Code::corrupt);
    EXPECT_THAT(ledger.error().message, HasSubstr(what));
  }
}

TEST(StoredLedger, GoesOnWhereTheLogWasCut) {
  Event before;
  before.changes = {{30, 1, to_bytes("a"), 1, {1}}, {30, 1, to_bytes("b"), 1, {1}}};
  Event after;
  after.changes = {{30, 1, to_bytes("a"), 0, {}}, {30, 1, to_bytes("c"), 5, {2}}};
  RowLedger whole;
  whole.apply(before);
  const Written boundary = written(whole);
  whole.apply(after);
  RowLedger cut = read(boundary.records).value().take();
  cut.apply(after);
  EXPECT_EQ(text_of(cut), text_of(whole));
}

PartitionDrop sample_drop() {
  return {.month = "2026-11",
          .first = 1,
          .last = 7,
          .head = sample_head(),
          .archive = {1},
          .ledger = {2},
          .rows = 3};
}

TEST(PartitionDrop, IsReadBackFromItsEvent) {
  Event event = sample_event();
  event.type = EventType::system_audit_partition_dropped;
  event.facts = drop_facts(sample_drop());
  Bytes encoded;
  encode_event(event, encoded);
  EXPECT_EQ(read_drop(decode_event(encoded).value()), sample_drop());
}

TEST(PartitionDrop, IsNotReadFromAnyOtherEvent) {
  Event event = sample_event();
  event.facts = drop_facts(sample_drop());
  EXPECT_EQ(read_drop(event), std::nullopt) << "another type";
  event.type = EventType::system_audit_partition_dropped;
  const std::vector<Fact> facts = event.facts;
  for (std::size_t i = 1; i < facts.size(); ++i) {
    event.facts = facts;
    event.facts[i].value += "x";
    EXPECT_EQ(read_drop(event), std::nullopt) << facts[i].name;
    event.facts = facts;
    event.facts.erase(event.facts.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(read_drop(event), std::nullopt) << facts[i].name;
  }
}

}  // namespace
}  // namespace coffer::proof
