#include "base/time_text.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace coffer {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kSecond = 1'000'000'000;

// Writes the last `width` digits of `value`.
void put_digits(char* at, std::int64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  out.resize(out.size() + width);
  put_digits(out.data() + out.size() - width, value, width);
}

// Fraction digits of `value` out of `unit` (a power of ten), without trailing zeros.
void append_fraction(std::string& out, std::int64_t value, std::int64_t unit) {
  if (value == 0) return;
  for (; value % 10 == 0; value /= 10) unit /= 10;
  out += '.';
  for (std::int64_t place = unit / 10; place > 0; place /= 10) {
    out += static_cast<char>('0' + value / place % 10);
  }
}

Result<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  if (at + count > text.size()) return fail(Code::invalid_argument, "time is cut short");
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return fail(Code::invalid_argument, "time has a non-digit");
    value = value * 10 + (c - '0');
  }
  return value;
}

Result<std::int64_t> fraction_ns(std::string_view& rest) {
  if (!rest.starts_with('.')) return std::int64_t{0};
  rest.remove_prefix(1);
  std::int64_t ns = 0;
  std::int64_t place = kSecond / 10;
  std::size_t count = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    ns += (rest.front() - '0') * place;
    place /= 10;
    rest.remove_prefix(1);
    ++count;
  }
  if (count == 0 || count > 9) return fail(Code::invalid_argument, "bad fraction of a second");
  return ns;
}

Result<std::int64_t> offset_seconds(std::string_view rest) {
  if (rest == "Z" || rest == "z") return std::int64_t{0};
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') {
    return fail(Code::invalid_argument, "bad time zone offset");
  }
  COFFER_TRY(const int hours, digits(rest, 1, 2));
  COFFER_TRY(const int minutes, digits(rest, 4, 2));
  if (hours > 23 || minutes > 59) return fail(Code::invalid_argument, "bad time zone offset");
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return rest[0] == '-' ? -seconds : seconds;
}

struct Unit {
  std::string_view name;
  double ns;
};

constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1e3},
                                      {"\xc2\xb5s", 1e3},
                                      {"ms", 1e6},
                                      {"s", 1e9},
                                      {"m", 60e9},
                                      {"h", 3600e9},
                                      {"d", 86400e9}}};

Result<double> take_quantity(std::string_view& text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  // Neither of these holds for what is no number ("nan").
  if (error != std::errc{} || !(number >= 0)) return fail(Code::invalid_argument, "bad duration");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::size_t unit_size = 0;
  while (unit_size < text.size() && text[unit_size] != '.' &&
         (text[unit_size] < '0' || text[unit_size] > '9')) {
    ++unit_size;
  }
  for (const Unit& unit : kUnits) {
    if (text.substr(0, unit_size) != unit.name) continue;
    text.remove_prefix(unit_size);
    return number * unit.ns;
  }
  return fail(Code::invalid_argument, "unknown unit of duration");
}

}  // namespace

std::string http_date(Timestamp t) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto at = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(t.ns)));
  const auto day = std::chrono::floor<days>(at);
  const year_month_day date{day};
  const std::int64_t in_day = (at - day).count();
  std::string out(kDays[std::chrono::weekday(day).c_encoding()]);
  out += ", ";
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += ' ';
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  append_padded(out, static_cast<int>(date.year()), 4);
  out += ' ';
  append_padded(out, in_day / 3600, 2);
  out += ':';
  append_padded(out, in_day / 60 % 60, 2);
  out += ':';
  append_padded(out, in_day % 60, 2);
  return out + " GMT";
}

std::string utc_month(Timestamp t) {
  const year_month_day date{
      std::chrono::floor<days>(std::chrono::sys_time<Duration>(Duration(t.ns)))};
  std::string out;
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  return out;
}

std::string rfc3339(Timestamp t) {
  std::int64_t seconds = t.ns / kSecond;
  std::int64_t ns = t.ns % kSecond;
  if (ns < 0) {
    ns += kSecond;
    --seconds;
  }
  const auto day =
      std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  const year_month_day date{day};
  const std::int64_t in_day = seconds - day.time_since_epoch().count() * 86400;
  const int year = static_cast<int>(date.year());
  std::string out = "0000-00-00T00:00:00";
  out.reserve(30);
  // A time in nanoseconds lies between the years 1677 and 2262.
  put_digits(out.data(), year, 4);
  put_digits(out.data() + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(out.data() + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(out.data() + 11, in_day / 3600, 2);
  put_digits(out.data() + 14, in_day / 60 % 60, 2);
  put_digits(out.data() + 17, in_day % 60, 2);
  append_fraction(out, ns, kSecond);
  out += 'Z';
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  COFFER_TRY(const int year, digits(text, 0, 4));
  COFFER_TRY(const int month, digits(text, 5, 2));
  COFFER_TRY(const int day, digits(text, 8, 2));
  COFFER_TRY(const int hour, digits(text, 11, 2));
  COFFER_TRY(const int minute, digits(text, 14, 2));
  COFFER_TRY(const int second, digits(text, 17, 2));
  const bool shape = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') &&
                     text[13] == ':' && text[16] == ':';
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!shape || !date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 ||
      second > 59) {
    return fail(Code::invalid_argument, "not an RFC 3339 time");
  }
  std::string_view rest = text.substr(19);
  COFFER_TRY(const std::int64_t ns, fraction_ns(rest));
  COFFER_TRY(const std::int64_t offset, offset_seconds(rest));
  const std::int64_t day_seconds = sys_days(date).time_since_epoch().count() * std::int64_t{86400};
  return Timestamp{(day_seconds + hour * 3600 + minute * 60 + second - offset) * kSecond + ns};
}

std::string go_duration(Duration d) {
  if (d.count() == 0) return "0s";
  std::string out;
  // Unsigned, because the most negative duration has no positive twin.
  std::uint64_t ns = static_cast<std::uint64_t>(d.count());
  if (d.count() < 0) {
    out += '-';
    ns = 0 - ns;
  }
  const auto whole = static_cast<std::int64_t>(ns % (60ULL * kSecond));
  if (ns < static_cast<std::uint64_t>(kSecond)) {
    const std::int64_t unit = ns >= 1'000'000 ? 1'000'000 : ns >= 1'000 ? 1'000 : 1;
    out += std::to_string(whole / unit);
    append_fraction(out, whole % unit, unit);
    out += unit == 1'000'000 ? "ms" : unit == 1'000 ? "\xc2\xb5s" : "ns";
    return out;
  }
  const std::uint64_t minutes = ns / (60ULL * kSecond);
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  out += std::to_string(whole / kSecond);
  append_fraction(out, whole % kSecond, kSecond);
  out += 's';
  return out;
}

Result<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > 64) return fail(Code::invalid_argument, "bad duration");
  double total = 0;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || seconds > 9'000'000'000) {
      return fail(Code::invalid_argument, "duration is too long");
    }
    return Duration((negative ? -seconds : seconds) * kSecond);
  }
  while (!text.empty()) {
    COFFER_TRY(const double ns, take_quantity(text));
    total += ns;
  }
  if (!(total <= 9e18)) return fail(Code::invalid_argument, "duration is too long");
  const auto ns = static_cast<std::int64_t>(total);
  return Duration(negative ? -ns : ns);
}

}  // namespace coffer
