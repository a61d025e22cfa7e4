// Erasures: what was removed at one stroke and still lies in the store.
//
// Removing a mount, a role or a secret makes everything below it unreachable in one small unit,
// however much it is: its rows lie under a random id that is never used again. The same unit puts
// an ErasureRow, which says under which id they lie; a job erases them and then this row
// (domain/secrets/erase_removed.h). What has no ErasureRow is never erased.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

enum class Removed : std::uint8_t {  // stored on disk
  mount = 1,
  role = 2,    // an AppRole: its SecretIDs remain
  secret = 3,  // its older values remain; their data key went with it
};

// Shares the table of jobs with work::JobRow, whose names have no ':'.
struct ErasureRow {
  static constexpr rows::TableSpec kTable = rows::tables::kJobs;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Removed> what;
  rows::Clear<Bytes> prefix;      // of the keys: the mount's id, and the uid of a role or secret
  rows::Clear<std::string> name;  // for the audit log: "auth/approle/", the role's or the path
  rows::Clear<Timestamp> removed;
  rows::Clear<std::uint64_t> rows;                // erased so far
  rows::Clear<std::vector<std::uint64_t>> slots;  // of a secret: where its values lie
  static constexpr auto kMembers = std::tuple{&ErasureRow::what,
                                              &ErasureRow::prefix,
                                              &ErasureRow::name,
                                              &ErasureRow::removed,
                                              &ErasureRow::rows,
                                              &ErasureRow::slots};

  static constexpr std::string_view kKeyPrefix = "erase:";

  [[nodiscard]] Bytes key() const {
    Bytes key = to_bytes(kKeyPrefix);
    append(key, *prefix);
    return key;
  }
};

// Staged into the unit that removes it.
Result<> erase_later(work::View& view,
                     Removed what,
                     Bytes prefix,
                     std::string name,
                     std::vector<std::uint64_t> slots = {});

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::ErasureRow>;
