// EventRate: which failures of strangers are logged one by one. The rest is counted: who can open a
// connection must not be able to fill the disk.
//
// A minute holds kPerSource events of each source (an address, of IPv6 its block of 64 bits) and
// kTotal of all of them. Thread-safe; knows at most kTotal sources.
#pragma once

#include "base/clock.h"
#include "formats/cidr.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace coffer::gate {

class EventRate {
 public:
  static constexpr std::uint32_t kPerSource = 20;
  static constexpr std::uint32_t kTotal = 200;
  static constexpr Duration kWindow = std::chrono::minutes(1);

  // Whether one more event of the source may be written; then it counts. `now` is steady time.
  [[nodiscard]] bool admit(std::string_view source, Duration now) {
    const std::scoped_lock lock(mutex_);
    if (now - begin_ >= kWindow) {
      begin_ = now;
      total_ = 0;
      sources_.clear();
    }
    if (total_ == kTotal) return false;
    const auto at = sources_.try_emplace(formats::neighbourhood_of(source), 0U).first;
    if (at->second == kPerSource) return false;
    ++at->second;
    ++total_;
    return true;
  }

 private:
  std::mutex mutex_;
  Duration begin_{};
  std::uint32_t total_ = 0;
  std::map<std::string, std::uint32_t> sources_;
};

}  // namespace coffer::gate
