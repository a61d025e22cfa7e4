#include "policy/conditions.h"

#include "base/enum_table.h"
#include "base/time_text.h"
#include "policy/syntax.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kDay = hours(24);

constexpr EnumTable<unsigned, 7> kDays{{{{0, "sunday"},
                                         {1, "monday"},
                                         {2, "tuesday"},
                                         {3, "wednesday"},
                                         {4, "thursday"},
                                         {5, "friday"},
                                         {6, "saturday"}}}};

std::optional<unsigned> parse_day(std::string_view name) {
  for (const auto& row : kDays.rows) {
    if (name == row.name || name == row.name.substr(0, 3)) return row.value;
  }
  return std::nullopt;
}

std::optional<int> two_digits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// "HH:MM", also "24:00".
std::optional<Duration> parse_time(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2));
  const auto minute = two_digits(text.substr(3, 2));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const Duration time = hours(*hour) + minutes(*minute);
  if (time > kDay) return std::nullopt;
  return time;
}

std::optional<Timestamp> parse_date(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto parsed = parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!parsed) return std::nullopt;
  return *parsed;
}

Duration time_within_day(Timestamp now) {
  const Duration since = Duration(now.ns) % kDay;
  return since < Duration::zero() ? since + kDay : since;
}

unsigned day_of_week(Timestamp now) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time(Duration(now.ns)));
  return std::chrono::weekday(day).c_encoding();
}

}  // namespace

Result<> Conditions::read(const HclItem& item) {
  if (item.value.kind != HclKind::object) return error_in(item, "must be an object");
  COFFER_CHECK(check_plain_object(item.value));
  for (const auto& condition : item.value.items) COFFER_CHECK(read_one(condition));
  if (min_ttl_ && max_ttl_ && *max_ttl_ < *min_ttl_) {
    return error_in(item, "max_ttl is less than min_ttl");
  }
  return {};
}

Result<> Conditions::read_one(const HclItem& item) {
  if (item.key == "time_of_day") return read_time_of_day(item);
  if (item.key == "days_of_week") return read_days(item);
  if (item.key == "date_range") return read_dates(item);
  if (item.key == "ip_ranges") return read_ranges(item);
  if (item.key == "max_ttl" || item.key == "max_ttl_seconds") {
    COFFER_TRY(const Duration limit, read_duration(item));
    limit_ttl(limit);
    return {};
  }
  if (item.key == "min_ttl") {
    COFFER_TRY(min_ttl_, read_duration(item));
    return {};
  }
  return error_in(item, "is not a condition");
}

void Conditions::limit_ttl(Duration max_ttl) {
  max_ttl_ = max_ttl_ ? std::min(*max_ttl_, max_ttl) : max_ttl;
}

Result<> Conditions::read_time_of_day(const HclItem& item) {
  COFFER_TRY(const std::string text, read_text(item));
  const std::string_view view = text;
  if (view.size() == 11 && view[5] == '-') {
    const auto start = parse_time(view.substr(0, 5));
    const auto end = parse_time(view.substr(6));
    if (start && end && *start != *end && *start < kDay) {
      time_of_day_ = {*start, *end};
      return {};
    }
  }
  return error_in(item, "must be HH:MM-HH:MM");
}

Result<> Conditions::read_days(const HclItem& item) {
  COFFER_TRY(const auto names, read_texts(item));
  days_.emplace();
  for (const auto& name : names) {
    const auto day = parse_day(lower_case(name));
    if (!day) return error_in(item, "has an unknown day");
    days_->set(*day);
  }
  if (days_->none()) return error_in(item, "names no day");
  return {};
}

Result<> Conditions::read_dates(const HclItem& item) {
  COFFER_TRY(const std::string text, read_text(item));
  const std::size_t comma = text.find(',');
  if (comma != std::string::npos) {
    const auto first = parse_date(std::string_view(text).substr(0, comma));
    const auto last = parse_date(std::string_view(text).substr(comma + 1));
    if (first && last && *first <= *last) {
      dates_ = {*first, *last + kDay};
      return {};
    }
  }
  return error_in(item, "must be YYYY-MM-DD,YYYY-MM-DD");
}

Result<> Conditions::read_ranges(const HclItem& item) {
  COFFER_TRY(const auto texts, read_texts(item));
  if (texts.empty()) return error_in(item, "names no range");
  ranges_.emplace();
  for (const auto& text : texts) {
    auto range = formats::Cidr::parse(text);
    if (!range) return error_in(item, "has a malformed range");
    ranges_->push_back(*std::move(range));
  }
  return {};
}

bool Conditions::time_met(Timestamp now) const {
  const Duration time = time_within_day(now);
  const auto& [start, end] = *time_of_day_;
  return start < end ? time >= start && time < end : time >= start || time < end;
}

Verdict Conditions::source_met(const Facts& facts) const {
  if (!facts.source_ip) return Verdict::unknown;
  const auto address = formats::parse_ip(*facts.source_ip);
  if (!address) return Verdict::unknown;
  const auto holds = [&](const formats::Cidr& range) { return range.contains(*address); };
  return std::ranges::any_of(*ranges_, holds) ? Verdict::met : Verdict::unmet;
}

Verdict Conditions::ttl_met(const Facts& facts) const {
  if (!facts.requested_ttl) return Verdict::unknown;
  if (min_ttl_ && *facts.requested_ttl < *min_ttl_) return Verdict::unmet;
  if (max_ttl_ && *facts.requested_ttl > *max_ttl_) return Verdict::unmet;
  return Verdict::met;
}

ConditionOutcome Conditions::evaluate(const Facts& facts, bool issues_nothing) const {
  ConditionOutcome outcome;
  const auto note = [&outcome](Verdict verdict, std::string_view condition) {
    if (verdict == Verdict::met || outcome.verdict == Verdict::unmet) return;
    if (outcome.verdict == Verdict::unknown && verdict == Verdict::unknown) return;
    outcome = {verdict, condition};
  };
  const auto sure = [](bool holds) { return holds ? Verdict::met : Verdict::unmet; };
  if (time_of_day_) note(sure(time_met(facts.now)), "time_of_day");
  if (days_) note(sure(days_->test(day_of_week(facts.now))), "days_of_week");
  if (dates_) {
    note(sure(facts.now >= dates_->start && facts.now < dates_->end), "date_range");
  }
  if (ranges_) note(source_met(facts), "ip_ranges");
  const bool ttl_applies = !issues_nothing || facts.requested_ttl;
  if ((min_ttl_ || max_ttl_) && ttl_applies) note(ttl_met(facts), "ttl");
  return outcome;
}

}  // namespace coffer::policy
