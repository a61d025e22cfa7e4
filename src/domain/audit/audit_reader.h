// AuditReader: looks through the audit log of the running server. Shows what is stored; verifying
// it is proof/verifier.h's work, with a key that was kept elsewhere.
//
// Blocking: never on a loop thread. One call looks at little more than kLookedAt events, however
// long the log is, so that a search for what is not there ends soon. Thread-safe; borrows the
// store.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "proof/event.h"
#include "proof/filter.h"
#include "store/store.h"

#include <cstdint>
#include <vector>

namespace coffer::domain {

struct AuditPage {
  std::vector<proof::Event> events;
  std::uint64_t next = 0;  // the last sequence looked at: `after` for the next page
  bool more = false;       // of search: the log went on behind `next`
};

// How much of the log there is in the store.
struct LogExtent {
  std::uint64_t first = 0;    // event; 0: there is none
  std::uint64_t records = 0;  // of one commit each
  Timestamp begins;           // when the first record was signed
};

Result<LogExtent> log_extent(const store::Store& store);

class AuditReader {
 public:
  static constexpr std::size_t kLookedAt = 250'000;

  explicit AuditReader(const store::Store& store, std::size_t looked_at = kLookedAt)
      : store_(store), looked_at_(looked_at) {}

  // Matching events with a sequence beyond `after`, oldest first, at most `limit`; fewer, and
  // `more`, where the next ones are far away.
  Result<AuditPage> search(const proof::EventFilter& filter,
                           std::uint64_t after,
                           std::size_t limit) const;
  // The newest `limit` matching events among the last kLookedAt, oldest of them first.
  Result<AuditPage> tail(const proof::EventFilter& filter, std::size_t limit) const;
  // The number of the batch record that holds event `sequence` or, when it is dropped or not
  // written yet, the next one there is.
  Result<std::uint64_t> record_of(std::uint64_t sequence) const;

 private:
  const store::Store& store_;
  const std::size_t looked_at_;
};

}  // namespace coffer::domain
