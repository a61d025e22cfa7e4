// floor: formats
// An accepted form, written and read again, has the same pairs.

#include "formats/form.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pairs = coffer::formats::parse_form(coffer::as_text({data, size}));
  if (!pairs) return 0;
  const auto text = coffer::formats::write_form(*pairs);
  const auto again = coffer::formats::parse_form(text.text());
  if (!again || again->size() != pairs->size()) std::abort();
  for (std::size_t i = 0; i < pairs->size(); ++i) {
    const auto& a = (*pairs)[i];
    const auto& b = (*again)[i];
    if (a.name != b.name || !(a.value == b.value)) std::abort();
  }
  return 0;
}
