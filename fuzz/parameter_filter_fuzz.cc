// floor: domain/parameters
// Accepted filters decide about any parameter, and show no version that carries no label.
#include "base/bytes.h"
#include "domain/parameters/parameter_filter.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::domain;
  const auto json = coffer::formats::JsonView::parse(coffer::as_text({data, size}));
  if (!json) return 0;
  ParameterRow row;
  *row.name = "/a/b";
  *row.path = "a/b";
  (*row.tags)["t"] = "v";
  (*row.labels)["l"] = 1;
  for (const FilterScope scope : {FilterScope::describe, FilterScope::by_path}) {
    const auto filters = ParameterFilters::parse(*json, scope);
    if (!filters) continue;
    (void)filters->shows(row);
    const auto versions = filters->labelled(row);
    if (versions && std::ranges::any_of(*versions, [](auto version) { return version != 1; })) {
      std::abort();
    }
  }
  if (const auto old = ParameterFilters::parse_old(*json)) (void)old->shows(row);
  return 0;
}
