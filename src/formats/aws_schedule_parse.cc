#include "formats/aws_schedule_parse.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace coffer::formats {
namespace {

constexpr std::array<std::string_view, 12> kMonths{
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{
    "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;
  unsigned low;
  unsigned high;
  std::span<const std::string_view> names;  // of the values from `low` on; may be empty
};

constexpr Field kMinutes{"minutes", 0, 59, {}};
constexpr Field kHours{"hours", 0, 23, {}};
constexpr Field kDayOfMonth{"day-of-month", 1, 31, {}};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kDayOfWeek{"day-of-week", 1, 7, kWeekdays};
constexpr Field kYear{
    "year", CronFields::kFirstYear, CronFields::kFirstYear + CronFields::kYears - 1, {}};

std::unexpected<Error> refuse(const Field& field) {
  return fail(Code::invalid_argument, "bad " + std::string(field.name) + " in a cron expression");
}

bool same_name(std::string_view text, std::string_view upper) {
  return std::ranges::equal(
      text, upper, {}, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.size() > 4 || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

Result<unsigned> parse_value(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_name(text, field.names[i])) return field.low + static_cast<unsigned>(i);
  }
  const auto value = number(text);
  if (!value || *value < field.low || *value > field.high) return refuse(field);
  return *value;
}

struct Range {
  unsigned first;
  unsigned last;
  unsigned step = 1;
};

// "*", "7", "7-9"; an empty text is "*" before a step.
Result<Range> parse_span(const Field& field, std::string_view text, bool stepped) {
  if (text == "*" || (text.empty() && stepped)) return Range{field.low, field.high};
  const std::size_t dash = text.find('-');
  COFFER_TRY(const unsigned first, parse_value(field, text.substr(0, dash)));
  if (dash == std::string_view::npos) return Range{first, stepped ? field.high : first};
  COFFER_TRY(const unsigned last, parse_value(field, text.substr(dash + 1)));
  if (last < first) return refuse(field);
  return Range{first, last};
}

Result<Range> parse_range(const Field& field, std::string_view text) {
  const std::size_t slash = text.find('/');
  const bool stepped = slash != std::string_view::npos;
  COFFER_TRY(Range range, parse_span(field, text.substr(0, slash), stepped));
  if (!stepped) return range;
  const auto step = number(text.substr(slash + 1));
  if (!step || *step == 0 || *step > field.high) return refuse(field);
  range.step = *step;
  return range;
}

// A list of ranges, each value counted from `base`.
template <std::size_t N>
Result<std::bitset<N>> parse_set(const Field& field, std::string_view text, unsigned base = 0) {
  std::bitset<N> set;
  const bool whole = !text.contains(',');
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    if (item.starts_with('*') && !whole) return refuse(field);
    COFFER_TRY(const Range range, parse_range(field, item));
    for (unsigned v = range.first; v <= range.last; v += range.step) set.set(v - base);
    if (comma == std::string_view::npos) return set;
    text.remove_prefix(comma + 1);
  }
}

Result<CronDays> parse_days_of_month(std::string_view text) {
  using Kind = CronDays::Kind;
  if (text == "L") return CronDays{Kind::last, {}, 0, 0};
  if (text.ends_with('W')) {
    const auto day = number(text.substr(0, text.size() - 1));
    if (!day || *day < 1 || *day > 31) return refuse(kDayOfMonth);
    return CronDays{Kind::nearest_weekday, {}, *day, 0};
  }
  COFFER_TRY(const auto set, parse_set<32>(kDayOfMonth, text));
  return CronDays{Kind::of_month, set, 0, 0};
}

Result<CronDays> parse_days_of_week(std::string_view text) {
  using Kind = CronDays::Kind;
  constexpr unsigned kSaturday = 7;
  if (text == "L") return CronDays{Kind::of_week, std::bitset<32>(1U << kSaturday), 0, 0};
  if (const std::size_t sharp = text.find('#'); sharp != std::string_view::npos) {
    COFFER_TRY(const unsigned day, parse_value(kDayOfWeek, text.substr(0, sharp)));
    const auto k = number(text.substr(sharp + 1));
    if (!k || *k < 1 || *k > 5) return refuse(kDayOfWeek);
    return CronDays{Kind::nth_of_week, {}, day, *k};
  }
  if (text.ends_with('L')) {
    COFFER_TRY(const unsigned day, parse_value(kDayOfWeek, text.substr(0, text.size() - 1)));
    return CronDays{Kind::last_of_week, {}, day, 0};
  }
  if (text.contains('/')) return refuse(kDayOfWeek);
  COFFER_TRY(const auto set, parse_set<32>(kDayOfWeek, text));
  return CronDays{Kind::of_week, set, 0, 0};
}

Result<CronDays> parse_days(std::string_view of_month, std::string_view of_week) {
  if ((of_month == "?") == (of_week == "?")) {
    return fail(Code::invalid_argument,
                "one of day-of-month and day-of-week must be ?, and only one");
  }
  return of_month == "?" ? parse_days_of_week(of_week) : parse_days_of_month(of_month);
}

std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t blank = text.find(' ');
    parts.push_back(text.substr(0, blank));
    if (blank == std::string_view::npos) return parts;
    text.remove_prefix(blank + 1);
  }
}

}  // namespace

Result<CronFields> parse_cron_fields(std::string_view text) {
  const std::vector<std::string_view> parts = split_at_blanks(text);
  if (parts.size() != 6) {
    return fail(Code::invalid_argument, "a cron expression has six fields");
  }
  CronFields fields;
  COFFER_TRY(fields.minutes, parse_set<60>(kMinutes, parts[0]));
  COFFER_TRY(fields.hours, parse_set<24>(kHours, parts[1]));
  COFFER_TRY(fields.days, parse_days(parts[2], parts[4]));
  COFFER_TRY(fields.months, parse_set<13>(kMonth, parts[3]));
  COFFER_TRY(fields.years, parse_set<CronFields::kYears>(kYear, parts[5], CronFields::kFirstYear));
  return fields;
}

}  // namespace coffer::formats
