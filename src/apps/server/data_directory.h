// The data directory: the server's own folder, closed to everybody else.
//
// A folder that group or others can read is refused, and so is one of another owner. Development
// data carry a marker file, so that `coffer server` never opens them: their unseal key lies beside
// them.
#pragma once

#include "base/result.h"

#include <string>

namespace coffer::server {

enum class DataKind : std::uint8_t { production, development };

// Creates the folder (0700) when it is missing. Errors: precondition_failed, unavailable.
Result<> prepare_data_directory(const std::string& path, DataKind kind);

// Writes a file of mode 0600 as a whole: a temporary beside it, synced, then renamed.
Result<> write_private_file(const std::string& path, std::string_view content);

}  // namespace coffer::server
