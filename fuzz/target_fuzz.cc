// floor: net
// A target that is accepted has one canonical path: escaping it and parsing again changes nothing.
#include "net/target.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = coffer::net::parse_target(text);
  if (!target) return 0;
  const std::string again = coffer::net::encode_path(target->path);
  // Escaping may push a path over the limit of length; nothing else may change.
  if (again.size() > coffer::net::kMaxTarget) return 0;
  const auto second = coffer::net::parse_target(again);
  if (!second || second->path != target->path || !second->query.empty()) std::abort();
  if (target->path.contains("//") || target->path.contains("/../")) std::abort();
  return 0;
}
