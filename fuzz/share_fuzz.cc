// floor: keys
// A key share as anybody may send it: what is accepted has one more spelling, which means the same.
#include "base/bytes.h"
#include "keys/seal.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  const auto share = keys::parse_share(as_text({data, size}));
  if (!share) return 0;
  if (share->empty() || share->size() > size) std::abort();
  const auto again = keys::parse_share(secure::hex_text(share->view()).text());
  if (!again || !(*again == *share)) std::abort();
  return 0;
}
