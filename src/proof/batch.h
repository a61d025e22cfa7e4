// The batch record: what one commit adds to the audit log.
//
//   version (1)
//   u64 first           sequence of the first event
//   previous            32 octets: head_digest() of the head before, or first_link() of a new log
//   varint count        of events, at least 1
//   count times         bytes event || 8 octets: the start of link(n)
//   head                signed, of the last event (head.h)
//
// The eight octets after an event prove nothing (who edits an event can compute them); they let a
// verifier say which event was damaged instead of only which batch. What proves is the whole link
// in the signed head. Grammar: docs/formats/audit.md.
//
// BatchReader walks a record that it borrows, front to back, and checks its form only; errors are
// Code::corrupt and not repeatable: after one the reader is of no further use.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/wire.h"
#include "proof/event.h"
#include "proof/head.h"

#include <array>
#include <cstdint>
#include <vector>

namespace coffer::proof {

inline constexpr std::size_t kMaxBatch = 8 * 1024 * 1024;  // octets of one record
inline constexpr std::size_t kMaxBatchEvents = 4096;

using LinkStart = std::array<std::uint8_t, 8>;
LinkStart link_start(const crypto::Digest& link);

class BatchReader {
 public:
  struct Item {
    ByteView encoded;  // canonical event; not yet decoded
    LinkStart link{};
  };

  static Result<BatchReader> open(ByteView record);

  [[nodiscard]] std::uint64_t first() const { return first_; }

  [[nodiscard]] const crypto::Digest& previous() const { return previous_; }

  // Events that next() has still to return.
  [[nodiscard]] std::size_t events_left() const { return events_left_; }

  Result<Item> next();
  // Once no events are left. Refuses octets behind the head.
  Result<SignedHead> head();

 private:
  explicit BatchReader(ByteView record) : in_(record) {}

  Reader in_;
  std::uint64_t first_ = 0;
  crypto::Digest previous_{};
  std::size_t events_left_ = 0;
};

// Decodes without verifying (for search and tail on the running server).
Result<std::vector<Event>> decode_batch(ByteView record);
// The signed head at the end of a batch record.
Result<SignedHead> batch_head(ByteView record);

}  // namespace coffer::proof
