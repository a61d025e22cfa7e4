#include "proof/chain.h"

#include "proof/sample_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::proof {
namespace {

using testing::StartsWith;

TEST(ChainWriter, NumbersLinksAndSigns) {
  const auto key = sample_key();
  ChainWriter writer(sample_log_id(), std::nullopt, key);
  std::vector<Event> events = {sample_event(1), sample_event(2)};
  auto ready = encoded(events);
  const Bytes record = writer.encode(ready, {99}).value();
  events[0].sequence = 1;
  events[1].sequence = 2;
  EXPECT_EQ(decode_batch(record).value(), events);
  EXPECT_FALSE(writer.head());
  writer.accept();

  // The definition in chain.h, spelled out.
  crypto::Digest link = crypto::sha256({as_bytes("coffer audit v1"), sample_log_id()});
  for (const auto& event : events) {
    Bytes encoded;
    encode_event(event, encoded);
    link = crypto::sha256({ByteView(link), encoded});
  }
  EXPECT_EQ(writer.head()->head, (Head{sample_log_id(), 2, link, {99}}));
  EXPECT_TRUE(verify_head(*writer.head(), key.public_key()));
  EXPECT_EQ(batch_head(record).value(), *writer.head());
}

TEST(ChainWriter, RepeatsTheSequencesOfACommitThatFailed) {
  const auto key = sample_key();
  ChainWriter writer(sample_log_id(), std::nullopt, key);
  auto lost = encoded({sample_event(1), sample_event(2)});
  ASSERT_TRUE(writer.encode(lost, {1}));
  auto kept = encoded({sample_event(3)});
  const Bytes record = writer.encode(kept, {2}).value();
  writer.accept();
  EXPECT_EQ(decode_batch(record).value()[0].sequence, 1U);
  EXPECT_TRUE(Verifier(key.public_key()).feed(record));
}

TEST(ChainWriter, ContinuesBehindAHeadFromDisk) {
  const auto key = sample_key();
  auto log = sample_log(key);
  ChainWriter writer(sample_log_id(), batch_head(log.records.back()).value(), key);
  auto events = encoded({sample_event()});
  log.records.push_back(writer.encode(events, {5}).value());
  EXPECT_EQ(decode_batch(log.records.back()).value()[0].sequence, 8U);
  Verifier verifier(key.public_key());
  for (const auto& record : log.records) ASSERT_TRUE(verifier.feed(record));
  EXPECT_EQ(verifier.finish().value().sequence, 8U);
}

TEST(ChainWriter, RefusesWhatItCouldNotReadBack) {
  const auto key = sample_key();
  ChainWriter writer(sample_log_id(), std::nullopt, key);
  EXPECT_EQ(writer.encode({}, {}).error().code, Code::invalid_argument);
  EXPECT_EQ(EncodedEvent::of(Event()).error().code, Code::invalid_argument);
  auto many = encoded(std::vector<Event>(kMaxBatchEvents + 1, small_event(1)));
  EXPECT_EQ(writer.encode(many, {}).error().code, Code::too_large);
  Event big = small_event(1);
  big.changes.resize(kMaxEventChanges, {1, 1, Bytes(kMaxEventChangeKey), 1, {}});
  auto heavy = encoded(std::vector<Event>(40, big));
  EXPECT_EQ(writer.encode(heavy, {}).error().code, Code::too_large);
  EXPECT_THROW(writer.accept(), std::logic_error);
}

TEST(ChainWriter, RefusesAForeignHeadAndAShortLogId) {
  const auto key = sample_key();
  auto events = encoded({sample_event()});
  ChainWriter foreign(sample_log_id(0x22), sample_log(key).heads.back(), key);
  EXPECT_EQ(foreign.encode(events, {}).error().code, Code::invalid_argument);
  ChainWriter nameless(Bytes(15), std::nullopt, key);
  EXPECT_EQ(nameless.encode(events, {}).error().code, Code::invalid_argument);
}

TEST(Head, TextRoundTrips) {
  const SignedHead head = sample_log(sample_key()).heads.back();
  const std::string text = head_text(head);
  EXPECT_THAT(text, StartsWith("coffer-head:v1:"));
  EXPECT_EQ(parse_head(text).value(), head);
}

SignedHead head_with_rows(const crypto::PrivateKey& key) {
  Head head = sample_log(key).heads.back().head;
  head.rows.emplace().fill(7);
  return sign_head(head, key).value();
}

TEST(Head, TextOfAHeadWithARowDigestRoundTrips) {
  const SignedHead head = head_with_rows(sample_key());
  const std::string text = head_text(head);
  EXPECT_THAT(text, StartsWith("coffer-head:v2:"));
  EXPECT_LT(text.size(), kMaxHeadText);
  EXPECT_EQ(parse_head(text).value(), head);
  std::string other = text;
  other.replace(0, 15, "coffer-head:v1:");
  EXPECT_FALSE(parse_head(other)) << "the prefix is of another version";
}

// Nobody makes a head of one version into a good one of the other.
TEST(Head, TheRowDigestIsSigned) {
  const auto key = sample_key();
  const auto public_key = key.public_key();
  const SignedHead head = head_with_rows(key);
  EXPECT_TRUE(verify_head(head, public_key));
  SignedHead edited = head;
  edited.head.rows->back() ^= 1;
  EXPECT_FALSE(verify_head(edited, public_key));
  edited.head.rows.reset();
  EXPECT_FALSE(verify_head(edited, public_key));
  SignedHead added = sample_log(key).heads.back();
  added.head.rows.emplace();
  EXPECT_FALSE(verify_head(added, public_key));
}

TEST(Head, RefusesOtherTexts) {
  const SignedHead head = sample_log(sample_key()).heads.back();
  const std::string text = head_text(head);
  SignedHead zero = head;
  zero.head.sequence = 0;
  SignedHead unsigned_head = head;
  unsigned_head.signature.clear();
  SignedHead oversigned = head;
  oversigned.signature.resize(kMaxHeadSignature + 1, 1);
  for (const std::string& bad : {std::string(),
                                 std::string("coffer-head:v1:"),
                                 text.substr(1),
                                 text.substr(0, text.size() - 4),
                                 text + "AAAA",
                                 text + "=",
                                 " " + text,
                                 text + std::string(1000, 'A'),
                                 head_text(zero),
                                 head_text(unsigned_head),
                                 head_text(oversigned)}) {
    const auto parsed = parse_head(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::invalid_argument);
  }
}

TEST(Head, SignatureCoversEveryField) {
  const auto key = sample_key();
  const auto public_key = key.public_key();
  const SignedHead head = sample_log(key).heads.back();
  EXPECT_TRUE(verify_head(head, public_key));
  EXPECT_FALSE(verify_head(head, sample_key("another").public_key()));
  const std::vector<void (*)(SignedHead&)> edits = {
      [](SignedHead& h) { h.head.log_id[15] ^= 1; },
      [](SignedHead& h) { h.head.sequence ^= 1; },
      [](SignedHead& h) { h.head.link[31] ^= 1; },
      [](SignedHead& h) { h.head.time.ns ^= 1; },
      [](SignedHead& h) { h.signature.back() ^= 1; },
      [](SignedHead& h) { h.signature.push_back(0); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    SignedHead edited = head;
    edits[i](edited);
    EXPECT_FALSE(verify_head(edited, public_key)) << i;
  }
}

}  // namespace
}  // namespace coffer::proof
