// The audit chain: events in batches, each event hashed onto its predecessor, each batch signed.
//
//   link(0)   = SHA-256("coffer audit v1" || log id)
//   link(n)   = SHA-256(link(n-1) || canonical encoding of event n)
//   head      = (log id, sequence of the last event, link, time), signed with ECDSA P-256 over
//               "coffer audit head v1" || canonical encoding
//
// A batch (the record of store/ logs) is: version, first sequence, the previous head's signature
// digest, the events, the head and its signature. Whoever holds the public key and one head that
// was printed earlier detects every edit, gap, reordering, insertion and truncation behind that
// head, offline. A public key kept beside the log proves nothing: `init` prints it for safekeeping
// elsewhere. Format and grammar: docs/formats/audit.md.
//
// ChainWriter is used by one committer thread. Verifier is a value; both keep O(1) memory.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"
#include "proof/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coffer::proof {

struct Head {
  Bytes log_id;  // 16 octets, drawn at init
  std::uint64_t sequence = 0;
  crypto::Digest link{};
  Timestamp time;
  friend bool operator==(const Head&, const Head&) = default;
};

// "coffer-head:v1:<base64url of the signed head>": what an operator keeps as a witness.
struct SignedHead {
  Head head;
  Bytes signature;
};

std::string head_text(const SignedHead& head);
Result<SignedHead> parse_head(std::string_view text);

class ChainWriter {
 public:
  // Continues behind `last` (nullopt: a new log). `key` is borrowed and outlives the writer.
  ChainWriter(Bytes log_id, std::optional<SignedHead> last, const crypto::PrivateKey& key);

  // Numbers and links the events, signs the new head, and returns the batch record. The writer's
  // own head does not move until accept(): a commit that failed is followed by another encode().
  Result<Bytes> encode(std::vector<Event>& events, Timestamp now);
  void accept();

  [[nodiscard]] const std::optional<SignedHead>& head() const { return head_; }

 private:
  Bytes log_id_;
  std::optional<SignedHead> head_;
  std::optional<SignedHead> next_;
  const crypto::PrivateKey& key_;
};

// One defect, named: "event 4711: link does not match".
struct Finding {
  std::uint64_t sequence = 0;  // the first event that is wrong, missing or out of place
  std::string what;
};

class Verifier {
 public:
  Verifier(crypto::PublicKey key, std::optional<SignedHead> witness);

  // Feeds the next batch record of the log, in order. Returns its events when they hold.
  // Code::corrupt with the finding's text when something is wrong; the verifier then stays failed.
  Result<std::vector<Event>> feed(ByteView record);

  // After the last batch: also detects truncation against the witness and a witness that the log
  // never passed. Returns the head reached.
  Result<Head> finish() const;

  [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }

 private:
  crypto::PublicKey key_;
  std::optional<SignedHead> witness_;
  std::optional<Head> head_;
  bool witness_passed_ = false;
  std::optional<Finding> finding_;
};

// Decodes without verifying (for search and tail on the running server).
Result<std::vector<Event>> decode_batch(ByteView record);
// The signed head at the end of a batch record.
Result<SignedHead> batch_head(ByteView record);

}  // namespace coffer::proof
