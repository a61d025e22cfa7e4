// floor: formats
// Both spellings give back exactly the text they were parsed from.

#include "base/bytes.h"
#include "formats/dotted_path.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::formats;
  const std::string_view text = coffer::as_text({data, size});
  if (const auto path = parse_dotted(text)) {
    if (to_dotted(*path) != text) std::abort();
    if (parse_slashed(to_slashed(*path)).value() != *path) std::abort();
  }
  if (const auto path = parse_slashed(text)) {
    if (to_slashed(*path) != text) std::abort();
    if (to_dotted(*path).has_value() == text.contains('.')) std::abort();
  }
  return 0;
}
