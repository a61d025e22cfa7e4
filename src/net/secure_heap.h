// OpenSSL's secure heap: memory that is locked, kept out of dumps and wiped, where OpenSSL puts the
// numbers of private keys once it exists.
#pragma once

#include <string>

namespace coffer::net {

// Called once by a main program, before the first private key is read. Returns a warning in plain
// words when the machine does not give it (RLIMIT_MEMLOCK), or empty. 256 KiB.
[[nodiscard]] std::string init_secure_heap();

}  // namespace coffer::net
