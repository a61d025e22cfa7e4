// floor: domain/parameters
// A name that may be created is its own reference, and its path has it as a name or as its twin.

#include "base/bytes.h"
#include "domain/parameters/parameter_name.h"
#include "formats/dotted_path.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::domain;
  const std::string_view text = coffer::as_text({data, size});
  if (const auto reference = parse_parameter_reference(text)) {
    if (reference->name.contains(':')) std::abort();
  }
  const auto name = check_parameter_name(text);
  if (!name) return 0;
  if (parse_parameter_reference(*name).value().name != *name) std::abort();
  const std::string_view path = path_of_parameter(*name);
  if (!coffer::formats::parse_slashed(path)) std::abort();
  if (path_of_parameter(name_of_path(path)) != path) std::abort();
  return 0;
}
