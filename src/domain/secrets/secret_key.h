// Keys of secrets: the id of the mount, then the path. Listing a folder is a scan of one prefix.
//
// Paths are checked when something is written (formats/dotted_path.h); a path that could not be
// written is simply not found when read. Mount ids have 8 octets, so a path has at most 1016.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "formats/dotted_path.h"
#include "store/store.h"

#include <string_view>

namespace coffer::domain {

inline Bytes secret_key(ByteView mount_id, std::string_view path) {
  Bytes key = to_bytes(mount_id);
  append(key, as_bytes(path));
  return key;
}

// Whether `path` is short enough to have a key behind an owner of `owner_octets`.
inline bool has_key(std::size_t owner_octets, std::string_view path) {
  return !path.empty() && owner_octets + path.size() <= store::kMaxKey;
}

// For writes. Errors: invalid_argument, too_large.
inline Result<> check_secret_path(std::size_t owner_octets, std::string_view path) {
  COFFER_TRY(const auto segments, formats::parse_slashed(path));
  if (!has_key(owner_octets, path)) return fail(Code::too_large, "path: too long");
  return {};
}

}  // namespace coffer::domain
