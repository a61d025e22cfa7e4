#include "proof/verifier.h"

#include <algorithm>

namespace coffer::proof {

Verifier::Verifier(crypto::PublicKey key,
                   std::optional<SignedHead> witness,
                   std::optional<SignedHead> start)
    : key_(std::move(key)),
      witness_(std::move(witness)),
      head_(std::move(start)),
      start_(head_ ? head_->head.sequence : 0) {
  check_given_heads();
}

void Verifier::check_given_heads() {
  const auto defect = [this](const SignedHead& head, std::string what) {
    finding_ = Finding{head.head.sequence, std::move(what)};
  };
  if (witness_ && !verify_head(*witness_, key_)) {
    return defect(*witness_, "signature of the witness does not verify");
  }
  if (!head_) return;
  if (!verify_head(*head_, key_)) {
    return defect(*head_, "signature of the starting head does not verify");
  }
  if (!witness_) return;
  if (witness_->head.log_id != head_->head.log_id) {
    return defect(*head_, "the witness belongs to another log than the starting head");
  }
  if (witness_->head.sequence != head_->head.sequence) return;
  if (witness_->head.link != head_->head.link) {
    return defect(*head_, "the starting head is not the one that the witness saw");
  }
  witness_passed_ = true;
}

std::unexpected<Error> Verifier::found(std::uint64_t sequence, std::string what) {
  finding_ = Finding{sequence, std::move(what)};
  return refuse();
}

std::unexpected<Error> Verifier::refuse() const {
  return fail(Code::corrupt, "event " + std::to_string(finding_->sequence) + ": " + finding_->what);
}

Result<std::vector<Event>> Verifier::feed(ByteView record) {
  if (finding_) return refuse();
  auto batch = BatchReader::open(record);
  if (!batch) return found(expected(), batch.error().message);
  COFFER_CHECK(check_place(*batch));
  crypto::Digest link = head_ ? head_->head.link : batch->previous();
  COFFER_TRY(std::vector<Event> events, check_events(*batch, link));
  auto head = batch->head();
  if (!head) return found(batch->first(), head.error().message);
  COFFER_CHECK(check_head(*head, *batch, {{}, events.back().sequence, link, {}}));
  head_ = *std::move(head);
  return events;
}

// Whether the batch says of itself that it comes next.
Result<> Verifier::check_place(const BatchReader& batch) {
  const std::string first = std::to_string(batch.first());
  if (batch.first() > expected()) {
    return found(expected(), "sequence gap: the next batch begins with event " + first);
  }
  if (batch.first() < expected()) {
    return found(expected(), "out of place: a batch that begins with event " + first);
  }
  if (head_ && batch.previous() != head_digest(*head_)) {
    return found(expected(), "batch does not continue the head before it");
  }
  return {};
}

// Moves `link` over the events.
Result<std::vector<Event>> Verifier::check_events(BatchReader& batch, crypto::Digest& link) {
  std::vector<Event> events;
  events.reserve(batch.events_left());
  for (std::uint64_t sequence = batch.first(); batch.events_left() > 0; ++sequence) {
    const auto item = batch.next();
    if (!item) return found(sequence, item.error().message);
    auto event = decode_event(item->encoded);
    if (!event) return found(sequence, event.error().message);
    const std::string stands = "event " + std::to_string(event->sequence) + " stands in its place";
    if (event->sequence > sequence) return found(sequence, "sequence gap: " + stands);
    if (event->sequence < sequence) return found(sequence, "out of place: " + stands);
    link = next_link(link, item->encoded);
    if (link_start(link) != item->link) return found(sequence, "link does not match");
    COFFER_CHECK(check_witness(sequence, link));
    events.push_back(*std::move(event));
  }
  return events;
}

Result<> Verifier::check_witness(std::uint64_t sequence, const crypto::Digest& link) {
  if (!witness_ || witness_->head.sequence != sequence) return {};
  if (witness_->head.link != link) {
    return found(sequence, "the log up to here is not the one that the witness saw");
  }
  witness_passed_ = true;
  return {};
}

// `computed` has the sequence and the link that the events gave. The signature comes first: only
// what it covers may be believed when it contradicts the events.
Result<> Verifier::check_head(const SignedHead& head,
                              const BatchReader& batch,
                              const Head& computed) {
  if (!verify_head(head, key_)) {
    return found(batch.first(), "signature of the batch does not verify");
  }
  if (head.head.sequence > computed.sequence) {
    return found(computed.sequence + 1,
                 "missing: the signed head covers it, the batch ends before");
  }
  if (head.head.sequence < computed.sequence) {
    return found(head.head.sequence + 1, "inserted: the signed head does not cover it");
  }
  if (!head_ && batch.previous() != first_link(head.head.log_id)) {
    return found(batch.first(), "batch does not begin the log that its head names");
  }
  const auto& log_id = head_ ? head_->head.log_id : head.head.log_id;
  if (head.head.log_id != log_id || (witness_ && witness_->head.log_id != log_id)) {
    return found(batch.first(), "batch belongs to another log");
  }
  if (head.head.link != computed.link) {
    return found(batch.first(), "link does not match the signed head of its batch");
  }
  return {};
}

Result<Head> Verifier::finish() {
  if (finding_) return refuse();
  if (witness_ && !witness_passed_) {
    if (expected() <= witness_->head.sequence) {
      return found(expected(),
                   "missing: the log ends before it, but the witness saw event " +
                       std::to_string(witness_->head.sequence));
    }
    return fail(Code::precondition_failed,
                "the witness saw event " + std::to_string(witness_->head.sequence) +
                    ", before the start of this log at event " + std::to_string(start_ + 1) +
                    ": verify the archive that holds it");
  }
  if (!head_) return fail(Code::not_found, "the log is empty");
  return head_->head;
}

}  // namespace coffer::proof
