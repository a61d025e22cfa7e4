// Schedules as AWS writes them: rate(10 days) and cron(minutes hours day-of-month month day-of-week
// year), all in UTC. Source: "Schedule expressions" of the Secrets Manager and EventBridge guides.
//
//   rate(N unit)   N is 1 or more, unit minute, hour or day for 1 and its plural for others;
//                  at most 36500 days
//   minutes 0-59, hours 0-23, month 1-12 or JAN-DEC, year 1970-2199    , - * /
//   day-of-month 1-31       , - * ? /, or L (the last), or nW (the weekday nearest to day n)
//   day-of-week 1-7 or SUN-SAT   , - * ?, or L (Saturday), nL (the last of the month), n#k (the
//   k-th)
//
// One of the two days must be ?, and only one. Refused, though some Quartz dialects take them:
// descending ranges, L, W or # in a list, LW, more than one blank between fields, a step of 0 or
// beyond its field, and what never comes (30 February). Names of months and days in any case. At
// most 256 octets. Errors are Code::invalid_argument. Immutable values.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace coffer::formats {

inline constexpr std::size_t kMaxScheduleOctets = 256;

// The days of a month that a cron expression names.
struct CronDays {
  enum class Kind : std::uint8_t {
    of_month,         // the days in `set`
    last,             // the last day
    nearest_weekday,  // Monday to Friday, nearest to day `n`, in the same month
    of_week,          // the days in `set`, 1 is Sunday
    last_of_week,     // the last day `n` of the week in the month
    nth_of_week,      // the k-th day `n` of the week in the month
  };
  Kind kind = Kind::of_month;
  std::bitset<32> set;
  unsigned n = 0;
  unsigned k = 0;
  friend bool operator==(const CronDays&, const CronDays&) = default;
};

struct CronFields {
  static constexpr unsigned kFirstYear = 1970;
  static constexpr unsigned kYears = 230;
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<13> months;  // from 1
  CronDays days;
  std::bitset<kYears> years;  // from kFirstYear
  friend bool operator==(const CronFields&, const CronFields&) = default;
};

class AwsSchedule {
 public:
  static Result<AwsSchedule> parse(std::string_view text);

  // The first time of the schedule that is later than `t`: `t` and the period for a rate, the start
  // of a minute for cron. nullopt when there is none before the year 2200.
  [[nodiscard]] std::optional<Timestamp> next_after(Timestamp t) const;

  // No two times of the schedule are closer: the period of a rate; for cron the shortest distance
  // of two times of day, as if every day were one.
  [[nodiscard]] Duration shortest_interval() const;

  [[nodiscard]] bool is_rate() const { return std::holds_alternative<Duration>(form_); }

  friend bool operator==(const AwsSchedule&, const AwsSchedule&) = default;

 private:
  explicit AwsSchedule(std::variant<Duration, CronFields> form) : form_(form) {}

  std::variant<Duration, CronFields> form_;
};

}  // namespace coffer::formats
