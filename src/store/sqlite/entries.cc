#include "store/sqlite/entries.h"

#include "base/wire.h"

#include <algorithm>

namespace coffer::store::sqlite {

Bytes encode_entries(std::vector<IndexEntry> entries) {
  std::ranges::sort(entries);
  Bytes out;
  Writer writer(out);
  for (const IndexEntry& entry : entries) {
    writer.u16(entry.index.value());
    writer.bytes(entry.key);
  }
  return out;
}

Result<std::vector<IndexEntry>> decode_entries(ByteView encoded) {
  std::vector<IndexEntry> out;
  Reader in(encoded);
  while (in.left() > 0) {
    COFFER_TRY(const auto index, in.u16());
    COFFER_TRY(const auto key, in.bytes());
    IndexEntry entry{IndexId(index), to_bytes(key)};
    if (out.size() == kMaxRowEntries || key.empty() || key.size() > kMaxKey ||
        (!out.empty() && !(out.back() < entry))) {
      return fail(Code::corrupt, "a row's list of index entries is damaged");
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace coffer::store::sqlite
