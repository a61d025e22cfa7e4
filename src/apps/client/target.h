// Request targets: paths and queries, percent-encoded (RFC 3986 §2.1), and the spellings of a
// secret's path.
//
// A secret's path is written with slashes (prod/db/password) or with dots (prod.db.password). Text
// that holds a slash is the slashed spelling, so a segment with a dot in it has only that one; a
// leading slash forces it for a single segment (/a.b). Limits: 100 segments, 1024 octets.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::client {

using Query = std::vector<std::pair<std::string, std::string>>;

// `path` with everything but unreserved characters and slashes encoded, and the query behind it.
std::string make_target(std::string_view path, const Query& query = {});

// Either spelling to "prod/db/password". invalid_argument for empty segments, "." and "..",
// control characters, and texts beyond the limits.
Result<std::string> secret_path(std::string_view text);

// Checks one segment by the same rules.
Result<> check_segment(std::string_view segment);

}  // namespace coffer::client
