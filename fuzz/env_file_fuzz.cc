// floor: formats
// An accepted file, written and read again, has the same entries.

#include "formats/env_file.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65536) return 0;  // escapes may double a file: stay clear of the writer's limit
  const auto entries = coffer::formats::parse_env_file(coffer::as_text({data, size}));
  if (!entries) return 0;
  const auto text = coffer::formats::write_env_file(*entries);
  if (!text) std::abort();
  const auto again = coffer::formats::parse_env_file(text->text());
  if (!again || again->size() != entries->size()) std::abort();
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const auto& a = (*entries)[i];
    const auto& b = (*again)[i];
    if (a.name != b.name || !(a.value == b.value)) std::abort();
  }
  return 0;
}
