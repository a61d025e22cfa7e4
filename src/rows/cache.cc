#include "rows/cache.h"

#include "base/bytes.h"

#include <functional>
#include <utility>

namespace coffer::rows {
namespace {

// What an entry costs besides its row and the octets of its key: itself, its places in the index,
// and what both lists have in reserve.
constexpr std::size_t kOverhead = 160;

// The half that the choice of a shard does not use.
std::uint32_t index_hash(std::size_t hash) {
  return static_cast<std::uint32_t>(hash >> 32U);
}

}  // namespace

std::size_t KeyHash::operator()(const store::Key& key) const {
  const std::size_t text = std::hash<std::string_view>{}(as_text(key.key));
  const std::size_t place = std::size_t{key.table.value()} << 32U ^ key.realm.value();
  return text ^ (place * 0x9e3779b97f4a7c15ULL);
}

Cache::Shard& Cache::shard(std::size_t hash) const {
  return shards_[hash >> 7U & (kShards - 1)];
}

Cache::Entry* Cache::find_locked(Shard& shard, const store::Key& key, std::size_t hash) {
  const auto number = shard.index.find(
      index_hash(hash), [&](std::uint32_t n) { return shard.entries[n].key == key; });
  return number ? &shard.entries[*number] : nullptr;
}

std::optional<CachedRow> Cache::find(const store::Key& key) {
  const std::size_t hash = KeyHash{}(key);
  Shard& s = shard(hash);
  const std::scoped_lock lock(s.mutex);
  Entry* const entry = find_locked(s, key, hash);
  if (entry == nullptr) return std::nullopt;
  entry->used = true;
  return entry->cached;
}

std::uint64_t Cache::fill_stamp(const store::Key& key) const {
  const Shard& s = shard(KeyHash{}(key));
  const std::scoped_lock lock(s.mutex);
  return s.stamp;
}

void Cache::install(const store::Key& key, CachedRow row, std::uint64_t stamp) {
  const std::size_t hash = KeyHash{}(key);
  Shard& s = shard(hash);
  const std::scoped_lock lock(s.mutex);
  const std::size_t octets = row.octets + kOverhead + key.key.size();
  if (s.stamp == stamp && admits(s, hash, octets)) put_locked(s, key, hash, std::move(row));
}

bool Cache::admits(Shard& shard, std::size_t hash, std::size_t octets) const {
  if (shard.octets + octets <= max_octets_per_shard_) return true;
  if (shard.refused.empty()) shard.refused.resize(kRemembered);
  const std::uint32_t part = index_hash(hash) | 1U;
  std::uint32_t& place = shard.refused[(hash >> 11U) % kRemembered];
  return std::exchange(place, part) == part;
}

void Cache::replace(const store::Key& key, CachedRow row) {
  const std::size_t hash = KeyHash{}(key);
  Shard& s = shard(hash);
  const std::scoped_lock lock(s.mutex);
  ++s.stamp;
  put_locked(s, key, hash, std::move(row));
}

void Cache::remove(const store::Key& key) {
  const std::size_t hash = KeyHash{}(key);
  Shard& s = shard(hash);
  const std::scoped_lock lock(s.mutex);
  ++s.stamp;
  if (Entry* const entry = find_locked(s, key, hash)) erase_locked(s, *entry);
}

void Cache::clear() {
  for (Shard& s : shards_) {
    const std::scoped_lock lock(s.mutex);
    ++s.stamp;
    s.index.clear();
    s.entries.clear();
    s.freed.clear();
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

void Cache::put_locked(Shard& shard, const store::Key& key, std::size_t hash, CachedRow row) {
  if (Entry* const older = find_locked(shard, key, hash)) erase_locked(shard, *older);
  row.octets += kOverhead + key.key.size();
  if (row.octets > max_octets_per_shard_) return;
  evict_locked(shard, max_octets_per_shard_ - row.octets);
  shard.octets += row.octets;
  if (shard.freed.empty()) {
    shard.freed.push_back(static_cast<std::uint32_t>(shard.entries.size()));
    shard.entries.emplace_back();
  }
  const std::uint32_t number = shard.freed.back();
  shard.freed.pop_back();
  shard.entries[number] = {key, std::move(row), index_hash(hash)};
  shard.index.insert(index_hash(hash), number);
}

void Cache::erase_locked(Shard& shard, Entry& entry) {
  const auto number = static_cast<std::uint32_t>(&entry - shard.entries.data());
  shard.index.erase(entry.hash, number);
  shard.octets -= entry.cached.octets;
  entry = {};
  shard.freed.push_back(number);
}

void Cache::evict_locked(Shard& shard, std::size_t octets) {
  while (shard.octets > octets) {
    Entry& entry = shard.entries[shard.hand];
    shard.hand = (shard.hand + 1) % shard.entries.size();
    if (!entry.cached.row) continue;
    if (std::exchange(entry.used, false)) continue;
    erase_locked(shard, entry);
  }
}

}  // namespace coffer::rows
