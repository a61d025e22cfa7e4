// Conditions of a path-pattern document: when, from where and for how long it applies.
//
//   time_of_day   "HH:MM-HH:MM", UTC; the start belongs to it, the end does not; an end before the
//                 start runs over midnight
//   days_of_week  ["monday", ...] or three letters, any case; the day (UTC) of the moment itself
//   date_range    "YYYY-MM-DD,YYYY-MM-DD", UTC, both days belong to it
//   ip_ranges     ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
//   max_ttl, max_ttl_seconds, min_ttl   bounds of the TTL asked for, both included; they hold when
//                 the access issues nothing and no TTL was asked for
//
// All given conditions must hold. One whose fact is missing or cannot be read is `unknown`: the
// caller decides to the side of denial. Immutable, safe to share.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/cidr.h"
#include "formats/hcl.h"
#include "policy/access.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer::policy {

enum class Verdict : std::uint8_t { met, unmet, unknown };

struct ConditionOutcome {
  Verdict verdict = Verdict::met;
  std::string_view condition;  // the first that is not met; empty when all are
};

class Conditions {
 public:
  // Of the `conditions` object. Unknown and ill-typed keys are errors.
  Result<> read(const formats::HclItem& item);
  // Lowers the bound on the TTL asked for.
  void limit_ttl(Duration max_ttl);

  // A condition that is surely unmet outweighs one that is unknown.
  [[nodiscard]] ConditionOutcome evaluate(const Facts& facts, bool issues_nothing = false) const;

 private:
  struct TimeOfDay {
    Duration start;
    Duration end;
  };

  struct DateRange {
    Timestamp start;
    Timestamp end;  // the first moment after it
  };

  Result<> read_one(const formats::HclItem& item);
  Result<> read_time_of_day(const formats::HclItem& item);
  Result<> read_days(const formats::HclItem& item);
  Result<> read_dates(const formats::HclItem& item);
  Result<> read_ranges(const formats::HclItem& item);
  [[nodiscard]] bool time_met(Timestamp now) const;
  [[nodiscard]] Verdict source_met(const Facts& facts) const;
  [[nodiscard]] Verdict ttl_met(const Facts& facts) const;

  std::optional<TimeOfDay> time_of_day_;
  std::optional<std::bitset<7>> days_;  // 0 is Sunday
  std::optional<DateRange> dates_;
  std::optional<std::vector<formats::Cidr>> ranges_;
  std::optional<Duration> min_ttl_;
  std::optional<Duration> max_ttl_;
};

}  // namespace coffer::policy
