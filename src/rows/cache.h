// Cache: decoded rows, kept right by the commits; bounded in octets.
//
// An entry is a shared, immutable Loaded<R> behind a type-erased pointer: clear members decoded,
// sealed members still ciphertext. Readers fill it on a miss; the committer replaces or removes
// entries after each durable commit. A reader must not install what it read before such a change:
// it takes fill_stamp() before it asks the store, and install() refuses when a commit touched the
// shard since. A full shard keeps what is read for the second time lately, so that a walk through a
// large store drives out nothing; eviction is second-chance over the shard's ring. Thread-safe; 16
// shards, a mutex each, each with its part of the octets: a row that is larger than a shard is not
// kept.
#pragma once

#include "store/store.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace coffer::rows {

// Not noexcept: a table then keeps each hash beside its key and need not look at the keys of others
// in the same bucket, which lie elsewhere in memory.
struct KeyHash {
  std::size_t operator()(const store::Key& key) const;
};

struct CachedRow {
  std::shared_ptr<const void> row;  // Loaded<R> of the table's R
  std::uint64_t revision = 0;
  std::size_t octets = 0;
};

class Cache {
 public:
  explicit Cache(std::size_t max_octets) : max_octets_per_shard_(max_octets / kShards) {}

  [[nodiscard]] std::optional<CachedRow> find(const store::Key& key);
  [[nodiscard]] std::uint64_t fill_stamp(const store::Key& key) const;
  void install(const store::Key& key, CachedRow row, std::uint64_t stamp);

  // By the committer only, after a durable commit.
  void replace(const store::Key& key, CachedRow row);
  void remove(const store::Key& key);
  void clear();

  // What all entries cost, keys and bookkeeping included.
  [[nodiscard]] std::size_t octets() const;

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kRemembered = 4096;  // keys a full shard remembers having refused

  struct Entry {
    CachedRow cached;
    bool used = false;
    std::size_t ring_at = 0;
  };

  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<store::Key, Entry, KeyHash> entries;
    std::vector<const store::Key*> ring;  // keys of `entries`, for eviction
    std::size_t hand = 0;
    std::size_t octets = 0;
    std::uint64_t stamp = 0;
    std::vector<std::uint32_t> refused;  // parts of hashes, at their places; empty while not full
  };

  Shard& shard(const store::Key& key) const;
  // Whether a full shard takes a row that was read: if it refused it lately.
  [[nodiscard]] bool admits(Shard& shard, const store::Key& key, std::size_t octets) const;
  void put_locked(Shard& shard, const store::Key& key, CachedRow row);
  static void erase_locked(Shard& shard, const store::Key& key);
  static void evict_locked(Shard& shard, std::size_t octets);  // until no more are left

  std::size_t max_octets_per_shard_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace coffer::rows
