#include "gate/refusal_counts.h"

#include <algorithm>
#include <functional>

namespace coffer::gate {

void RefusalCounts::add(std::string_view source, std::string_view reason, std::uint64_t count) {
  std::pair<std::string, std::string> kind(formats::neighbourhood_of(source), reason);
  const std::scoped_lock lock(mutex_);
  if (counts_.size() >= kMaxKinds && !counts_.contains(kind)) kind.first = kMany;
  counts_[std::move(kind)] += count;
}

std::vector<RefusalCount> RefusalCounts::take(Duration now) {
  Counts counts;
  {
    const std::scoped_lock lock(mutex_);
    counts.swap(counts_);
  }
  std::vector<RefusalCount> lines;
  std::map<std::string, std::uint64_t> many;  // by reason
  for (const auto& [kind, count] : counts) {
    if (kind.first == kMany) {
      many[kind.second] += count;
    } else {
      lines.push_back({kind.first, kind.second, count});
    }
  }
  std::ranges::sort(lines, std::greater(), &RefusalCount::count);
  std::erase_if(lines, [&](const RefusalCount& line) {
    const bool told = lines_.admit(line.source, now);
    if (!told) many[line.reason] += line.count;
    return !told;
  });
  for (const auto& [reason, count] : many) lines.push_back({std::string(kMany), reason, count});
  return lines;
}

}  // namespace coffer::gate
