#include "domain/kms/key_uses.h"

#include <algorithm>

namespace coffer::domain {

bool KeyUses::spend(ByteView version, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  const auto at = left_.find(to_bytes(version));
  if (at == left_.end() || at->second < count) return false;
  at->second -= count;
  return true;
}

void KeyUses::credit(ByteView version, std::uint64_t count) {
  const std::scoped_lock lock(mutex_);
  left_[to_bytes(version)] += count;
}

void KeyUses::note(ByteView place, Timestamp now, KeyOperation operation) {
  const std::scoped_lock lock(mutex_);
  Dates& dates = dates_[to_bytes(place)];
  if (now < dates.last) return;
  dates.last = now;
  dates.operation = operation;
}

std::optional<KeyUses::LastUse> KeyUses::last(ByteView place) const {
  const std::scoped_lock lock(mutex_);
  const auto at = dates_.find(to_bytes(place));
  return at == dates_.end()
             ? std::nullopt
             : std::optional(LastUse{at->first, at->second.last, at->second.operation});
}

std::vector<KeyUses::LastUse> KeyUses::take_due(std::size_t limit) {
  std::vector<LastUse> due;
  const std::scoped_lock lock(mutex_);
  for (auto& [place, dates] : dates_) {
    if (due.size() == limit) break;
    if (dates.last < dates.written + kLastUseGrain) continue;
    dates.written = dates.last;
    due.push_back({place, dates.last, dates.operation});
  }
  return due;
}

void KeyUses::forget(ByteView place) {
  const std::scoped_lock lock(mutex_);
  dates_.erase(to_bytes(place));
}

void KeyUses::forget_all(ByteView prefix) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(dates_, [&](const auto& dates) { return starts_with(dates.first, prefix); });
}

}  // namespace coffer::domain
