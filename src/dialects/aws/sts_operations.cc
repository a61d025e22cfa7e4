// STS: who the caller is, and temporary credentials for roles, users and federated users.

#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/families.h"
#include "dialects/aws/oidc_keys.h"
#include "dialects/aws/params.h"
#include "dialects/aws/sts_families.h"
#include "dialects/aws/sts_session.h"
#include "dialects/aws/sts_shapes.h"
#include "domain/auth/aws_caller.h"
#include "domain/identity/aws_names.h"

namespace coffer::dialects::aws {
namespace {

using domain::AwsSession;
using domain::AwsSessionKind;
using gate::Call;
using gate::Reply;
using policy::Access;

// A token of another dialect is called by its display name.
struct Identity {
  std::string arn;
  std::string userid;
};

Identity identity_of(const Call& call) {
  const domain::Principal& principal = *call.principal;
  const std::string& account = call.unsealed->aws_account;
  if (const auto& iam = principal.facts.iam) return {iam->arn, iam->userid};
  if (principal.root) return {"arn:aws:iam::" + account + ":root", account};
  const std::string name = principal.display_name.empty() ? "token" : principal.display_name;
  return {domain::sts_arn(account, "federated-user", name), account + ":" + name};
}

Result<Reply> get_caller_identity(Call& call) {
  const Identity caller = identity_of(call);
  return xml_answer(call, Service::sts, "GetCallerIdentity", [&](formats::XmlWriter& x) {
    x.element("Arn", caller.arn);
    x.element("UserId", caller.userid);
    x.element("Account", call.unsealed->aws_account);
  });
}

Result<std::vector<Access>> may_ask_for_key(Call& /*call*/) {
  return std::vector{access(
      "sts.read", "sts:GetAccessKeyInfo", "*", "aws/sts/access-key", policy::Capability::read)};
}

// Temporary keys are no rows: whatever is called like one may be ours.
Result<Reply> get_access_key_info(Call& call) {
  COFFER_TRY(const std::string id, text_or_empty(call.body, "AccessKeyId"));
  COFFER_TRY(const auto key, call.view->find<domain::AwsAccessKeyRow>(id));
  if (!key && !id.starts_with("ASIA")) {
    return aws::fail(
        Code::not_found, "ValidationException", "The access key does not belong to this account");
  }
  return xml_answer(call, Service::sts, "GetAccessKeyInfo", [&](formats::XmlWriter& x) {
    x.element("Account", call.unsealed->aws_account);
  });
}

// Of a user with a long-lived access key. MFA is not there: a code is refused, not ignored.
Result<const domain::AwsCaller*> long_lived_caller(Call& call, std::string_view operation) {
  COFFER_TRY(const auto code, secret_text(call.body, "TokenCode"));
  if (code) {
    return access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
  }
  const domain::AwsCaller* const caller = call.principal->aws.get();
  if (caller == nullptr || caller->session) {
    return access_denied("Cannot call " + std::string(operation) + " with session credentials");
  }
  return caller;
}

AwsSession session_of_user(const Call& call,
                           const domain::AwsCaller& caller,
                           AwsSessionKind kind,
                           Duration duration) {
  AwsSession session;
  session.kind = kind;
  session.principal = caller.name;
  session.principal_id = caller.id;
  session.issued = call.now;
  session.expires = call.now + duration;
  session.parents = caller.lineage;
  return session;
}

constexpr Duration kTwelveHours = std::chrono::hours(12);

Result<Reply> get_session_token(Call& call) {
  COFFER_TRY(const domain::AwsCaller* caller, long_lived_caller(call, "GetSessionToken"));
  COFFER_TRY(const Duration duration, asked_duration(call.body, kTwelveHours));
  COFFER_TRY(const auto issued,
             issue(call, session_of_user(call, *caller, AwsSessionKind::user, duration)));
  return xml_answer(call, Service::sts, "GetSessionToken", [&](formats::XmlWriter& x) {
    write_credentials(x, issued);
  });
}

Result<std::vector<Access>> may_federate(Call& call) {
  COFFER_TRY(const std::string name, text_or_empty(call.body, "Name"));
  Access asked = access("sts.federate",
                        "sts:GetFederationToken",
                        domain::sts_arn(call.unsealed->aws_account, "federated-user", name),
                        "aws/federated-users/" + name,
                        policy::Capability::none);
  std::vector<Access> out{asked};
  if (!items(call.body, "Tags").empty()) {
    asked.iam->action = "sts:TagSession";
    out.push_back(std::move(asked));
  }
  return out;
}

Result<Reply> get_federation_token(Call& call) {
  COFFER_TRY(const domain::AwsCaller* caller, long_lived_caller(call, "GetFederationToken"));
  COFFER_TRY(const Duration duration, asked_duration(call.body, kTwelveHours));
  AwsSession session = session_of_user(call, *caller, AwsSessionKind::federated, duration);
  COFFER_TRY(session.name, text_or_empty(call.body, "Name"));
  COFFER_TRY(const SessionTags tags, session_tags(call.body));
  for (const auto& [key, value] : tags) session.tags[key] = value;
  COFFER_CHECK(add_session_policies(call, session));
  const std::string name = session.name;
  COFFER_TRY(const auto issued, issue(call, std::move(session)));
  const std::string& account = call.unsealed->aws_account;
  return xml_answer(call, Service::sts, "GetFederationToken", [&](formats::XmlWriter& x) {
    write_credentials(x, issued);
    x.open("FederatedUser");
    x.element("FederatedUserId", account + ":" + name);
    x.element("Arn", domain::sts_arn(account, "federated-user", name));
    x.close("FederatedUser");
    x.element("PackedPolicySize", std::to_string(issued.packed_percent));
  });
}

}  // namespace

OperationTable sts_operations(const Services& services) {
  using proof::EventType;
  OperationTable table;
  table.push_back(authenticated(Service::sts,
                                "GetCallerIdentity",
                                kNoInput,
                                EventType::sts_read,
                                "everybody may know who they are",
                                get_caller_identity));
  table.push_back(guarded(Service::sts,
                          "GetAccessKeyInfo",
                          kGetAccessKeyInfo,
                          EventType::sts_read,
                          may_ask_for_key,
                          get_access_key_info));
  table.push_back(authenticated(Service::sts,
                                "GetSessionToken",
                                kGetSessionToken,
                                EventType::sts_session_issued,
                                "a session may do what its user may",
                                get_session_token));
  table.push_back(guarded(Service::sts,
                          "GetFederationToken",
                          kGetFederationToken,
                          EventType::sts_session_issued,
                          may_federate,
                          get_federation_token));
  table.push_back(assume_role_operation());
  table.push_back(web_identity_operation(services));
  return table;
}

}  // namespace coffer::dialects::aws
