// floor: rows
// A row's blob from the store: its frame, and the members inside, which are authenticated before
// they are decoded but must not depend on it.
#include "rows/row.h"
#include "rows/sample_row.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace coffer;

// What decodes encodes to the same octets.
void check_members(ByteView encoded, bool sealed) {
  rows::SampleRow row = rows::sample_row();
  if (!rows::detail::decode_members(row, sealed, rows::SampleRow::kVersion, encoded)) return;
  Bytes again;
  Writer w(again);
  rows::detail::encode_members(row, sealed, w);
  if (!std::ranges::equal(again, encoded)) std::abort();
  if (sealed && rows::detail::sealed_bound(row) < again.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto parts = rows::split_blob(input);
  if (!parts) return 0;
  if (parts->head.size() + parts->sealed.size() != size) std::abort();
  check_members(parts->clear, false);
  check_members(parts->sealed, true);  // as if it were the plaintext
  return 0;
}
