// floor: formats
#include "formats/hcl.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using coffer::formats::HclValue;

// No tree is deeper than the limit, and only the members of its kind are filled.
void check(const HclValue& value, std::size_t depth) {
  using coffer::formats::HclKind;
  if (depth > coffer::formats::kMaxHclDepth) std::abort();
  if (value.kind != HclKind::list && !value.list.empty()) std::abort();
  if (value.kind != HclKind::object && !value.items.empty()) std::abort();
  for (const auto& element : value.list) check(element, depth + 1);
  for (const auto& item : value.items) check(item.value, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parsed = coffer::formats::parse_hcl(text)) check(*parsed, 1);
  return 0;
}
