// Paths of secrets: a list of segments, and its two spellings.
//
//   slashed   prod/db/billing.v2/password      every path has one
//   dotted    prod.db.billing-db.password      reverse-domain style; none if a segment has a dot
//
// A segment is 1..255 octets of UTF-8 without control characters and '/', and is neither "." nor
// ".." (HTTP clients resolve those away). A path has 1..32 segments and at most 1024 octets with
// its separators. Spellings are exact: no leading, trailing or doubled separator. A segment is
// compared octet by octet; no Unicode normalisation. Errors are Code::invalid_argument. Pure
// functions.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxSegmentOctets = 255;
inline constexpr std::size_t kMaxPathSegments = 32;
inline constexpr std::size_t kMaxPathOctets = 1024;

Result<std::vector<std::string>> parse_dotted(std::string_view text);
Result<std::vector<std::string>> parse_slashed(std::string_view text);

// Whether `segments` is a path at all.
Result<> check_path(const std::vector<std::string>& segments);

// nullopt when the path has no dotted spelling or is no path.
std::optional<std::string> to_dotted(const std::vector<std::string>& segments);

// For valid paths.
std::string to_slashed(const std::vector<std::string>& segments);

}  // namespace coffer::formats
