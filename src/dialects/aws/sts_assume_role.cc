// AssumeRole: the role's trust policy consents, and what the session takes along.

#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "dialects/aws/sts_families.h"
#include "dialects/aws/sts_session.h"
#include "dialects/aws/sts_shapes.h"
#include "domain/auth/aws_caller.h"
#include "domain/identity/aws_names.h"

#include <algorithm>
#include <set>

namespace coffer::dialects::aws {
namespace {

using domain::AwsCaller;
using domain::AwsSession;
using domain::AwsSessionKind;
using gate::Call;
using gate::Reply;
using policy::Access;

constexpr Duration kChained = std::chrono::hours(1);

std::unexpected<Error> bad_parameter(std::string message) {
  return aws::fail(Code::invalid_argument, "InvalidParameterValue", std::move(message));
}

std::unexpected<Error> bad_duration(std::string message) {
  return aws::fail(Code::invalid_argument, "ValidationException", std::move(message));
}

std::set<std::string> folded(const std::vector<std::string>& names) {
  std::set<std::string> out;
  for (const std::string& name : names) out.insert(domain::aws_name_key(name));
  return out;
}

// Tags of the new session: those asked for, and those that the caller's session hands on.
Result<> add_tags(const Call& call, const AwsCaller& caller, AwsSession& session) {
  COFFER_TRY(const SessionTags tags, session_tags(call.body));
  COFFER_TRY(session.transitive_tags, texts(call.body, "TransitiveTagKeys"));
  const std::set<std::string> inherited = folded(caller.transitive_tags);
  std::set<std::string> asked;
  for (const auto& [key, value] : tags) {
    if (inherited.contains(domain::aws_name_key(key))) {
      return bad_parameter(
          "One of the specified transitive tag keys can't be set because it conflicts with a "
          "transitive tag key from the calling session.");
    }
    asked.insert(domain::aws_name_key(key));
    session.tags[key] = value;
  }
  for (const std::string& key : folded(session.transitive_tags)) {
    if (asked.contains(key)) continue;
    return bad_parameter(
        "The specified transitive tag key must be included in the requested tags.");
  }
  for (const auto& [key, value] : caller.session_tags) {
    if (!inherited.contains(domain::aws_name_key(key))) continue;
    session.tags[key] = value;
    session.transitive_tags.push_back(key);
  }
  return {};
}

Result<std::vector<Access>> may_assume(Call& call) {
  if (!call.principal->aws) return access_denied("Roles are assumed by principals of IAM only");
  // What its session's policies allow is all that a federated user may: a role would be more.
  if (call.principal->aws->session == AwsSessionKind::federated) {
    return access_denied("Cannot call AssumeRole with the credentials of GetFederationToken");
  }
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "RoleArn"));
  COFFER_TRY(Access asked, access_to_role(call, "sts:AssumeRole", arn));
  COFFER_TRY(auto transitive, texts(call.body, "TransitiveTagKeys"));
  asked.iam->context.set("sts:TransitiveTagKeys", std::move(transitive));
  std::vector<Access> out{asked};
  if (!items(call.body, "Tags").empty()) {
    asked.iam->action = "sts:TagSession";
    out.push_back(asked);
  }
  if (call.body.find_value("SourceIdentity")) {
    asked.iam->action = "sts:SetSourceIdentity";
    out.push_back(std::move(asked));
  }
  return out;
}

Result<Duration> duration_of(const Call& call,
                             const AwsCaller& caller,
                             const domain::AwsRoleRow& role) {
  COFFER_TRY(const Duration duration, asked_duration(call.body, std::chrono::hours(1)));
  if (duration > *role.max_session) {
    return bad_duration(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  if (caller.session == AwsSessionKind::role && duration > kChained) {
    return bad_duration(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining.");
  }
  return duration;
}

Result<std::string> source_identity(const Call& call) {
  COFFER_TRY(std::string asked, text_or_empty(call.body, "SourceIdentity"));
  const std::string& had = call.facts->iam->source_identity;
  if (had.empty() || asked.empty() || asked == had) return asked.empty() ? had : asked;
  return access_denied("The source identity of the calling session cannot be changed");
}

Result<Reply> assume_role(Call& call) {
  if (call.body.find_value("TokenCode")) {
    return access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
  }
  const AwsCaller& caller = *call.principal->aws;
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "RoleArn"));
  COFFER_TRY(const domain::AwsRolePtr role, role_named(call, arn));
  if (!role) return access_denied("the role does not exist");  // it was there when decided
  call.note("role", *role->row.name);
  AwsSession session;
  session.kind = AwsSessionKind::role;
  session.principal = *role->row.name;
  session.principal_id = *role->row.id;
  COFFER_TRY(session.name, text_or_empty(call.body, "RoleSessionName"));
  COFFER_TRY(const Duration duration, duration_of(call, caller, role->row));
  session.issued = call.now;
  session.expires = call.now + duration;
  COFFER_TRY(session.source_identity, source_identity(call));
  COFFER_CHECK(add_tags(call, caller, session));
  COFFER_CHECK(add_session_policies(call, session));
  session.parents = caller.lineage;
  const std::string name = session.name;
  const std::string source = session.source_identity;
  COFFER_TRY(const auto issued, issue(call, std::move(session)));
  return xml_answer(call, Service::sts, "AssumeRole", [&](formats::XmlWriter& x) {
    write_assumed_role(x, call, role->row, name);
    write_credentials(x, issued);
    x.element("PackedPolicySize", std::to_string(issued.packed_percent));
    if (!source.empty()) x.element("SourceIdentity", source);
  });
}

}  // namespace

AwsOperation assume_role_operation() {
  return guarded(Service::sts,
                 "AssumeRole",
                 kAssumeRole,
                 proof::EventType::sts_role_assumed,
                 may_assume,
                 assume_role);
}

}  // namespace coffer::dialects::aws
