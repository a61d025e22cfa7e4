// floor: gate
// Patterns of routes against paths: the first octet names a pattern, the rest is a path. A last
// slash is ignored where that is said and nowhere else, and names that have one spelling keep it.
#include "base/bytes.h"
#include "gate/names_in_path.h"
#include "gate/path_pattern.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

constexpr std::array<std::string_view, 9> kPatterns{"config",
                                                    "data/{path...}",
                                                    "metadata/{path...?}",
                                                    "role/{role}",
                                                    "role/{role}/secret-id",
                                                    "users/{user}/password",
                                                    "acl/{policy...}",
                                                    "mounts/{mount...}",
                                                    "{path...?}"};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer;
  using gate::LastSlash;
  if (size == 0) return 0;
  const std::string_view pattern = kPatterns[data[0] % kPatterns.size()];
  const std::string_view path = as_text({data + 1, size - 1});
  if (path.contains("//")) return 0;  // no target has that
  std::vector<std::string> strict;
  gate::Routing routing;
  routing.rest = path;
  routing.path = "m/" + routing.rest;
  const bool exact = gate::match_pattern(pattern, path, LastSlash::refused, strict);
  const bool listed = gate::match_pattern(pattern, path, LastSlash::ignored, routing.captures);
  if (exact && (!listed || strict != routing.captures)) std::abort();
  if (listed && !exact && !path.ends_with('/')) std::abort();
  if (!listed || !gate::canonicalise_names(pattern, routing)) return 0;
  if (routing.path != "m/" + routing.rest) std::abort();
  const gate::Routing once = routing;
  if (!gate::canonicalise_names(pattern, routing)) std::abort();
  if (routing.path != once.path || routing.captures != once.captures) std::abort();
  return 0;
}
