// floor: store
// The list of index entries in a row of the store file: what decodes must encode to the same
// octets.
#include "store/sqlite/entries.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using coffer::store::sqlite::decode_entries;
  using coffer::store::sqlite::encode_entries;
  const coffer::ByteView input(data, size);
  const auto entries = decode_entries(input);
  if (!entries) return 0;
  if (!std::ranges::equal(encode_entries(*entries), input)) std::abort();
  return 0;
}
