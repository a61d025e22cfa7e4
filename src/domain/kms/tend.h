// Tending keys: what is done without anybody asking. Rotation by period, deletion after the waiting
// period, erasure of what was condemned and of material that expired, dates of last use.
//
// A key is not deleted while data keys of this server lie under it: it stays pending, refuses
// everything as before, can be taken back, and is looked at again every kDeletionRetry.
//
// Called by a job that one node holds at a time. Nothing else depends on it: a key that is pending
// deletion refuses everything, and what is condemned is reached by nothing.
#pragma once

#include "domain/kms/master_keys.h"
#include "domain/kms/rewrap_source.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace coffer::domain {

inline constexpr Duration kDeletionRetry = std::chrono::hours(24);

enum class Chore : std::uint8_t { rotated, deleted, erased, expired, kept };

struct DoneChore {
  Chore what{};
  std::string mount;  // id, in hexadecimal
  std::string key;
  std::uint32_t version = 0;   // the latest, after
  std::size_t dependents = 0;  // why it was kept; at most kMostDependents
};

// Stages one chore for the key that is due the longest; nullopt: none is due. `sources`: whose data
// keys may lie under a key. Makes RSA keys, which takes seconds: for a thread that may wait.
Result<std::optional<DoneChore>> tend_one_key(work::View& view,
                                              KmsState& state,
                                              std::span<RewrapSource* const> sources);

// Stages the dates of at most `limit` keys; gives how many.
Result<std::size_t> write_last_uses(work::View& view, KmsState& state, std::size_t limit);

}  // namespace coffer::domain
