// floor: formats
// An accepted block has one canonical text, which parses to the same block.

#include "base/bytes.h"
#include "formats/cidr.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::formats;
  const std::string_view text = coffer::as_text({data, size});
  const auto block = Cidr::parse(text);
  if (block && Cidr::parse(block->text()).value() != *block) std::abort();
  const auto address = parse_ip(text);
  if (address) {
    // A plain address is the block of itself.
    if (!block || !block->contains(*address)) std::abort();
    if (parse_ip(address->text()).value() != *address) std::abort();
  }
  return 0;
}
