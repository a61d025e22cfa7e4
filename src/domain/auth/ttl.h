// How long a token or a lease lasts: one rule for its creation and for every renewal.
//
// The server's own limits are kServerTtl; mounts, roles and tokens narrow or (mounts) widen them.
// All durations that callers hand in are at most kLongestTtl (check_ttl), so that no sum overflows.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string_view>

namespace coffer::domain {

inline constexpr Duration kServerTtl = std::chrono::hours(768);  // default and maximum
inline constexpr Duration kLongestTtl = std::chrono::hours(24 * 365 * 100);

struct TtlRules {
  Duration default_ttl = kServerTtl;  // when nothing is asked for
  Duration max_ttl = kServerTtl;      // never 0
  Duration explicit_max_ttl{};        // 0: none; also limits periodic tokens
  Duration period{};                  // 0: not periodic
};

struct Grant {
  Duration ttl{};       // from now on; 0: nothing is left
  bool capped = false;  // less than what was asked for
};

// `asked` 0: nothing in particular. Never reaches beyond created + the maximum, whichever way the
// clock was moved, nor is it longer than the maximum from now.
Grant grant_ttl(const TtlRules& rules, Duration asked, Timestamp created, Timestamp now);

// invalid_argument, naming the field, when negative or over kLongestTtl.
Result<> check_ttl(std::string_view field, Duration value);

}  // namespace coffer::domain
