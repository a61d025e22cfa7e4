// Tending keys: what is done without anybody asking. Rotation by period, deletion after the waiting
// period, erasure of what was condemned and of material that expired, dates of last use.
//
// Called by a job that one node holds at a time. Nothing else depends on it: a key that is pending
// deletion refuses everything, and what is condemned is reached by nothing.
#pragma once

#include "domain/kms/master_keys.h"

#include <cstddef>
#include <optional>
#include <string>

namespace coffer::domain {

enum class Chore : std::uint8_t { rotated, deleted, erased, expired };

struct DoneChore {
  Chore what{};
  std::string mount;  // id, in hexadecimal
  std::string key;
  std::uint32_t version = 0;  // the latest, after
};

// Stages one chore for the key that is due the longest; nullopt: none is due. Makes RSA keys, which
// takes seconds: for a thread that may wait.
Result<std::optional<DoneChore>> tend_one_key(work::View& view, KmsState& state);

// Stages the dates of at most `limit` keys; gives how many.
Result<std::size_t> write_last_uses(work::View& view, KmsState& state, std::size_t limit);

}  // namespace coffer::domain
