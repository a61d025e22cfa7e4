#include "dialects/aws/sts_session.h"

#include "base/time_text.h"
#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "domain/identity/aws_names.h"
#include "domain/identity/aws_policies.h"

#include <set>

namespace coffer::dialects::aws {

using domain::AwsRolePtr;
using domain::AwsSession;
using formats::JsonView;

std::unexpected<Error> access_denied(std::string message) {
  return aws::fail(Code::permission_denied, "AccessDeniedException", std::move(message));
}

Result<SessionTags> session_tags(const JsonView& body) {
  SessionTags out;
  std::set<std::string> seen;
  for (const JsonView& item : items(body, "Tags")) {
    COFFER_TRY(std::string key, text_or_empty(item, "Key"));
    COFFER_TRY(std::string value, text_or_empty(item, "Value"));
    if (!seen.insert(domain::aws_name_key(key)).second) {
      return aws::fail(Code::invalid_argument,
                       "InvalidParameterValue",
                       "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    out.emplace_back(std::move(key), std::move(value));
  }
  return out;
}

Result<> add_session_policies(gate::Call& call, AwsSession& session) {
  COFFER_TRY(session.policy, text_or_empty(call.body, "Policy"));
  if (!session.policy.empty()) {
    const auto compiled =
        policy::compile_iam_policy("session policy", 0, policy::IamKind::session, session.policy);
    if (!compiled && compiled.error().code == Code::too_large) {
      return aws::fail(Code::invalid_argument,
                       "PackedPolicyTooLarge",
                       "Packed policy consumes more than 100% of the allotted space.");
    }
    if (!compiled) {
      return aws::fail(Code::invalid_argument, "MalformedPolicyDocument", compiled.error().message);
    }
  }
  for (const JsonView& item : items(call.body, "PolicyArns")) {
    COFFER_TRY(std::string arn, text_or_empty(item, "arn"));
    COFFER_TRY(const auto loaded,
               domain::load_managed_policy(*call.view, call.unsealed->policies, arn));
    if (!loaded) {
      return aws::fail(Code::invalid_argument,
                       "ValidationException",
                       "PolicyArns: a policy does not exist or is not attachable.");
    }
    session.policy_arns.push_back(std::move(arn));
  }
  return {};
}

Result<Duration> asked_duration(const JsonView& body, Duration otherwise) {
  COFFER_TRY(const auto seconds, integer(body, "DurationSeconds"));
  return seconds ? Duration(std::chrono::seconds(*seconds)) : otherwise;
}

Result<AwsRolePtr> role_named(gate::Call& call, std::string_view arn) {
  const auto parts = parse_arn(arn);
  if (!parts || parts->partition.empty() || parts->service.empty() || parts->account.empty() ||
      parts->resource.empty()) {
    return aws::fail(
        Code::invalid_argument, "ValidationException", std::string(arn) + " is invalid");
  }
  const auto named = domain::parse_iam_arn(arn);
  if (!named || named->kind != "role" || named->account != call.unsealed->aws_account) {
    return AwsRolePtr();
  }
  COFFER_TRY(AwsRolePtr role,
             call.view->find<domain::AwsRoleRow>(domain::aws_name_key(named->name)));
  const bool same = role && *role->row.name == named->name && *role->row.path == named->path;
  return same ? role : AwsRolePtr();
}

Result<policy::PolicyPtr> trust_of(gate::Call& call, const AwsRolePtr& role) {
  if (!role) return policy::PolicyPtr();
  const domain::AwsRoleRow& row = role->row;
  // Names of embedded policies have no colon.
  return call.unsealed->policies.compiled_iam({*row.id + ":trust", *row.trust_version},
                                              "trust policy of role/" + *row.name,
                                              policy::IamKind::trust,
                                              *row.trust);
}

Result<policy::Access> access_to_role(gate::Call& call,
                                      std::string_view iam_action,
                                      std::string_view arn) {
  COFFER_TRY(const AwsRolePtr role, role_named(call, arn));
  policy::Access out = access("sts.assume_role",
                              iam_action,
                              std::string(arn),
                              "aws/roles/" + (role ? *role->row.name : std::string("?")),
                              policy::Capability::none);
  COFFER_TRY(out.iam->consent_policy.emplace(), trust_of(call, role));
  policy::IamContext& context = out.iam->context;
  COFFER_TRY(std::string session_name, text_or_empty(call.body, "RoleSessionName"));
  context.set("sts:RoleSessionName", {std::move(session_name)});
  COFFER_TRY(const auto duration, asked_duration(call.body, std::chrono::hours(1)));
  context.set("sts:DurationSeconds", {std::to_string(duration / std::chrono::seconds(1))});
  if (role) {
    for (const auto& [key, value] : role->row.grants->tags) {
      context.add("aws:ResourceTag/" + key, value);
      context.add("iam:ResourceTag/" + key, value);
    }
  }
  return out;
}

Result<domain::IssuedAwsSession> issue(gate::Call& call, AwsSession session) {
  call.note("session", session.name);
  auto issued = domain::issue_aws_session(
      *call.view->keyring(), call.view->realm(), call.random, std::move(session));
  if (!issued && issued.error().code == Code::too_large) {
    return aws::fail(Code::invalid_argument,
                     "PackedPolicyTooLarge",
                     "Packed size of session tags consumes more than 100% of the allotted space.");
  }
  if (issued) call.note("access_key", issued->access_key_id);
  return issued;
}

void write_credentials(formats::XmlWriter& x, const domain::IssuedAwsSession& issued) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  x.open("Credentials");
  x.element("AccessKeyId", issued.access_key_id);
  x.element("SecretAccessKey", issued.secret.text());
  x.element("SessionToken", issued.token.text());
  x.element("Expiration", rfc3339(Timestamp{issued.expires.ns / kSecond * kSecond}));
  x.close("Credentials");
}

void write_assumed_role(formats::XmlWriter& x,
                        gate::Call& call,
                        const domain::AwsRoleRow& role,
                        std::string_view session_name) {
  const std::string name(session_name);
  x.open("AssumedRoleUser");
  x.element("AssumedRoleId", *role.id + ":" + name);
  x.element("Arn",
            domain::sts_arn(call.unsealed->aws_account, "assumed-role", *role.name + "/" + name));
  x.close("AssumedRoleUser");
}

}  // namespace coffer::dialects::aws
