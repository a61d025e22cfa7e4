// Becomes another program with a given environment; the search for it uses this process's PATH.
#pragma once

#include "apps/cli/session.h"

namespace coffer::cli {

// Returns only on failure: not_found when there is no such program, unavailable otherwise.
Result<int> launch_program(const Launch& launch);

}  // namespace coffer::cli
