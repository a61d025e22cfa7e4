#include "domain/parameters/parameter_policies.h"

#include "base/time_text.h"
#include "formats/json.h"

#include <algorithm>
#include <charconv>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxNodes = 200;
constexpr unsigned kMaxPeriod = 36'500;

std::unexpected<Error> refuse(std::string_view name, std::string message) {
  return std::unexpected(Error{Code::invalid_argument, std::move(message), name});
}

std::unexpected<Error> bad_attribute(std::string_view type) {
  return refuse("InvalidPolicyAttributeException",
                "A policy attribute or its value is invalid: " + std::string(type) + ".");
}

// The member as text, wherever it is text; empty otherwise.
std::string text_of(const formats::JsonView& object, std::string_view name) {
  const auto member = object.find(name);
  if (!member || member->kind() != formats::JsonKind::string) return {};
  return member->string().value_or("");
}

bool has_only(const formats::JsonView& object, std::initializer_list<std::string_view> names) {
  return object.kind() == formats::JsonKind::object && object.members().size() == names.size() &&
         std::ranges::all_of(names, [&](auto name) { return object.find(name).has_value(); });
}

// {"Before": "15", "Unit": "Days"}
Result<> check_period(const formats::JsonView& attributes,
                      std::string_view type,
                      std::string_view name) {
  if (!has_only(attributes, {name, "Unit"})) return bad_attribute(type);
  const std::string unit = text_of(attributes, "Unit");
  const std::string count = text_of(attributes, name);
  unsigned value = 0;
  const char* const end = count.data() + count.size();
  const auto [stop, error] = std::from_chars(count.data(), end, value);
  const bool number = error == std::errc{} && stop == end && value >= 1 && value <= kMaxPeriod;
  if (!number || (unit != "Days" && unit != "Hours")) return bad_attribute(type);
  return {};
}

Result<> add_policy(const formats::JsonView& policy, ParameterPolicies& into) {
  if (!has_only(policy, {"Type", "Version", "Attributes"})) {
    return refuse("InvalidPolicyTypeException",
                  "A policy has a Type, a Version and Attributes, and nothing else.");
  }
  const std::string type = text_of(policy, "Type");
  const formats::JsonView attributes = *policy.find("Attributes");
  if (text_of(policy, "Version") != "1.0") return bad_attribute(type);
  if (type == "Expiration") {
    if (!has_only(attributes, {"Timestamp"})) return bad_attribute(type);
    const auto at = parse_rfc3339(text_of(attributes, "Timestamp"));
    if (!at) return bad_attribute(type);
    if (into.expires) {
      return refuse("IncompatiblePolicyException", "A parameter has one Expiration policy.");
    }
    into.expires = *at;
  } else if (type == "ExpirationNotification") {
    COFFER_CHECK(check_period(attributes, type, "Before"));
  } else if (type == "NoChangeNotification") {
    COFFER_CHECK(check_period(attributes, type, "After"));
  } else {
    return refuse("InvalidPolicyTypeException",
                  "The policy type is not supported. Parameter Store supports the following policy "
                  "types: Expiration, ExpirationNotification, and NoChangeNotification.");
  }
  into.all.push_back({type, std::string(policy.raw())});
  return {};
}

}  // namespace

Result<ParameterPolicies> parse_parameter_policies(std::string_view text) {
  const auto json = formats::JsonView::parse(text, kMaxNodes);
  if (text.size() > kMaxPoliciesOctets || !json || json->kind() != formats::JsonKind::array) {
    return refuse("ValidationException", "Policies: not a JSON array of policies.");
  }
  const auto elements = json->elements();
  ParameterPolicies policies;
  if (elements.size() == 1 && has_only(elements.front(), {})) return policies;
  if (elements.size() > kMaxParameterPolicies) {
    return refuse("PoliciesLimitExceededException",
                  "You specified more than the maximum number of allowed policies for the "
                  "parameter. The maximum is 10.");
  }
  for (const auto& element : elements) COFFER_CHECK(add_policy(element, policies));
  const bool notifies = std::ranges::any_of(
      policies.all, [](const auto& policy) { return policy.type == "ExpirationNotification"; });
  if (notifies && !policies.expires) {
    return refuse("IncompatiblePolicyException",
                  "An ExpirationNotification policy needs an Expiration policy.");
  }
  return policies;
}

}  // namespace coffer::domain
