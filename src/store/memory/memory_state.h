// MemoryState: the committed state of the in-memory store, ordered as the contract of Store says.
//
// Everything is guarded by `mutex`: shared to read, exclusive to change. Only the holder of the
// store's WriteGate changes it, so that holder may read without the lock.
#pragma once

#include "store/store.h"

#include <map>
#include <set>
#include <shared_mutex>
#include <tuple>

namespace coffer::store {

struct MemoryRow {
  std::uint64_t revision = 0;
  Bytes blob;
  std::vector<IndexEntry> index;
};

struct EntryPlace {
  IndexId index;
  TableId table;
  RealmId realm;
  Bytes entry;
  Bytes row_key;
  friend auto operator<=>(const EntryPlace&, const EntryPlace&) = default;

  [[nodiscard]] bool same_scope(const EntryPlace& other) const {
    return std::tie(index, table, realm) == std::tie(other.index, other.table, other.realm);
  }
};

struct MemoryState {
  mutable std::shared_mutex mutex;
  std::map<Key, MemoryRow> rows;
  std::set<EntryPlace> entries;
  std::map<LogId, std::map<std::uint64_t, Bytes>> logs;

  // 0: nothing was ever appended.
  [[nodiscard]] std::uint64_t last_sequence(LogId log) const;
  // Replaces (nullopt: removes) a row and its index entries.
  void replace(const Key& key, std::optional<MemoryRow> row);
};

}  // namespace coffer::store
