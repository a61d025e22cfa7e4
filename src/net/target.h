// Target: the path and query of a request, decoded exactly once, in the one spelling that policies
// and routes compare.
//
// Refused as invalid_argument, so that no two readers can disagree about a path: segments `.` and
// `..` (also when spelled with escapes), empty segments (one trailing slash is kept), an encoded
// `/`, `\`, `;`, control characters (C0, DEL, C1), octets outside ASCII that are not escaped, text
// that is not UTF-8 (RFC 3629: no overlong forms, no surrogates), broken escapes, and a path that
// still holds a percent escape after decoding. In the query `+` is a space, values may hold any
// UTF-8 text without control characters, and a name may appear once.
//
// One escaped `/` has a reading: in what follows `/ocsp/`, if that is base64 of a whole DER
// sequence (RFC 6960 appendix A.1: clients escape it so). It is read in base64's other alphabet,
// without padding, as a single segment; everything else with an escaped `/` is refused.
//
// Syntax: RFC 3986 §3.3, §3.4. Limits: 4 KiB of target, 64 query parameters. Pure functions.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::net {

inline constexpr std::size_t kMaxTarget = 4096;
inline constexpr std::size_t kMaxQueryParameters = 64;

struct Target {
  std::string path;                                        // decoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in the order sent
};

// `target` in origin form: /v1/secret/data/a%20b?version=2
Result<Target> parse_target(std::string_view target);

// The value of a query parameter; present without a value is the empty string. Borrows from
// `target`.
[[nodiscard]] std::optional<std::string_view> query_value(const Target& target,
                                                          std::string_view name);

// Escapes all octets but unreserved ones and `/`: parse_target(encode_path(p)) yields p again for
// every p that parse_target can yield.
[[nodiscard]] std::string encode_path(std::string_view path);

}  // namespace coffer::net
