// RefusalCounts: what was refused before anybody was known, counted by source and reason, until it
// is written to the audit log.
//
// Who can open a connection must fill neither memory nor the log: at most kMaxKinds pairs are
// counted apart, and lines that name a source are as rare as the single failures of strangers
// (EventRate). What exceeds either is told as one line a reason whose source is kMany. Of IPv6 a
// source is a block of 64 bits. Thread-safe.
#pragma once

#include "gate/event_rate.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::gate {

struct RefusalCount {
  std::string source;
  std::string reason;
  std::uint64_t count = 0;
};

class RefusalCounts {
 public:
  static constexpr std::size_t kMaxKinds = 1000;
  static constexpr std::string_view kMany = "many";

  void add(std::string_view source, std::string_view reason, std::uint64_t count = 1);

  // What was counted since the last call, as lines for the log: sources with the most first. `now`
  // is steady time.
  [[nodiscard]] std::vector<RefusalCount> take(Duration now);

 private:
  using Counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;  // source, reason

  std::mutex mutex_;
  Counts counts_;
  EventRate lines_;
};

}  // namespace coffer::gate
