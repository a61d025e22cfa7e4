// The audit chain: events in batches, each event hashed onto its predecessor, each batch signed.
//
//   link(0)   = SHA-256("coffer audit v1" || log id)
//   link(n)   = SHA-256(link(n-1) || canonical encoding of event n)
//   head      = (log id, sequence of the last event, link, time, row digest), signed with ECDSA
//               P-256 over "coffer audit head v2" || canonical encoding
//
// Whoever holds the public key and one head that was printed earlier detects every edit, gap,
// reordering, insertion and truncation behind that head, offline (verifier.h). A public key kept
// beside the log proves nothing: `init` prints it for safekeeping elsewhere. Formats: head.h,
// batch.h, docs/formats/audit.md.
//
// ChainWriter is used by one committer thread and keeps O(1) memory.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "proof/batch.h"
#include "proof/event.h"
#include "proof/head.h"
#include "proof/verifier.h"

#include <optional>
#include <span>

namespace coffer::proof {

class ChainWriter {
 public:
  // Continues behind `last` (nullopt: a new log). `key` is borrowed and outlives the writer.
  ChainWriter(Bytes log_id, std::optional<SignedHead> last, const crypto::PrivateKey& key);

  // Numbers and links the events, signs the new head, and returns the batch record. `rows`: the row
  // digest of the store with this batch; without one the head is of version 1. The writer's
  // own head does not move until accept(): a commit that failed is followed by another encode().
  // invalid_argument: no events, or a log id that is not 16 octets or not that of `last`.
  // too_large: over kMaxBatchEvents or kMaxBatch; the caller splits.
  Result<Bytes> encode(std::span<EncodedEvent> events,
                       Timestamp now,
                       const std::optional<crypto::Digest>& rows = std::nullopt);
  // The record of the last encode() is durable. Once for each; a second is a bug (logic_error).
  void accept();

  [[nodiscard]] const std::optional<SignedHead>& head() const { return head_; }

 private:
  [[nodiscard]] Result<> check(std::span<const EncodedEvent> events) const;

  Bytes log_id_;
  std::optional<SignedHead> head_;
  std::optional<SignedHead> next_;
  const crypto::PrivateKey& key_;
};

}  // namespace coffer::proof
