#include "rows/cache.h"

#include "base/bytes.h"

#include <functional>
#include <utility>

namespace coffer::rows {
namespace {

// What an entry costs besides its row: map node, ring slot, key.
constexpr std::size_t kOverhead = 160;

}  // namespace

std::size_t KeyHash::operator()(const store::Key& key) const {
  const std::size_t text = std::hash<std::string_view>{}(as_text(key.key));
  const std::size_t place = std::size_t{key.table.value()} << 32U ^ key.realm.value();
  return text ^ (place * 0x9e3779b97f4a7c15ULL);
}

Cache::Shard& Cache::shard(const store::Key& key) const {
  return shards_[KeyHash{}(key) >> 7U & (kShards - 1)];
}

std::optional<CachedRow> Cache::find(const store::Key& key) {
  Shard& s = shard(key);
  const std::scoped_lock lock(s.mutex);
  const auto at = s.entries.find(key);
  if (at == s.entries.end()) return std::nullopt;
  at->second.used = true;
  return at->second.cached;
}

std::uint64_t Cache::fill_stamp(const store::Key& key) const {
  const Shard& s = shard(key);
  const std::scoped_lock lock(s.mutex);
  return s.stamp;
}

void Cache::install(const store::Key& key, CachedRow row, std::uint64_t stamp) {
  Shard& s = shard(key);
  const std::scoped_lock lock(s.mutex);
  if (s.stamp == stamp && admits(s, key, row.octets)) put_locked(s, key, std::move(row));
}

bool Cache::admits(Shard& shard, const store::Key& key, std::size_t octets) const {
  if (shard.octets + octets + kOverhead + key.key.size() <= max_octets_per_shard_) return true;
  if (shard.refused.empty()) shard.refused.resize(kRemembered);
  const std::uint64_t hash = KeyHash{}(key);
  const auto part = static_cast<std::uint32_t>(hash >> 32U) | 1U;
  std::uint32_t& place = shard.refused[(hash >> 11U) % kRemembered];
  return std::exchange(place, part) == part;
}

void Cache::replace(const store::Key& key, CachedRow row) {
  Shard& s = shard(key);
  const std::scoped_lock lock(s.mutex);
  ++s.stamp;
  put_locked(s, key, std::move(row));
}

void Cache::remove(const store::Key& key) {
  Shard& s = shard(key);
  const std::scoped_lock lock(s.mutex);
  ++s.stamp;
  erase_locked(s, key);
}

void Cache::clear() {
  for (Shard& s : shards_) {
    const std::scoped_lock lock(s.mutex);
    ++s.stamp;
    s.ring.clear();
    s.entries.clear();
    s.octets = 0;
    s.hand = 0;
  }
}

std::size_t Cache::octets() const {
  std::size_t total = 0;
  for (Shard& s : shards_) {
    const std::scoped_lock lock(s.mutex);
    total += s.octets;
  }
  return total;
}

void Cache::put_locked(Shard& shard, const store::Key& key, CachedRow row) {
  erase_locked(shard, key);
  row.octets += kOverhead + key.key.size();
  if (row.octets > max_octets_per_shard_) return;
  evict_locked(shard, max_octets_per_shard_ - row.octets);
  shard.octets += row.octets;
  const auto at = shard.entries.emplace(key, Entry{std::move(row), false, shard.ring.size()}).first;
  shard.ring.push_back(&at->first);
}

void Cache::erase_locked(Shard& shard, const store::Key& key) {
  const auto at = shard.entries.find(key);
  if (at == shard.entries.end()) return;
  // The ring's last key takes the place of the removed one.
  const std::size_t hole = at->second.ring_at;
  const store::Key* last = shard.ring.back();
  shard.ring[hole] = last;
  shard.entries.find(*last)->second.ring_at = hole;
  shard.ring.pop_back();
  shard.octets -= at->second.cached.octets;
  shard.entries.erase(at);
}

void Cache::evict_locked(Shard& shard, std::size_t octets) {
  while (shard.octets > octets && !shard.ring.empty()) {
    shard.hand %= shard.ring.size();
    const store::Key* key = shard.ring[shard.hand];
    Entry& entry = shard.entries.find(*key)->second;
    if (entry.used) {
      entry.used = false;
      ++shard.hand;
      continue;
    }
    erase_locked(shard, store::Key(*key));
  }
}

}  // namespace coffer::rows
