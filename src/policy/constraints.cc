#include "policy/constraints.h"

#include "formats/json.h"
#include "policy/syntax.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;
using formats::JsonKind;
using formats::JsonView;

// Canonical JSON for comparison: strings by length and octets, members by name, numbers by value.
// It is compared with its like only and never leaves this file.

// Significant digits and a power of ten, so that 5, 5.0 and 50e-1 are one number: a denied value
// must not have a second spelling.
std::string canonical_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view mantissa = text.substr(0, text.find_first_of("eE"));
  std::string_view power = text.substr(std::min(mantissa.size() + 1, text.size()));
  if (power.starts_with('+')) power.remove_prefix(1);
  std::int32_t small = 0;  // beyond its range no JSON number is finite or differs from zero
  std::from_chars(power.data(), power.data() + power.size(), small);
  std::int64_t exponent = small;
  std::string digits;
  for (const char c : mantissa) {
    if (c != '.') digits += c;
  }
  if (const std::size_t dot = mantissa.find('.'); dot != std::string_view::npos) {
    exponent -= static_cast<std::int64_t>(mantissa.size() - dot - 1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return "0";
  while (digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  return (negative ? "-" : "") + digits + "e" + std::to_string(exponent);
}

std::string canonical_string(std::string_view text) {
  return "\"" + std::to_string(text.size()) + ":" + std::string(text);
}

std::string canonical_object(std::vector<std::pair<std::string, std::string>> members) {
  std::ranges::sort(members);
  std::string out = "{";
  for (const auto& [name, value] : members) out += canonical_string(name) + "=" + value + ",";
  return out + "}";
}

std::string canonical(const HclValue& value) {
  switch (value.kind) {
    case HclKind::string:
      return canonical_string(value.text);
    case HclKind::number:
      return canonical_number(value.text);
    case HclKind::boolean:
      return value.text;
    case HclKind::list: {
      std::string out = "[";
      for (const auto& element : value.list) out += canonical(element) + ",";
      return out + "]";
    }
    case HclKind::object: {
      std::vector<std::pair<std::string, std::string>> members;
      for (const auto& item : value.items) members.emplace_back(item.key, canonical(item.value));
      return canonical_object(std::move(members));
    }
  }
  return {};
}

// The same of a value that was sent, which may be a secret. Bounded by the depth that
// JsonView::parse allows.
secure::SecureText canonical(const JsonView& value);

secure::SecureText canonical_array(const JsonView& value) {
  secure::SecureText out("[");
  for (const auto& element : value.elements()) {
    out.append(canonical(element).text());
    out.append(",");
  }
  out.append("]");
  return out;
}

secure::SecureText canonical_object(const JsonView& value) {
  auto members = value.members();
  std::ranges::sort(members, {}, [](const auto& member) { return member.first; });
  secure::SecureText out("{");
  for (const auto& [name, member] : members) {
    out.append(canonical_string(name));
    out.append("=");
    out.append(canonical(member).text());
    out.append(",");
  }
  out.append("}");
  return out;
}

secure::SecureText canonical(const JsonView& value) {
  switch (value.kind()) {
    case JsonKind::string: {
      const secure::SecureText text = value.secret_string().value_or(secure::SecureText());
      secure::SecureText out("\"" + std::to_string(text.size()) + ":");
      out.append(text.text());
      return out;
    }
    case JsonKind::number:
      return secure::SecureText(canonical_number(value.raw()));
    case JsonKind::null:
    case JsonKind::boolean:
      return secure::SecureText(value.raw());
    case JsonKind::array:
      return canonical_array(value);
    case JsonKind::object:
      return canonical_object(value);
  }
  return {};
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  const bool open_start = pattern.starts_with('*');
  if (open_start) pattern.remove_prefix(1);
  const bool open_end = pattern.ends_with('*');
  if (open_end) pattern.remove_suffix(1);
  if (open_start && open_end) return text.contains(pattern);
  if (open_start) return text.ends_with(pattern);
  if (open_end) return text.starts_with(pattern);
  return text == pattern;
}

// A parameter of the request, read once for comparison with several listed values.
struct SentValue {
  bool is_string = false;
  secure::SecureText text;
};

SentValue read_value(const JsonView& json) {
  if (json.kind() != JsonKind::string) return {false, canonical(json)};
  return {true, json.secret_string().value_or(secure::SecureText())};
}

bool listed(const std::vector<ParameterValue>& values, const SentValue& sent) {
  if (values.empty()) return true;
  return std::ranges::any_of(values, [&](const ParameterValue& value) {
    if (value.is_string != sent.is_string) return false;
    const std::string_view text = sent.text.text();
    return value.is_string ? glob_matches(value.text, text) : value.text == text;
  });
}

const std::vector<ParameterValue>* find(const ParameterList& list, const std::string& name) {
  const auto found = list.find(name);
  return found == list.end() ? nullptr : &found->second;
}

// The lesser of two limits of which either may be missing.
void keep_lesser(std::optional<Duration>& limit, const std::optional<Duration>& other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

void merge_lists(ParameterList& into, const ParameterList& from) {
  for (const auto& [name, values] : from) {
    const auto [at, added] = into.try_emplace(name, values);
    if (added || at->second.empty()) continue;
    if (values.empty()) {
      at->second.clear();
    } else {
      at->second.insert(at->second.end(), values.begin(), values.end());
    }
  }
}

bool parameters_matter(Capability capability) {
  return capability == Capability::create || capability == Capability::update ||
         capability == Capability::patch || capability == Capability::read;
}

using Sent = std::vector<std::pair<std::string, JsonView>>;

bool has_name(const Sent& sent, const std::string& lower_name) {
  return std::ranges::any_of(
      sent, [&](const auto& parameter) { return lower_case(parameter.first) == lower_name; });
}

}  // namespace

void Constraints::merge(const Constraints& other) {
  merge_lists(allowed, other.allowed);
  merge_lists(denied, other.denied);
  for (const auto& name : other.required) {
    if (std::ranges::find(required, name) == required.end()) required.push_back(name);
  }
  keep_lesser(min_wrapping_ttl, other.min_wrapping_ttl);
  keep_lesser(max_wrapping_ttl, other.max_wrapping_ttl);
}

std::optional<std::string_view> Constraints::violation(const Access& access,
                                                       const Facts& facts) const {
  if (max_wrapping_ttl && (!facts.wrap_ttl || *facts.wrap_ttl > *max_wrapping_ttl)) {
    return "response wrapping is missing or too long";
  }
  if (min_wrapping_ttl && (!facts.wrap_ttl || *facts.wrap_ttl < *min_wrapping_ttl)) {
    return "response wrapping is missing or too short";
  }
  if (!parameters_matter(access.capability)) return std::nullopt;
  return parameter_violation(access);
}

std::optional<std::string_view> Constraints::parameter_violation(const Access& access) const {
  if (allowed.empty() && denied.empty() && required.empty()) return std::nullopt;
  const Sent all = access.parameters ? access.parameters->all() : Sent();
  for (const auto& name : required) {
    if (!has_name(all, name)) return "a required parameter is missing";
  }
  if (all.empty() || (allowed.empty() && denied.empty())) return std::nullopt;
  if (denied.contains("*")) return "all parameters are denied";
  const bool others_allowed = allowed.empty() || allowed.contains("*");
  for (const auto& [sent_name, json] : all) {
    const std::string name = lower_case(sent_name);
    const auto* const bad = find(denied, name);
    const auto* const good = find(allowed, name);
    if (bad == nullptr && good == nullptr && others_allowed) continue;
    const SentValue sent = read_value(json);
    if (bad != nullptr && listed(*bad, sent)) return "a parameter is denied";
    if (good == nullptr ? !others_allowed : !listed(*good, sent))
      return "a parameter is not allowed";
  }
  return std::nullopt;
}

Result<ParameterList> read_parameters(const HclItem& item) {
  if (item.value.kind != HclKind::object) return error_in(item, "must be an object of lists");
  ParameterList out;
  for (const auto& parameter : item.value.items) {
    if (!parameter.labels.empty() || parameter.value.kind != HclKind::list) {
      return error_in(parameter, "must be a list of values");
    }
    std::vector<ParameterValue> values;
    for (const auto& value : parameter.value.list) {
      const bool is_string = value.kind == HclKind::string;
      values.push_back({is_string, is_string ? value.text : canonical(value)});
    }
    if (!out.emplace(lower_case(parameter.key), std::move(values)).second) {
      return error_in(parameter, "is given twice");
    }
  }
  return out;
}

}  // namespace coffer::policy
