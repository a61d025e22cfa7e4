// floor: dialects/aws
// The query protocol of AWS: what is taken becomes JSON that parses.
#include "dialects/aws/query.h"
#include "formats/json.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pairs = coffer::formats::parse_form(text);
  if (!pairs) return 0;
  const auto json = coffer::dialects::aws::json_of_query(*pairs);
  if (!json) return 0;
  const auto parsed = coffer::formats::JsonView::parse(json->text());
  if (!parsed || parsed->kind() != coffer::formats::JsonKind::object) std::abort();
  return 0;
}
