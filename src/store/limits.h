// The limits of store.h, checked in one place so that every store refuses alike.
//
// Errors: too_large beyond a limit, invalid_argument for what no limit names (see store.h).
#pragma once

#include "store/store.h"

namespace coffer::store {

Result<> check_key(ByteView key);
Result<> check_unit(const Unit& unit);
Result<> check_record(ByteView record);

// What append() answers when `sequence` does not follow `last` (0: an empty log).
Result<> check_follows(std::uint64_t sequence, std::uint64_t last);
// What drop_log() answers when `below` would take the last record.
Result<> check_drop(std::uint64_t below, std::uint64_t last);

}  // namespace coffer::store
