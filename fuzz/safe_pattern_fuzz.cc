// floor: formats
// Input: a pattern, a NUL, a text. An accepted pattern decides about any text, and about itself
// repeated as it does alone.

#include "base/bytes.h"
#include "formats/safe_pattern.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using coffer::formats::SafePattern;
  const std::string_view input = coffer::as_text({data, size});
  const std::size_t nul = input.find('\0');
  if (nul == std::string_view::npos || size > 4096) return 0;
  const std::string_view text = input.substr(nul + 1);
  const auto pattern = SafePattern::parse(input.substr(0, nul));
  if (!pattern) return 0;
  const bool matches = pattern->matches(text);
  const auto once = SafePattern::parse("(?:" + std::string(input.substr(0, nul)) + "){1}");
  if (once && once->matches(text) != matches) std::abort();
  return 0;
}
