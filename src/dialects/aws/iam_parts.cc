#include "dialects/aws/iam_parts.h"

#include "base/time_text.h"
#include "dialects/aws/access.h"
#include "dialects/aws/page_token.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

using policy::Capability;

bool is_limited_session(const domain::Principal& principal) {
  return principal.aws && principal.aws->session &&
         *principal.aws->session != domain::AwsSessionKind::role;
}

gate::Resolve resolve_for(std::string_view name,
                          Capability capability,
                          IamResource resource,
                          std::string_view tag_action = {}) {
  return [iam_action = "iam:" + std::string(name),
          capability,
          resource = std::move(resource),
          tag_action](gate::Call& call) -> Result<std::vector<policy::Access>> {
    COFFER_CHECK(check_may_administrate(call));
    COFFER_TRY(IamTarget target, resource(call));
    const std::string_view action = capability == Capability::read ? "iam.read" : "iam.write";
    std::vector<policy::Access> accesses;
    accesses.push_back(
        access(action, iam_action, std::move(target.arn), call.routing.path, capability));
    for (const auto& [key, value] : target.tags) {
      accesses.back().iam->context.add("aws:ResourceTag/" + key, value);
      accesses.back().iam->context.add("iam:ResourceTag/" + key, value);
    }
    // As with the same changes through the native API: tokens need sudo.
    accesses.back().needs_sudo = capability != Capability::read;
    if (!tag_action.empty() && !items(call.body, "Tags").empty()) also_ask(accesses, tag_action);
    return accesses;
  };
}

}  // namespace

Result<> check_may_administrate(const gate::Call& call) {
  if (!is_limited_session(*call.principal)) return {};
  return aws::fail(
      Code::permission_denied,
      "AccessDenied",
      "Cannot call IAM with the credentials of GetSessionToken and GetFederationToken.");
}

Result<IamTarget> any_resource(gate::Call& /*call*/) {
  return IamTarget{"*"};
}

Result<std::string> user_name(const gate::Call& call) {
  COFFER_TRY(const auto given, text(call.body, "UserName"));
  if (given) return *given;
  const policy::Facts& facts = call.principal->facts;
  if (facts.iam && !facts.iam->username.empty()) return facts.iam->username;
  return aws::fail(Code::invalid_argument,
                   "ValidationException",
                   "Must specify userName when calling with non-User credentials");
}

Result<IamTarget> user_resource(gate::Call& call) {
  COFFER_TRY(const std::string name, user_name(call));
  COFFER_TRY(const auto row, call.view->find<domain::AwsUserRow>(domain::aws_name_key(name)));
  if (row) return IamTarget{identities_of(call).arn_of(row->row), row->row.grants->tags};
  COFFER_TRY(const auto path, text(call.body, "Path"));
  return IamTarget{domain::iam_arn(call.unsealed->aws_account, "user", path.value_or("/"), name)};
}

Result<IamTarget> role_resource(gate::Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "RoleName"));
  COFFER_TRY(const auto row, call.view->find<domain::AwsRoleRow>(domain::aws_name_key(name)));
  if (row) return IamTarget{identities_of(call).arn_of(row->row), row->row.grants->tags};
  COFFER_TRY(const auto path, text(call.body, "Path"));
  return IamTarget{domain::iam_arn(call.unsealed->aws_account, "role", path.value_or("/"), name)};
}

Result<IamTarget> policy_resource(gate::Call& call) {
  COFFER_TRY(std::string arn, text_or_empty(call.body, "PolicyArn"));
  return IamTarget{std::move(arn)};
}

AwsOperation iam_read(std::string_view name,
                      const Shape& input,
                      IamResource resource,
                      gate::Handler handler) {
  return guarded(Service::iam,
                 name,
                 input,
                 proof::EventType::iam_read,
                 resolve_for(name, Capability::read, std::move(resource)),
                 std::move(handler));
}

AwsOperation iam_write(std::string_view name,
                       const Shape& input,
                       proof::EventType event,
                       IamResource resource,
                       gate::Handler handler,
                       std::string_view tag_action) {
  return guarded(Service::iam,
                 name,
                 input,
                 event,
                 resolve_for(name, Capability::update, std::move(resource), tag_action),
                 std::move(handler));
}

Result<> refuse_boundary(const gate::Call& call) {
  if (!call.body.find_value("PermissionsBoundary")) return {};
  return aws::fail(
      Code::invalid_argument, "InvalidInput", "permissions boundaries are not supported");
}

Result<std::map<std::string, std::string>> tags_of(const gate::Call& call) {
  std::map<std::string, std::string> tags;
  for (const formats::JsonView& item : items(call.body, "Tags")) {
    COFFER_TRY(std::string key, text_or_empty(item, "Key"));
    COFFER_TRY(std::string value, text_or_empty(item, "Value"));
    if (!tags.emplace(std::move(key), std::move(value)).second) {
      return aws::fail(Code::invalid_argument,
                       "InvalidInput",
                       "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
  }
  return tags;
}

void write_tags(formats::XmlWriter& x, const std::map<std::string, std::string>& tags) {
  x.open("Tags");
  for (const auto& [key, value] : tags) {
    x.open("member").element("Key", key).element("Value", value).close("member");
  }
  x.close("Tags");
}

std::string xml_time(Timestamp at) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return rfc3339({at.ns / kSecond * kSecond});
}

std::string xml_document(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.contains(c)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    out.append({'%', kDigits[octet >> 4U], kDigits[octet & 15U]});
  }
  return out;
}

Result<Page> page_of(gate::Call& call,
                     std::string_view operation,
                     const std::vector<std::string>& names) {
  constexpr std::int64_t kDefault = 100;
  const keys::Keyring& keyring = *call.view->keyring();
  COFFER_TRY(const auto marker, text(call.body, "Marker"));
  COFFER_TRY(const auto wanted, integer(call.body, "MaxItems"));
  Page page;
  if (marker) {
    COFFER_TRY(const std::string after,
               open_page_token(keyring, call.random, operation, "", *marker, "InvalidInput"));
    const auto next = std::ranges::upper_bound(names, after);
    page.begin = static_cast<std::size_t>(next - names.begin());
  }
  page.end =
      std::min(names.size(), page.begin + static_cast<std::size_t>(wanted.value_or(kDefault)));
  if (page.end < names.size()) {
    COFFER_TRY(page.marker,
               seal_page_token(keyring, call.random, operation, "", names[page.end - 1]));
  }
  return page;
}

void write_page_end(formats::XmlWriter& x, const Page& page) {
  x.element("IsTruncated", page.marker.empty() ? "false" : "true");
  if (!page.marker.empty()) x.element("Marker", page.marker);
}

}  // namespace coffer::dialects::aws
