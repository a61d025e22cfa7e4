#include "secure/process.h"

#include <fstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace coffer::secure {
namespace {

bool swap_active() {
  std::ifstream swaps("/proc/swaps");
  std::string line;
  std::getline(swaps, line);  // the heading
  return static_cast<bool>(std::getline(swaps, line));
}

constexpr rlim_t kLockedBytesWanted = 1024 * 1024;

}  // namespace

std::vector<std::string> harden_process() {
  std::vector<std::string> warnings;
  umask(0077);
  if (prctl(PR_SET_DUMPABLE, 0) != 0) warnings.emplace_back("the process stays dumpable");
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0)
    warnings.emplace_back("core dumps could not be switched off");
  if (swap_active()) warnings.emplace_back("swap is active: only locked pages stay out of it");
  rlimit locked{};
  if (getrlimit(RLIMIT_MEMLOCK, &locked) != 0 || locked.rlim_cur < kLockedBytesWanted) {
    warnings.emplace_back("RLIMIT_MEMLOCK is below 1 MiB: keys may not be locked in memory");
  }
  return warnings;
}

}  // namespace coffer::secure
