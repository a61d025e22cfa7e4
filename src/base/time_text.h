// Text forms of time: RFC 3339 with nanoseconds as Go prints them, the dates of HTTP, and Go
// durations ("1h30m0s").
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace coffer {

// RFC 3339 in UTC, fraction of up to nine digits without trailing zeros: "2026-11-21T22:27:12.5Z".
std::string rfc3339(Timestamp t);
// The calendar month in UTC: "2026-11".
std::string utc_month(Timestamp t);
// The strict inverse of rfc3339(); also accepts numeric offsets. Years 1970 to 2200.
Result<Timestamp> parse_rfc3339(std::string_view text);

// RFC 9110 §5.6.7, in whole seconds: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Timestamp t);

// Go's time.Duration.String(): "0s", "1.5s", "30m0s", "1h0m0s", "250ms".
std::string go_duration(Duration d);

// What Vault accepts for a duration: whole seconds ("3600", "-1") or Go units with optional
// fractions
// ("1h30m", "1.5h", "250ms") and days ("7d"). At most ±290 years.
Result<Duration> parse_duration(std::string_view text);

}  // namespace coffer
