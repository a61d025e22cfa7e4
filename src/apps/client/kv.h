// KvMount: where a key/value path lies, and how its version's API is spelled.
//
// Vault's clients ask sys/internal/ui/mounts first and take a server that does not know it for
// version 1; so does find_kv. Plain value.
#pragma once

#include "apps/client/api.h"

#include <string>
#include <string_view>

namespace coffer::client {

struct KvMount {
  std::string mount;  // "secret", no slash at the end
  std::string path;   // inside the mount; empty: the mount itself
  int version = 1;

  // "secret/data/a/b" in version 2 for area "data"; "secret/a/b" in version 1.
  [[nodiscard]] std::string at(std::string_view area) const;
};

// With `mount` empty, the mount is found from the path's first segments; else `path` is inside it.
Result<KvMount> find_kv(Api& api, std::string_view mount, std::string_view path);

}  // namespace coffer::client
