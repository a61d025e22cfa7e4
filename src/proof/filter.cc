#include "proof/filter.h"

#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

namespace coffer::proof {
namespace {

bool same_or_unset(const std::string& wanted, const std::string& value) {
  return wanted.empty() || wanted == value;
}

Result<> set_type(EventFilter& filter, const std::string& value) {
  const auto type = parse_event_type(value);
  if (!type) return fail(Code::invalid_argument, "filter: unknown event type");
  filter.types.push_back(*type);
  return {};
}

Result<> set_outcome(EventFilter& filter, const std::string& value) {
  filter.outcome = parse_outcome(value);
  if (!filter.outcome) return fail(Code::invalid_argument, "filter: unknown outcome");
  return {};
}

Result<> set_limit(EventFilter& filter, const std::string& value) {
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, filter.limit);
  if (error != std::errc{} || stop != end || filter.limit == 0 || filter.limit > kMaxFilterLimit) {
    return fail(Code::invalid_argument, "filter: limit must be a number from 1 to 10000");
  }
  return {};
}

template <std::string EventFilter::* kMember>
Result<> set_text(EventFilter& filter, const std::string& value) {
  filter.*kMember = value;
  return {};
}

template <std::optional<Timestamp> EventFilter::* kMember>
Result<> set_time(EventFilter& filter, const std::string& value) {
  COFFER_TRY(filter.*kMember, parse_rfc3339(value));
  return {};
}

struct Parameter {
  std::string_view name;
  Result<> (*set)(EventFilter&, const std::string&);
};

constexpr std::string_view kRepeatable = "type";
constexpr auto kParameters = std::to_array<Parameter>({
    {kRepeatable, set_type},
    {"outcome", set_outcome},
    {"actor_id", set_text<&EventFilter::actor_id>},
    {"actor_name", set_text<&EventFilter::actor_name>},
    {"path", set_text<&EventFilter::path>},
    {"path_prefix", set_text<&EventFilter::path_prefix>},
    {"from", set_time<&EventFilter::from>},
    {"to", set_time<&EventFilter::to>},
    {"request_id", set_text<&EventFilter::request_id>},
    {"source_ip", set_text<&EventFilter::source_ip>},
    {"limit", set_limit},
});

}  // namespace

bool EventFilter::matches(const Event& event) const {
  if (!types.empty() && std::ranges::find(types, event.type) == types.end()) return false;
  if (outcome && *outcome != event.outcome) return false;
  if (from && event.time < *from) return false;
  if (to && event.time >= *to) return false;
  if (!same_or_unset(actor_id, event.actor_id)) return false;
  if (!same_or_unset(actor_name, event.actor_name)) return false;
  if (!same_or_unset(request_id, event.request_id)) return false;
  if (!same_or_unset(source_ip, event.source_ip)) return false;
  if (path.empty() && path_prefix.empty()) return true;
  return std::ranges::any_of(event.accesses, [this](const AccessRecord& access) {
    return access.resource.starts_with(path_prefix) && access.resource.contains(path);
  });
}

Result<EventFilter> parse_filter(std::span<const std::pair<std::string, std::string>> pairs) {
  EventFilter filter;
  std::set<std::string_view> seen;
  for (const auto& [name, value] : pairs) {
    const auto* parameter = std::ranges::find(kParameters, name, &Parameter::name);
    if (parameter == kParameters.end()) {
      return fail(Code::invalid_argument, "filter: unknown parameter");
    }
    const std::string known(parameter->name);
    if (!seen.insert(parameter->name).second && parameter->name != kRepeatable) {
      return fail(Code::invalid_argument, "filter: " + known + " stands twice");
    }
    if (value.empty()) return fail(Code::invalid_argument, "filter: " + known + " is empty");
    if (value.size() > kMaxFilterText) {
      return fail(Code::too_large, "filter: " + known + " is longer than 2 KiB");
    }
    COFFER_CHECK(parameter->set(filter, value));
  }
  if (filter.from && filter.to && *filter.to <= *filter.from) {
    return fail(Code::invalid_argument, "filter: to is not after from");
  }
  return filter;
}

}  // namespace coffer::proof
