#include "formats/aws_schedule.h"

#include "formats/aws_schedule_parse.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>

namespace coffer::formats {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr Duration kLongestPeriod = days(36'500);
// 2200-01-01T00:00:00Z
constexpr Timestamp kEnd{7'258'118'400'000'000'000};

struct Unit {
  std::string_view one;
  std::string_view many;
  Duration length;
};

constexpr std::array<Unit, 3> kUnits{
    {{"minute", "minutes", minutes(1)}, {"hour", "hours", hours(1)}, {"day", "days", days(1)}}};

Result<Duration> parse_rate(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) {
    return fail(Code::invalid_argument, "a rate is a number and a unit");
  }
  std::uint32_t count = 0;
  const char* const stop = text.data() + blank;
  const auto [end, error] = std::from_chars(text.data(), stop, count);
  if (error != std::errc{} || end != stop || count == 0 || text.front() == '0') {
    return fail(Code::invalid_argument, "bad number in a rate");
  }
  for (const Unit& unit : kUnits) {
    if (text.substr(blank + 1) != (count == 1 ? unit.one : unit.many)) continue;
    if (count > kLongestPeriod / unit.length) {
      return fail(Code::invalid_argument, "a rate is at most 36500 days");
    }
    return unit.length * count;
  }
  return fail(Code::invalid_argument, "the unit of a rate is minute, hour or day, or its plural");
}

unsigned last_day(year_month of) {
  return static_cast<unsigned>((of / std::chrono::last).day());
}

// 1 is Sunday.
unsigned week_number(year_month of, unsigned d) {
  return weekday(sys_days(of / day(d))).c_encoding() + 1;
}

constexpr unsigned kSunday = 1;
constexpr unsigned kSaturday = 7;

unsigned nearest_weekday(year_month of, unsigned d) {
  const unsigned on = week_number(of, d);
  if (on == kSaturday) return d > 1 ? d - 1 : d + 2;
  if (on == kSunday) return d < last_day(of) ? d + 1 : d - 2;
  return d;
}

bool names_day(const CronDays& days, year_month of, unsigned d) {
  using Kind = CronDays::Kind;
  switch (days.kind) {
    case Kind::of_month:
      return days.set.test(d);
    case Kind::last:
      return d == last_day(of);
    case Kind::nearest_weekday:
      return days.n <= last_day(of) && d == nearest_weekday(of, days.n);
    case Kind::of_week:
      return days.set.test(week_number(of, d));
    case Kind::last_of_week:
      return week_number(of, d) == days.n && d + 7 > last_day(of);
    case Kind::nth_of_week:
      return week_number(of, d) == days.n && (d - 1) / 7 + 1 == days.k;
  }
  return false;
}

// The first minute of a day, from `from` on, that the fields name; nullopt if none is left.
std::optional<minutes> minute_of_day(const CronFields& fields, minutes from) {
  for (minutes at = from; at < days(1); at += minutes(1)) {
    const auto hour = static_cast<std::size_t>(at / hours(1));
    if (!fields.hours.test(hour)) {
      at = hours(at / hours(1)) + minutes(59);
      continue;
    }
    if (fields.minutes.test(static_cast<std::size_t>(at % hours(1) / minutes(1)))) return at;
  }
  return std::nullopt;
}

Timestamp timestamp_of(sys_days date, minutes at) {
  return {Duration(date.time_since_epoch() + at).count()};
}

// The first time of `fields` in a month, from the minute `from` on.
std::optional<Timestamp> next_in_month(const CronFields& fields, year_month of, Timestamp from) {
  const minutes first = std::chrono::ceil<minutes>(Duration(from.ns));
  for (unsigned d = 1; d <= last_day(of); ++d) {
    const sys_days date = of / day(d);
    const minutes start = first - date.time_since_epoch();
    if (start >= days(1) || !names_day(fields.days, of, d)) continue;
    if (const auto at = minute_of_day(fields, std::max(start, minutes(0)))) {
      return timestamp_of(date, *at);
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> next_of_cron(const CronFields& fields, Timestamp t) {
  const Timestamp from{std::max<std::int64_t>(t.ns, -1) + 1};
  const year_month_day date(
      std::chrono::floor<days>(std::chrono::sys_time<Duration>(Duration(from.ns))));
  const year_month end = year(CronFields::kFirstYear + CronFields::kYears) / month(1);
  for (year_month of = date.year() / date.month(); of < end; of += std::chrono::months(1)) {
    const int from_first = static_cast<int>(of.year()) - static_cast<int>(CronFields::kFirstYear);
    if (!fields.years.test(static_cast<std::size_t>(from_first))) continue;
    if (!fields.months.test(static_cast<unsigned>(of.month()))) continue;
    if (const auto found = next_in_month(fields, of, from)) return found;
  }
  return std::nullopt;
}

Duration shortest_of_cron(const CronFields& fields) {
  const auto first = minute_of_day(fields, minutes(0));
  if (!first) return days(1);
  Duration shortest = days(1);
  for (minutes last = *first;;) {
    const auto next = minute_of_day(fields, last + minutes(1));
    const minutes gap = next ? *next - last : days(1) + *first - last;
    shortest = std::min<Duration>(shortest, gap);
    if (!next) return shortest;
    last = *next;
  }
}

}  // namespace

Result<AwsSchedule> AwsSchedule::parse(std::string_view text) {
  if (text.size() > kMaxScheduleOctets) {
    return fail(Code::invalid_argument, "a schedule has at most 256 octets");
  }
  if (!text.ends_with(')')) return fail(Code::invalid_argument, "a schedule is rate() or cron()");
  text.remove_suffix(1);
  if (text.starts_with("rate(")) {
    COFFER_TRY(const Duration period, parse_rate(text.substr(5)));
    return AwsSchedule(period);
  }
  if (!text.starts_with("cron(")) {
    return fail(Code::invalid_argument, "a schedule is rate() or cron()");
  }
  COFFER_TRY(const CronFields fields, parse_cron_fields(text.substr(5)));
  if (!next_of_cron(fields, Timestamp{-1})) {
    return fail(Code::invalid_argument, "a cron expression that never comes");
  }
  return AwsSchedule(fields);
}

std::optional<Timestamp> AwsSchedule::next_after(Timestamp t) const {
  if (t >= kEnd) return std::nullopt;
  if (const auto* period = std::get_if<Duration>(&form_)) {
    const Timestamp next = t + *period;
    return next < kEnd ? std::optional(next) : std::nullopt;
  }
  return next_of_cron(std::get<CronFields>(form_), t);
}

Duration AwsSchedule::shortest_interval() const {
  if (const auto* period = std::get_if<Duration>(&form_)) return *period;
  return shortest_of_cron(std::get<CronFields>(form_));
}

}  // namespace coffer::formats
