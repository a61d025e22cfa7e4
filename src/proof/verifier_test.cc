#include "proof/verifier.h"

#include "base/wire.h"
#include "proof/sample_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace coffer::proof {
namespace {

using testing::HasSubstr;
using Records = std::vector<Bytes>;

// What a verifier says of the records; nothing when they hold.
std::optional<Finding> examine(const Records& records,
                               std::optional<SignedHead> witness = std::nullopt,
                               std::string_view key_seed = "coffer sample audit key") {
  Verifier verifier(sample_key(key_seed).public_key(), std::move(witness));
  for (const auto& record : records) {
    if (!verifier.feed(record)) return verifier.finding();
  }
  // Nothing at all to verify is an error without a finding.
  if (!verifier.finish()) return verifier.finding().value_or(Finding{0, "error"});
  return std::nullopt;
}

// The events 1 2 | 3 4 5 | 6 7.
SampleLog three_batches() {
  return sample_log(sample_key());
}

// The batch taken apart and put together again around its (unchanged) signed head.
struct OpenBatch {
  std::uint64_t first = 0;
  crypto::Digest previous{};
  std::vector<std::pair<Bytes, LinkStart>> items;
  SignedHead head;
};

OpenBatch take_apart(const Bytes& record) {
  OpenBatch batch;
  BatchReader reader = BatchReader::open(record).value();
  batch.first = reader.first();
  batch.previous = reader.previous();
  while (reader.events_left() > 0) {
    const auto item = reader.next().value();
    batch.items.emplace_back(to_bytes(item.encoded), item.link);
  }
  batch.head = reader.head().value();
  return batch;
}

Bytes put_together(const OpenBatch& batch) {
  Bytes record;
  Writer writer(record);
  writer.u8(1);
  writer.u64(batch.first);
  append(record, batch.previous);
  writer.varint(batch.items.size());
  for (const auto& [encoded, link] : batch.items) {
    writer.bytes(encoded);
    append(record, link);
  }
  encode_head(batch.head, record);
  return record;
}

// Renumbers and relinks, as somebody does who can write the store but has no key.
void relink(OpenBatch& batch, crypto::Digest link) {
  std::uint64_t sequence = batch.first;
  for (auto& [encoded, start] : batch.items) {
    Event event = decode_event(encoded).value();
    event.sequence = sequence++;
    encoded.clear();
    encode_event(event, encoded);
    link = next_link(link, encoded);
    start = link_start(link);
  }
}

TEST(Verifier, AcceptsAnUntouchedLog) {
  const SampleLog log = three_batches();
  EXPECT_EQ(examine(log.records), std::nullopt);
  for (const auto& witness : log.heads) EXPECT_EQ(examine(log.records, witness), std::nullopt);

  Verifier verifier(sample_key().public_key());
  EXPECT_EQ(verifier.feed(log.records[0]).value(), decode_batch(log.records[0]).value());
  ASSERT_TRUE(verifier.feed(log.records[1]));
  ASSERT_TRUE(verifier.feed(log.records[2]));
  EXPECT_EQ(verifier.finish().value(), log.heads[2].head);
}

// Which event an octet of the record belongs to, or 0 for the frame around the events.
std::vector<std::uint64_t> owners(const Bytes& record) {
  std::vector<std::uint64_t> owner(record.size(), 0);
  BatchReader reader = BatchReader::open(record).value();
  constexpr std::size_t kFrame = 1 + 8 + 32 + 1;
  std::size_t at = kFrame;
  for (std::uint64_t sequence = reader.first(); reader.events_left() > 0; ++sequence) {
    const auto item = reader.next().value();
    const auto begin = static_cast<std::size_t>(item.encoded.data() - record.data());
    const std::size_t end = begin + item.encoded.size() + item.link.size();
    for (; at < end; ++at) owner[at] = sequence;
  }
  return owner;
}

TEST(Verifier, FindsEverySingleBitFlipAndNamesItsEvent) {
  const SampleLog log = three_batches();
  const Bytes public_der = sample_key().public_key().der();
  constexpr std::size_t kCountAt = 1 + 8 + 32;
  for (std::size_t batch = 0; batch < log.records.size(); ++batch) {
    const auto owner = owners(log.records[batch]);
    const auto start = batch == 0 ? std::nullopt : std::optional(log.heads[batch - 1]);
    const std::uint64_t first = BatchReader::open(log.records[batch]).value().first();
    const std::uint64_t last = log.heads[batch].head.sequence;
    for (std::size_t bit = 0; bit < log.records[batch].size() * 8; ++bit) {
      Bytes flipped = log.records[batch];
      const std::size_t octet = bit / 8;
      flipped[octet] ^= static_cast<std::uint8_t>(1U << bit % 8);
      Verifier verifier(crypto::PublicKey::from_der(public_der).value(), std::nullopt, start);
      ASSERT_FALSE(verifier.feed(flipped)) << "batch " << batch << " bit " << bit;
      const std::uint64_t named = verifier.finding().value().sequence;
      // Damage to the frame is blamed on the batch, which its first event names; a batch that
      // claims more events than it has is missing the one behind its last.
      if (octet == kCountAt && named == last + 1) continue;
      ASSERT_EQ(named, owner[octet] != 0 ? owner[octet] : first)
          << "batch " << batch << " bit " << bit;
    }
  }
}

TEST(Verifier, NamesTheFirstEventOfADroppedBatch) {
  const SampleLog log = three_batches();
  const auto& r = log.records;
  EXPECT_EQ(examine({r[1], r[2]}).value().sequence, 1U);
  EXPECT_EQ(examine({r[0], r[2]}).value(),
            (Finding{3, "sequence gap: the next batch begins with event 6"}));
  EXPECT_EQ(examine({r[0], r[2], r[1]}).value().sequence, 3U);
  EXPECT_EQ(examine({r[0], r[1], r[1], r[2]}).value(),
            (Finding{6, "out of place: a batch that begins with event 3"}));
}

TEST(Verifier, FindsTruncationWithAWitnessOnly) {
  const SampleLog log = three_batches();
  const Records cut = {log.records[0], log.records[1]};
  EXPECT_EQ(examine(cut), std::nullopt);
  EXPECT_EQ(examine(cut, log.heads[1]), std::nullopt);
  const Finding finding = examine(cut, log.heads[2]).value();
  EXPECT_EQ(finding.sequence, 6U);
  EXPECT_THAT(finding.what, HasSubstr("the witness saw event 7"));
  EXPECT_EQ(examine({}, log.heads[2]).value().sequence, 1U);
  EXPECT_EQ(Verifier(sample_key().public_key()).finish().error().code, Code::not_found);
}

TEST(Verifier, NamesEditedEventsEvenWhenTheyAreLinkedAnew) {
  const SampleLog log = three_batches();
  OpenBatch batch = take_apart(log.records[1]);
  ASSERT_EQ(put_together(batch), log.records[1]);
  Event event = decode_event(batch.items[1].first).value();
  event.actor_id = "somebody else";
  batch.items[1].first.clear();
  encode_event(event, batch.items[1].first);
  Records records = log.records;
  records[1] = put_together(batch);
  EXPECT_EQ(examine(records).value(), (Finding{4, "link does not match"}));

  relink(batch, log.heads[0].head.link);
  records[1] = put_together(batch);
  EXPECT_EQ(examine(records).value(),
            (Finding{3, "link does not match the signed head of its batch"}));

  // And with the head adapted as well: then it is the signature that no longer fits.
  batch.head.head.link[0] ^= 1;
  records[1] = put_together(batch);
  EXPECT_EQ(examine(records).value(), (Finding{3, "signature of the batch does not verify"}));
}

struct Rearrangement {
  std::string_view name;
  void (*apply)(std::vector<std::pair<Bytes, LinkStart>>&);
  std::uint64_t sequence;
  std::uint64_t relinked;  // the finding when the events were renumbered and linked anew
};

class InsideABatch : public testing::TestWithParam<Rearrangement> {};

TEST_P(InsideABatch, IsNamed) {
  const SampleLog log = three_batches();
  OpenBatch batch = take_apart(log.records[1]);
  GetParam().apply(batch.items);
  Records records = log.records;
  records[1] = put_together(batch);
  EXPECT_EQ(examine(records).value().sequence, GetParam().sequence);
  relink(batch, log.heads[0].head.link);
  records[1] = put_together(batch);
  EXPECT_EQ(examine(records).value().sequence, GetParam().relinked);
}

INSTANTIATE_TEST_SUITE_P(
    Verifier,
    InsideABatch,
    testing::Values(Rearrangement{"DropsFirst", [](auto& i) { i.erase(i.begin()); }, 3, 5},
                    Rearrangement{"DropsMiddle", [](auto& i) { i.erase(i.begin() + 1); }, 4, 5},
                    Rearrangement{"DropsLast", [](auto& i) { i.pop_back(); }, 5, 5},
                    Rearrangement{"Swaps", [](auto& i) { std::swap(i[1], i[2]); }, 4, 3},
                    Rearrangement{"RepeatsFirst", [](auto& i) { i.insert(i.begin(), i[0]); }, 4, 6},
                    Rearrangement{"RepeatsLast", [](auto& i) { i.push_back(i[2]); }, 6, 6}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Verifier, TellsAGapFromAnEdit) {
  const SampleLog log = three_batches();
  OpenBatch batch = take_apart(log.records[0]);
  std::swap(batch.items[0], batch.items[1]);
  EXPECT_EQ(examine({put_together(batch)}).value(),
            (Finding{1, "sequence gap: event 2 stands in its place"}));
}

TEST(Verifier, RefusesAFirstBatchThatBeginsAnotherLog) {
  const SampleLog log = three_batches();
  OpenBatch batch = take_apart(log.records[0]);
  batch.previous = first_link(sample_log_id(0x22));
  relink(batch, batch.previous);
  EXPECT_EQ(examine({put_together(batch)}).value(),
            (Finding{1, "batch does not begin the log that its head names"}));
}

TEST(Verifier, RefusesAnotherKey) {
  const SampleLog log = three_batches();
  EXPECT_EQ(examine(log.records, std::nullopt, "another").value(),
            (Finding{1, "signature of the batch does not verify"}));
}

TEST(Verifier, FindsTheSpliceOfTwoLogsUnderOneKey) {
  const auto key = sample_key();
  const SampleLog log = three_batches();
  const SampleLog other = sample_log(key, {2, 3, 2}, sample_log_id(0x22));
  const SampleLog fork = sample_log(key, {2, 3, 2}, sample_log_id(), 100);
  for (const SampleLog* from : {&other, &fork}) {
    EXPECT_EQ(examine({log.records[0], from->records[1], from->records[2]}).value(),
              (Finding{3, "batch does not continue the head before it"}));
  }
  // With the reference to the head before it adapted, the links tell.
  OpenBatch batch = take_apart(fork.records[1]);
  batch.previous = head_digest(log.heads[0]);
  EXPECT_EQ(examine({log.records[0], put_together(batch)}).value(),
            (Finding{3, "link does not match"}));
  batch = take_apart(other.records[1]);
  batch.previous = head_digest(log.heads[0]);
  relink(batch, log.heads[0].head.link);
  EXPECT_EQ(examine({log.records[0], put_together(batch)}).value(),
            (Finding{3, "batch belongs to another log"}));
}

TEST(Verifier, FindsALogRewrittenWithTheKeyBeforeTheWitness) {
  const auto key = sample_key();
  const SampleLog log = three_batches();
  const SampleLog rewritten = sample_log(key, {2, 3, 2, 4}, sample_log_id(), 100);
  EXPECT_EQ(examine(rewritten.records), std::nullopt);
  EXPECT_EQ(examine(rewritten.records, log.heads[1]).value().sequence, 5U);
  const SampleLog other = sample_log(key, {2, 3, 2}, sample_log_id(0x22));
  EXPECT_EQ(examine(other.records, log.heads[2]).value(),
            (Finding{1, "batch belongs to another log"}));
}

// Two signatures of one head are both good: only the batch that follows says which one was there.
TEST(Verifier, FindsAHeadThatWasSignedAgain) {
  const auto key = sample_key();
  const SampleLog log = three_batches();
  OpenBatch batch = take_apart(log.records[0]);
  batch.head = sign_head(batch.head.head, key).value();
  EXPECT_EQ(examine({put_together(batch), log.records[1]}).value().sequence, 3U);
}

TEST(Verifier, RefusesAForgedWitness) {
  const SampleLog log = three_batches();
  SignedHead forged = log.heads[1];
  forged.head.sequence = 1;
  EXPECT_EQ(examine(log.records, forged).value(),
            (Finding{1, "signature of the witness does not verify"}));
}

TEST(Verifier, StartsBehindAnExportedPart) {
  const SampleLog log = three_batches();
  const auto run = [&](std::optional<SignedHead> witness, SignedHead start) {
    Verifier verifier(sample_key().public_key(), std::move(witness), std::move(start));
    (void)verifier.feed(log.records[1]);
    (void)verifier.feed(log.records[2]);
    return verifier.finish();
  };
  EXPECT_EQ(run(log.heads[2], log.heads[0]).value().sequence, 7U);
  EXPECT_EQ(run(log.heads[0], log.heads[0]).value().sequence, 7U);
  EXPECT_FALSE(run(std::nullopt, log.heads[1]));
  SignedHead forged = log.heads[0];
  forged.signature.back() ^= 1;
  EXPECT_EQ(run(std::nullopt, forged).error().message,
            "event 2: signature of the starting head does not verify");
  const SampleLog fork = sample_log(sample_key(), {2}, sample_log_id(), 100);
  EXPECT_FALSE(run(fork.heads[0], log.heads[0]));
  const SampleLog shorter = sample_log(sample_key(), {1});
  EXPECT_EQ(run(shorter.heads[0], log.heads[0]).error().code, Code::precondition_failed);
}

TEST(Verifier, StaysFailed) {
  const SampleLog log = three_batches();
  Verifier verifier(sample_key().public_key());
  EXPECT_FALSE(verifier.feed(log.records[1]));
  const auto again = verifier.feed(log.records[0]);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::corrupt);
  EXPECT_EQ(again.error().message, "event 1: sequence gap: the next batch begins with event 3");
  EXPECT_FALSE(verifier.finish());
}

TEST(Verifier, RefusesForeignOctets) {
  for (const Bytes& foreign : Records{{}, {1}, {2, 0}, Bytes(100, 0xff), Bytes(kMaxBatch + 1, 1)}) {
    EXPECT_EQ(examine({foreign}).value().sequence, 1U);
  }
}

}  // namespace
}  // namespace coffer::proof
