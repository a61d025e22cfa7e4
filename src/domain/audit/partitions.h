// Partitions: the audit log cut into months, and what became of each.
//
// A partition is a run of whole batch records. It begins where the one before ends, and ends before
// a record whose head was signed in another calendar month (UTC) than the head of its first record.
// Clocks are set back and forth, so that many cuts may be possible; the one that was found is fixed
// by its row. Months without events have no partition. The rows are guarded: which parts of the log
// were archived, and where it was cut, is as hard to change as a policy.
#pragma once

#include "base/clock.h"
#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// Stored on disk.
enum class PartitionState : std::uint8_t {
  closed = 1,    // its end is fixed
  archived = 2,  // and its export lies in the archive, verified
  dropped = 3,   // and the log says that it is not there any more
};

std::string_view to_text(PartitionState state);

struct PartitionRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAuditPartitions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::uint64_t> first;  // events
  rows::Clear<std::uint64_t> last;
  rows::Clear<std::string> month;  // "2026-11"
  rows::Clear<std::string> head;   // signed, at its end: proof::head_text()
  rows::Clear<PartitionState> state;
  rows::Clear<Timestamp> ended;  // time of that head
  rows::Clear<Timestamp> closed;
  rows::Clear<Timestamp> archived;  // {}: not yet
  rows::Clear<std::string> file;
  rows::Clear<Bytes> sha256;  // of the file
  rows::Clear<std::uint64_t> octets;
  rows::Clear<Timestamp> dropped;  // {}: not yet
  rows::Clear<Bytes> ledger;       // digest of the row ledger at its end
  rows::Clear<std::uint64_t> ledger_rows;
  static constexpr auto kMembers = std::tuple{&PartitionRow::first,
                                              &PartitionRow::last,
                                              &PartitionRow::month,
                                              &PartitionRow::head,
                                              &PartitionRow::state,
                                              &PartitionRow::ended,
                                              &PartitionRow::closed,
                                              &PartitionRow::archived,
                                              &PartitionRow::file,
                                              &PartitionRow::sha256,
                                              &PartitionRow::octets,
                                              &PartitionRow::dropped,
                                              &PartitionRow::ledger,
                                              &PartitionRow::ledger_rows};

  static Bytes key_of(std::uint64_t first);

  [[nodiscard]] Bytes key() const { return key_of(*first); }

  // From when its age counts: its end, or when that was found, where a clock ran ahead.
  [[nodiscard]] Timestamp aged_from() const { return std::min(*ended, *closed); }
};

// All of them, oldest first: a dozen a year.
Result<std::vector<PartitionRow>> list_partitions(work::View& view);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::PartitionRow>;
