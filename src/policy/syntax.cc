#include "policy/syntax.h"

#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace coffer::policy {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

namespace {

// The keys of the languages. No other text of a policy is repeated: it may be anything, and errors
// end in the audit log.
constexpr std::array<std::string_view, 40> kWords{"path",
                                                  "capabilities",
                                                  "policy",
                                                  "allowed_parameters",
                                                  "name",
                                                  "denied_parameters",
                                                  "description",
                                                  "required_parameters",
                                                  "version",
                                                  "min_wrapping_ttl",
                                                  "allowed_secrets",
                                                  "max_wrapping_ttl",
                                                  "conditions",
                                                  "max_ttl_seconds",
                                                  "deny",
                                                  "allowed_operations",
                                                  "deny_policy",
                                                  "reason",
                                                  "time_of_day",
                                                  "days_of_week",
                                                  "date_range",
                                                  "ip_ranges",
                                                  "max_ttl",
                                                  "min_ttl",
                                                  "Version",
                                                  "Id",
                                                  "Statement",
                                                  "Sid",
                                                  "Effect",
                                                  "Action",
                                                  "NotAction",
                                                  "Resource",
                                                  "NotResource",
                                                  "Principal",
                                                  "NotPrincipal",
                                                  "Condition",
                                                  "AWS",
                                                  "Service",
                                                  "Federated",
                                                  "Null"};

}  // namespace

std::unexpected<Error> error_in(const HclItem& item, std::string_view what) {
  std::string message = to_text(item.at) + ": ";
  if (std::ranges::find(kWords, item.key) != kWords.end()) message += "\"" + item.key + "\": ";
  message += what;
  return fail(Code::invalid_argument, std::move(message));
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<> check_plain_object(const HclValue& object) {
  std::set<std::string_view> seen;
  for (const auto& item : object.items) {
    if (!item.labels.empty()) return error_in(item, "takes no label");
    if (!seen.insert(item.key).second) return error_in(item, "is given twice");
  }
  return {};
}

Result<std::string> read_text(const HclItem& item) {
  if (item.value.kind != HclKind::string) return error_in(item, "must be a string");
  return item.value.text;
}

Result<std::vector<std::string>> read_texts(const HclItem& item) {
  if (item.value.kind != HclKind::list) return error_in(item, "must be a list of strings");
  std::vector<std::string> out;
  for (const auto& element : item.value.list) {
    if (element.kind != HclKind::string) return error_in(item, "must be a list of strings");
    out.push_back(element.text);
  }
  return out;
}

Result<std::vector<std::string>> read_one_or_more(const HclItem& item) {
  if (item.value.kind == HclKind::string) return std::vector{item.value.text};
  COFFER_TRY(auto out, read_texts(item));
  if (out.empty()) return error_in(item, "names nothing");
  return out;
}

Result<bool> read_boolean(const HclItem& item) {
  if (item.value.kind != HclKind::boolean) return error_in(item, "must be true or false");
  return item.value.text == "true";
}

Result<Duration> read_duration(const HclItem& item) {
  const HclKind kind = item.value.kind;
  if (kind != HclKind::string && kind != HclKind::number)
    return error_in(item, "must be a duration");
  const auto parsed = parse_duration(item.value.text);
  if (!parsed || *parsed < Duration::zero()) return error_in(item, "must be a duration");
  return *parsed;
}

}  // namespace coffer::policy
