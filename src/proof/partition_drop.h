// PartitionDrop: what the log says when its oldest part is dropped: an event of the type
// system.audit_partition_dropped, whose facts are these.
//
// It stands in the part of the log that stays, so that a log that begins later says itself where it
// begins and with which ledger of rows (stored_ledger.h). Whoever drops more, or puts another
// ledger there, has no such event. Plain value.
#pragma once

#include "crypto/hash.h"
#include "proof/event.h"
#include "proof/head.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coffer::proof {

struct PartitionDrop {
  std::string month;  // "2026-11"
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // the log begins behind this event
  SignedHead head;         // at `last`
  crypto::Digest archive{};
  crypto::Digest ledger{};
  std::uint64_t rows = 0;  // of the ledger
  friend bool operator==(const PartitionDrop&, const PartitionDrop&) = default;
};

std::vector<Fact> drop_facts(const PartitionDrop& drop);
// Nothing when the event is of another type, or does not state all of it in the form of
// drop_facts().
std::optional<PartitionDrop> read_drop(const Event& event);

}  // namespace coffer::proof
