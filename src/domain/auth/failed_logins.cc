#include "domain/auth/failed_logins.h"

#include <algorithm>

namespace coffer::domain {
namespace {

std::string key_of(ByteView mount, std::string_view name) {
  std::string key(as_text(mount));
  key += name;
  return key;
}

}  // namespace

std::uint32_t FailedLogins::count(ByteView mount, std::string_view name, Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  const auto at = entries_.find(key_of(mount, name));
  return at == entries_.end() || at->second.until <= now ? 0 : at->second.failures;
}

void FailedLogins::make_room(Timestamp now) {
  while (!order_.empty()) {
    const auto oldest = entries_.find(order_.front());
    if (entries_.size() < kMaxNames && oldest->second.until > now) return;
    entries_.erase(oldest);
    order_.pop_front();
  }
}

bool FailedLogins::attempt(ByteView mount,
                           std::string_view name,
                           std::uint32_t known,
                           Timestamp now) {
  const std::scoped_lock lock(mutex_);
  const std::string key = key_of(mount, name);
  auto at = entries_.find(key);
  if (at == entries_.end()) {
    make_room(now);
    at = entries_.emplace(key, Entry{0, {}, order_.insert(order_.end(), key)}).first;
  }
  Entry& entry = at->second;
  if (entry.until <= now) entry.failures = 0;
  entry.failures = std::max(entry.failures, known);
  if (entry.failures >= kMaxFailures) return false;
  ++entry.failures;
  entry.until = now + kLockTime;
  order_.splice(order_.end(), order_, entry.place);
  return true;
}

void FailedLogins::forget(ByteView mount, std::string_view name) {
  const std::scoped_lock lock(mutex_);
  const auto at = entries_.find(key_of(mount, name));
  if (at == entries_.end()) return;
  order_.erase(at->second.place);
  entries_.erase(at);
}

std::vector<std::string> FailedLogins::locked(ByteView mount,
                                              Timestamp now,
                                              std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  const std::string_view prefix = as_text(mount);
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix) && names.size() < limit;
       ++at) {
    if (at->second.failures < kMaxFailures || at->second.until <= now) continue;
    names.push_back(at->first.substr(prefix.size()));
  }
  return names;
}

}  // namespace coffer::domain
