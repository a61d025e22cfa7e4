// Cache: decoded rows, kept right by the commits; bounded in octets.
//
// An entry is a shared, immutable Loaded<R> behind a type-erased pointer: clear members decoded,
// sealed members still ciphertext. Readers fill it on a miss; the committer replaces or removes
// entries after each durable commit. A reader must not install what it read before such a change:
// it takes fill_stamp() before it asks the store, and install() refuses when a commit touched the
// shard since. A full shard keeps what is read for the second time lately, so that a walk through a
// large store drives out nothing; eviction is second-chance over the shard's entries. Thread-safe;
// 16 shards, a mutex each, each with its part of the octets: a row that is larger than a shard is
// not kept.
#pragma once

#include "rows/key_index.h"
#include "store/store.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace coffer::rows {

// Not noexcept: a table of the standard library then keeps each hash beside its key and need not
// look at the keys of others in the same bucket, which lie elsewhere in memory.
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
    store::Key key;
    CachedRow cached;        // no row: the entry is free
    std::uint32_t hash = 0;  // of the key, for the index
    bool used = false;
  };

  struct Shard {
    mutable std::mutex mutex;
    std::vector<Entry> entries;        // in any order; also the ring of the eviction
    std::vector<std::uint32_t> freed;  // which of them are free
    KeyIndex index;                    // over those that are not
    std::size_t hand = 0;
    std::size_t octets = 0;
    std::uint64_t stamp = 0;
    std::vector<std::uint32_t> refused;  // parts of hashes, at their places; empty while not full
  };

  [[nodiscard]] Shard& shard(std::size_t hash) const;
  static Entry* find_locked(Shard& shard, const store::Key& key, std::size_t hash);
  // Whether a full shard takes a row that was read: if it refused it lately.
  [[nodiscard]] bool admits(Shard& shard, std::size_t hash, std::size_t octets) const;
  void put_locked(Shard& shard, const store::Key& key, std::size_t hash, CachedRow row);
  static void erase_locked(Shard& shard, Entry& entry);
  static void evict_locked(Shard& shard, std::size_t octets);  // until no more are left

  std::size_t max_octets_per_shard_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace coffer::rows
