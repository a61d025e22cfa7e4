#include "policy/iam_conditions.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "policy/syntax.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;

constexpr std::size_t kMaxKey = 1024;
constexpr std::int64_t kLastSecond = 7'258'118'400;  // of the year 2199: what fits in nanoseconds

Verdict sure(bool holds) {
  return holds ? Verdict::met : Verdict::unmet;
}

Verdict opposite(Verdict verdict) {
  switch (verdict) {
    case Verdict::met:
      return Verdict::unmet;
    case Verdict::unmet:
      return Verdict::met;
    case Verdict::unknown:
      break;
  }
  return Verdict::unknown;
}

std::optional<double> parse_number(std::string_view text) {
  constexpr std::string_view kCharacters = "0123456789+-.eE";
  if (text.find_first_not_of(kCharacters) != std::string_view::npos) return std::nullopt;
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// Seconds since 1970, up to the year 2200, or the forms of ISO 8601 that AWS takes: a day, with
// hours and minutes, with seconds.
std::optional<Timestamp> parse_moment(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!text.empty() && text.size() <= 10 && std::ranges::all_of(text, digit)) {
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (seconds > kLastSecond) return std::nullopt;
    return Timestamp{seconds * 1'000'000'000};
  }
  std::string whole(text);
  if (text.size() == 10) whole += "T00:00:00Z";
  if (text.size() == 17 && text.ends_with('Z')) whole = std::string(text.substr(0, 16)) + ":00Z";
  const auto parsed = parse_rfc3339(whole);
  return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view text) {
  const std::string lowered = lower_case(text);
  if (lowered == "true") return true;
  if (lowered == "false") return false;
  return std::nullopt;
}

std::unexpected<Error> refused(std::string_view what) {
  return fail(Code::invalid_argument, std::string(what));
}

// The texts of one condition: a string, number or boolean, or a list of them.
Result<std::vector<std::string>> read_scalars(const HclItem& item) {
  std::vector<std::string> out;
  const auto take = [&out](const formats::HclValue& value) {
    const bool scalar = value.kind != HclKind::list && value.kind != HclKind::object;
    if (scalar) out.push_back(value.text);
    return scalar;
  };
  if (item.value.kind != HclKind::list) {
    if (!take(item.value)) return error_in(item, "must be a text or a list of texts");
    return out;
  }
  if (!std::ranges::all_of(item.value.list, take)) {
    return error_in(item, "must be a text or a list of texts");
  }
  if (out.empty()) return error_in(item, "has no value");
  return out;
}

}  // namespace

const IamConditions::Operator* IamConditions::find_operator(std::string_view name) {
  using enum Order;
  static constexpr std::array<Operator, 27> kOperators{
      {{"StringEquals", Kind::text, false, equal},
       {"StringNotEquals", Kind::text, true, equal},
       {"StringEqualsIgnoreCase", Kind::text_caseless, false, equal},
       {"StringNotEqualsIgnoreCase", Kind::text_caseless, true, equal},
       {"StringLike", Kind::like, false, equal},
       {"StringNotLike", Kind::like, true, equal},
       {"NumericEquals", Kind::number, false, equal},
       {"NumericNotEquals", Kind::number, true, equal},
       {"NumericLessThan", Kind::number, false, less},
       {"NumericLessThanEquals", Kind::number, false, less_equal},
       {"NumericGreaterThan", Kind::number, false, greater},
       {"NumericGreaterThanEquals", Kind::number, false, greater_equal},
       {"DateEquals", Kind::date, false, equal},
       {"DateNotEquals", Kind::date, true, equal},
       {"DateLessThan", Kind::date, false, less},
       {"DateLessThanEquals", Kind::date, false, less_equal},
       {"DateGreaterThan", Kind::date, false, greater},
       {"DateGreaterThanEquals", Kind::date, false, greater_equal},
       {"Bool", Kind::boolean, false, equal},
       {"BinaryEquals", Kind::binary, false, equal},
       {"IpAddress", Kind::ip, false, equal},
       {"NotIpAddress", Kind::ip, true, equal},
       {"ArnEquals", Kind::arn, false, equal},
       {"ArnLike", Kind::arn, false, equal},
       {"ArnNotEquals", Kind::arn, true, equal},
       {"ArnNotLike", Kind::arn, true, equal},
       {"Null", Kind::null, false, equal}}};
  const auto* const found = std::ranges::find(kOperators, name, &Operator::name);
  return name.empty() || found == kOperators.end() ? nullptr : found;
}

Result<> IamConditions::read(const HclItem& item, bool variables) {
  if (item.value.kind != HclKind::object) return error_in(item, "must be an object");
  COFFER_CHECK(check_plain_object(item.value));
  for (const HclItem& one : item.value.items) COFFER_CHECK(read_operator(one, variables));
  return {};
}

Result<> IamConditions::read_operator(const HclItem& item, bool variables) {
  Condition common;
  std::string_view name = item.key;
  constexpr std::string_view kAll = "ForAllValues:";
  constexpr std::string_view kAny = "ForAnyValue:";
  constexpr std::string_view kIfExists = "IfExists";
  if (name.starts_with(kAll)) {
    common.quantifier = Quantifier::all;
    name.remove_prefix(kAll.size());
  } else if (name.starts_with(kAny)) {
    common.quantifier = Quantifier::any;
    name.remove_prefix(kAny.size());
  }
  if (name.ends_with(kIfExists)) {
    common.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  const Operator* const op = find_operator(name);
  if (op == nullptr) return error_in(item, "is not a condition operator");
  const bool plain = !common.if_exists && common.quantifier == Quantifier::one;
  if (op->kind == Kind::null && !plain) return error_in(item, "is not a condition operator");
  common.op = *op;
  if (item.value.kind != HclKind::object) return error_in(item, "must be an object");
  std::set<std::string> seen;
  for (const HclItem& one : item.value.items) {
    Condition condition = common;
    condition.key = lower_case(one.key);
    if (condition.key.find(':') == std::string::npos || condition.key.size() > kMaxKey) {
      return error_in(one, "is not a condition key");
    }
    if (!seen.insert(condition.key).second) return error_in(one, "is given twice");
    COFFER_TRY(const auto texts, read_scalars(one));
    for (const std::string& text : texts) {
      auto value = read_value(*op, text, variables);
      if (!value) return error_in(one, value.error().message);
      condition.values.push_back(*std::move(value));
    }
    conditions_.push_back(std::move(condition));
  }
  return {};
}

Result<IamConditions::Value> IamConditions::read_value(const Operator& op,
                                                       const std::string& text,
                                                       bool variables) {
  switch (op.kind) {
    case Kind::text:
    case Kind::text_caseless:
    case Kind::like: {
      COFFER_TRY(IamPattern pattern,
                 IamPattern::parse(text,
                                   {.wildcards = op.kind == Kind::like,
                                    .variables = variables,
                                    .caseless = op.kind == Kind::text_caseless}));
      return Value(std::move(pattern));
    }
    case Kind::arn: {
      COFFER_TRY(ArnPattern pattern, ArnPattern::parse(text, variables));
      return Value(std::move(pattern));
    }
    case Kind::number:
      if (const auto number = parse_number(text)) return Value(*number);
      return refused("must be a number");
    case Kind::date:
      if (const auto moment = parse_moment(text)) return Value(*moment);
      return refused("must be a date");
    case Kind::boolean:
    case Kind::null:
      if (const auto boolean = parse_boolean(text)) return Value(*boolean);
      return refused("must be true or false");
    case Kind::binary: {
      auto octets = base64_decode(text);
      if (!octets) return refused("must be base64");
      return Value(*std::move(octets));
    }
    case Kind::ip: {
      auto range = formats::Cidr::parse(text);
      if (!range) return refused("must be an address or a range of addresses");
      return Value(*std::move(range));
    }
  }
  return refused("is not a condition operator");
}

Verdict IamConditions::evaluate(const IamKeys& keys) const {
  Verdict all = Verdict::met;
  for (const Condition& condition : conditions_) {
    const Verdict one = condition.evaluate(keys);
    if (one == Verdict::unmet) return Verdict::unmet;
    if (one == Verdict::unknown) all = Verdict::unknown;
  }
  return all;
}

Verdict IamConditions::Condition::evaluate_absent() const {
  if (if_exists || quantifier == Quantifier::all) return Verdict::met;
  if (quantifier == Quantifier::any) return Verdict::unmet;
  return sure(op.negated);
}

Verdict IamConditions::Condition::evaluate(const IamKeys& keys) const {
  const IamKeyValue found = keys.find(key);
  if (found.state == IamKeyValue::State::unknown) return Verdict::unknown;
  const bool absent = found.state == IamKeyValue::State::absent;
  if (op.kind == Kind::null) {
    const auto wants = [absent](const Value& value) { return std::get<bool>(value) == absent; };
    return sure(std::ranges::any_of(values, wants));
  }
  if (absent) return evaluate_absent();
  if (quantifier == Quantifier::one) {
    return found.values.size() == 1 ? test(found.values.front(), keys) : Verdict::unknown;
  }
  // `settled`: the verdict on one value that is the verdict on all of them.
  const Verdict settled = quantifier == Quantifier::any ? Verdict::met : Verdict::unmet;
  Verdict out = opposite(settled);
  for (const std::string& text : found.values) {
    const Verdict one = test(text, keys);
    if (one == settled) return settled;
    if (one == Verdict::unknown) out = Verdict::unknown;
  }
  return out;
}

Verdict IamConditions::Condition::test(const std::string& text, const IamKeys& keys) const {
  Verdict any = Verdict::unmet;
  for (const Value& value : values) {
    const Verdict one = compare(op, value, text, keys);
    if (one == Verdict::met) {
      any = Verdict::met;
      break;
    }
    if (one == Verdict::unknown) any = Verdict::unknown;
  }
  return op.negated ? opposite(any) : any;
}

Verdict IamConditions::compare(const Operator& op,
                               const Value& value,
                               const std::string& text,
                               const IamKeys& keys) {
  const auto ordered = [&op](const auto& left, const auto& right) {
    switch (op.order) {
      case Order::equal:
        return sure(!(left < right) && !(right < left));
      case Order::less:
        return sure(left < right);
      case Order::less_equal:
        return sure(!(right < left));
      case Order::greater:
        return sure(right < left);
      case Order::greater_equal:
        return sure(!(left < right));
    }
    return Verdict::unknown;
  };
  switch (op.kind) {
    case Kind::text:
    case Kind::text_caseless:
    case Kind::like:
      return std::get<IamPattern>(value).matches(text, keys, Slashes::allowed);
    case Kind::arn:
      if (!split_arn(text)) return Verdict::unknown;
      return std::get<ArnPattern>(value).matches(text, keys, Slashes::allowed);
    case Kind::number: {
      const auto number = parse_number(text);
      return number ? ordered(*number, std::get<double>(value)) : Verdict::unknown;
    }
    case Kind::date: {
      const auto moment = parse_moment(text);
      return moment ? ordered(moment->ns, std::get<Timestamp>(value).ns) : Verdict::unknown;
    }
    case Kind::boolean: {
      const auto boolean = parse_boolean(text);
      return boolean ? sure(*boolean == std::get<bool>(value)) : Verdict::unknown;
    }
    case Kind::binary: {
      const auto octets = base64_decode(text);
      return octets ? sure(std::ranges::equal(*octets, std::get<Bytes>(value))) : Verdict::unknown;
    }
    case Kind::ip: {
      const auto address = formats::parse_ip(text);
      return address ? sure(std::get<formats::Cidr>(value).contains(*address)) : Verdict::unknown;
    }
    case Kind::null:
      break;
  }
  return Verdict::unknown;
}

}  // namespace coffer::policy
