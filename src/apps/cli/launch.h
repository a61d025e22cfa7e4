// Becomes another program with a given environment and umask; the search for it uses this process's
// PATH. Our own umask (0077, secure/process.h) is not for a program that others read files of.
#pragma once

#include "apps/cli/session.h"

#include <sys/types.h>

namespace coffer::cli {

// Returns only on failure: not_found when there is no such program, unavailable otherwise.
Result<int> launch_program(const Launch& launch, mode_t umask);

}  // namespace coffer::cli
