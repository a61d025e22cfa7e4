// Verifier: walks a whole audit log, recomputes everything and names the first event that is wrong.
//
// It needs the public key, kept elsewhere than the log, and should have a witness: a signed head
// printed earlier. Found are: an edited event (any bit), a missing, inserted, repeated or reordered
// one, a batch of another log or of a fork, a forged head; with a witness also a truncated log and
// one that was rewritten before the witness with a stolen key. Not found: what happened after the
// witness, when the log was cut back to a batch end behind it.
//
// Where events of a batch disagree with its signed head but agree among themselves (somebody
// recomputed them without having the key), the first event of the batch is named: no more is known.
//
// A value that keeps O(1) memory; not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "proof/batch.h"
#include "proof/event.h"
#include "proof/head.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coffer::proof {

// One defect, named: "event 4711: link does not match".
struct Finding {
  std::uint64_t sequence = 0;  // the first event that is wrong, missing or out of place
  std::string what;
  friend bool operator==(const Finding&, const Finding&) = default;
};

class Verifier {
 public:
  // `start` is the head before the first batch that will be fed, for a log whose older part was
  // exported and dropped; without one the log must begin with event 1. Both heads must verify under
  // `key`, or the verifier is failed from the beginning.
  explicit Verifier(crypto::PublicKey key,
                    std::optional<SignedHead> witness = std::nullopt,
                    std::optional<SignedHead> start = std::nullopt);

  // Feeds the next batch record of the log, in order. Returns its events when they hold.
  // Code::corrupt with the finding's text when something is wrong; the verifier then stays failed.
  Result<std::vector<Event>> feed(ByteView record);

  // After the last batch: also detects truncation against the witness. Returns the head reached.
  // not_found: nothing was fed. precondition_failed: the witness is older than `start`.
  Result<Head> finish();

  [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }

  // The signed head reached so far; at first the start.
  [[nodiscard]] const std::optional<SignedHead>& reached() const { return head_; }

 private:
  void check_given_heads();

  [[nodiscard]] std::uint64_t expected() const { return head_ ? head_->head.sequence + 1 : 1; }

  Result<> check_place(const BatchReader& batch);
  Result<std::vector<Event>> check_events(BatchReader& batch, crypto::Digest& link);
  Result<> check_witness(std::uint64_t sequence, const crypto::Digest& link);
  Result<> check_head(const SignedHead& head, const BatchReader& batch, const Head& computed);

  std::unexpected<Error> found(std::uint64_t sequence, std::string what);
  [[nodiscard]] std::unexpected<Error> refuse() const;

  crypto::PublicKey key_;
  std::optional<SignedHead> witness_;
  std::optional<SignedHead> head_;  // reached so far
  std::uint64_t start_;             // sequence of the head given
  bool witness_passed_ = false;
  std::optional<Finding> finding_;
};

}  // namespace coffer::proof
