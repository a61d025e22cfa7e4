// AuditReader: looks through the audit log of the running server. Shows what is stored; verifying
// it is proof/verifier.h's work, with a key that was kept elsewhere.
//
// Blocking, and slow on long logs: never on a loop thread. Thread-safe; borrows the store.
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
  explicit AuditReader(const store::Store& store) : store_(store) {}

  // Matching events with a sequence beyond `after`, oldest first, at most `limit`.
  Result<AuditPage> search(const proof::EventFilter& filter,
                           std::uint64_t after,
                           std::size_t limit) const;
  // The newest `limit` matching events, oldest of them first.
  Result<AuditPage> tail(const proof::EventFilter& filter, std::size_t limit) const;
  // The number of the batch record that holds event `sequence` or, when it is dropped or not
  // written yet, the next one there is.
  Result<std::uint64_t> record_of(std::uint64_t sequence) const;

 private:
  const store::Store& store_;
};

}  // namespace coffer::domain
