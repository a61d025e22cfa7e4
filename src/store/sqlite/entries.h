// The list of a row's index entries, kept beside the row so that a later put or erase finds them
// without a second index: any number of (index u16, bytes entry), in the order of the wire
// encoding. No entries: no octets.
#pragma once

#include "store/store.h"

namespace coffer::store::sqlite {

[[nodiscard]] Bytes encode_entries(std::vector<IndexEntry> entries);
// Strict: at most kMaxRowEntries, ascending, nothing left over; else corrupt.
Result<std::vector<IndexEntry>> decode_entries(ByteView encoded);

}  // namespace coffer::store::sqlite
