// Places: the one sort key of a row or an index entry in the SQLite file.
//
//   row:   table u16, realm u32, key
//   entry: index u16, table u16, realm u32, entry
//
// Numbers are big endian, so that places compare like the tuples they stand for and one memcmp
// decides. docs/formats/store-sqlite.md has the grammar.
#pragma once

#include "base/wire.h"
#include "store/store.h"

#include <algorithm>

namespace coffer::store::sqlite {

inline constexpr std::size_t kRowHead = 6;
inline constexpr std::size_t kEntryHead = 8;

inline Bytes row_place(TableId table, RealmId realm, ByteView key) {
  Bytes out;
  out.reserve(kRowHead + key.size() + 1);
  Writer writer(out);
  writer.u16(table.value());
  writer.u32(realm.value());
  append(out, key);
  return out;
}

inline Bytes entry_place(IndexId index, TableId table, RealmId realm, ByteView entry) {
  Bytes out;
  out.reserve(kEntryHead + entry.size() + 1);
  Writer writer(out);
  writer.u16(index.value());
  writer.u16(table.value());
  writer.u32(realm.value());
  append(out, entry);
  return out;
}

// The half-open range of the places that start with `prefix` and are past `after`, which has the
// head of a place and nothing more where the scan starts at the beginning.
struct PlaceRange {
  Bytes low;
  Bytes high;
};

inline PlaceRange place_range(Bytes prefix, Bytes after, std::size_t head) {
  Bytes high = prefix;
  while (!high.empty() && high.back() == 0xff) high.pop_back();
  if (high.empty()) {
    high.assign(kEntryHead + kMaxKey + 1, 0xff);  // past every place there can be
  } else {
    ++high.back();
  }
  if (after.size() == head) return {std::move(prefix), std::move(high)};
  after.push_back(0);  // the smallest place past `after`
  return {std::max(std::move(prefix), std::move(after)), std::move(high)};
}

}  // namespace coffer::store::sqlite
