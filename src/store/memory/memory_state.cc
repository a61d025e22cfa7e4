#include "store/memory/memory_state.h"

#include <utility>

namespace coffer::store {

std::uint64_t MemoryState::last_sequence(LogId log) const {
  const auto found = logs.find(log);
  return found == logs.end() || found->second.empty() ? 0 : found->second.rbegin()->first;
}

void MemoryState::replace(const Key& key, std::optional<MemoryRow> row) {
  const auto place = [&key](const IndexEntry& entry) {
    return EntryPlace{entry.index, key.table, key.realm, entry.key, key.key};
  };
  if (const auto former = rows.find(key); former != rows.end()) {
    for (const IndexEntry& entry : former->second.index) entries.erase(place(entry));
    rows.erase(former);
  }
  if (!row) return;
  for (const IndexEntry& entry : row->index) entries.insert(place(entry));
  rows.emplace(key, *std::move(row));
}

}  // namespace coffer::store
