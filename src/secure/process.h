// Hardening of the whole process, done once by a main program before it holds a secret.
#pragma once

#include <string>
#include <vector>

namespace coffer::secure {

// Makes the process not dumpable (PR_SET_DUMPABLE 0), sets RLIMIT_CORE to 0 and the umask to 0077.
// Returns warnings in plain words about what the machine does not give: a refused call, active
// swap, an RLIMIT_MEMLOCK too small for the keys.
std::vector<std::string> harden_process();

}  // namespace coffer::secure
