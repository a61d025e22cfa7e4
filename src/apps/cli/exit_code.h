// Exit codes of the program. They are an interface: docs/cli.md lists them, scripts rely on them.
#pragma once

#include "base/result.h"

namespace coffer::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitError = 1;        // any other failure, here or on the server
inline constexpr int kExitUsage = 2;        // what was typed or handed in; `status`: sealed
inline constexpr int kExitNotFound = 3;     // no such secret, policy, mount…
inline constexpr int kExitDenied = 4;       // no token, a bad one, or no permission
inline constexpr int kExitUnavailable = 5;  // sealed, not initialised, or no answer
inline constexpr int kExitConflict = 6;     // check-and-set or another precondition did not hold
inline constexpr int kExitTampered = 7;     // verification found a defect

int exit_code(Code code);

}  // namespace coffer::cli
