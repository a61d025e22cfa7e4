#include "domain/auth/aws_principal.h"

#include "domain/auth/aws_caller.h"
#include "domain/identity/aws_names.h"
#include "domain/identity/aws_policies.h"

namespace coffer::domain {
namespace {

std::unexpected<Error> not_recognised() {
  return aws_error(Code::unauthenticated,
                   "The security token included in the request is invalid.",
                   "UnrecognizedClientException");
}

using Iam = policy::IamPrincipal;

Iam iam_of_user(const AwsUserRow& user, std::string_view account) {
  Iam iam;
  iam.type = Iam::Type::user;
  iam.account = account;
  iam.arn = iam_arn(account, "user", *user.path, *user.name);
  iam.userid = *user.id;
  iam.username = *user.name;
  iam.tags = user.grants->tags;
  return iam;
}

// Gives the session its principal: `type` as the audit log calls it.
void describe(Session& session, std::string_view type, AwsCaller caller, Iam iam) {
  Principal& principal = session.principal;
  principal.type = type;
  principal.accessor = caller.access_key_id;
  principal.display_name = iam.arn;
  principal.lasting = true;
  principal.facts.iam = std::move(iam);
  principal.aws = std::make_shared<const AwsCaller>(std::move(caller));
}

Result<AwsUserPtr> user_of(work::View& view, std::string_view name, std::string_view id) {
  COFFER_TRY(AwsUserPtr user, view.find<AwsUserRow>(aws_name_key(name)));
  if (!user || *user->row.id != id) return AwsUserPtr();
  return user;
}

Result<AwsRolePtr> role_of(work::View& view, std::string_view name, std::string_view id) {
  COFFER_TRY(AwsRolePtr role, view.find<AwsRoleRow>(aws_name_key(name)));
  if (!role || *role->row.id != id) return AwsRolePtr();
  return role;
}

AwsCaller caller_of(const AwsSession& from) {
  AwsCaller caller;
  caller.access_key_id = from.access_key_id;
  caller.name = from.principal;
  caller.id = from.principal_id;
  caller.session = from.kind;
  caller.session_name = from.name;
  caller.session_tags = from.tags;
  caller.transitive_tags = from.transitive_tags;
  caller.lineage = from.parents;
  return caller;
}

void add_session_facts(Iam& iam, const AwsSession& from) {
  for (const auto& [key, value] : from.tags) {
    std::erase_if(iam.tags,
                  [&](const auto& old) { return aws_name_key(old.first) == aws_name_key(key); });
    iam.tags[key] = value;
  }
  iam.token_issued = from.issued;
  iam.source_identity = from.source_identity;
  iam.mfa = false;
}

Result<> add_limits(work::View& view,
                    PolicyCache& cache,
                    const AwsSession& from,
                    Session& session) {
  for (const std::string& arn : from.policy_arns) {
    COFFER_TRY(session.session_policies.emplace_back(), load_managed_policy(view, cache, arn));
  }
  if (!from.policy.empty()) {
    COFFER_TRY(
        session.session_policies.emplace_back(),
        policy::compile_iam_policy("session policy", 0, policy::IamKind::session, from.policy));
  }
  // A federated user may do nothing that was not given to it.
  if (from.kind == AwsSessionKind::federated && session.session_policies.empty()) {
    session.session_policies.emplace_back();
  }
  return {};
}

Result<> begin_as_role(work::View& view,
                       PolicyCache& cache,
                       const AwsSession& from,
                       std::string_view account,
                       Session& session) {
  COFFER_TRY(const AwsRolePtr role, role_of(view, from.principal, from.principal_id));
  if (!role) return not_recognised();
  const AwsRoleRow& row = role->row;
  Iam iam;
  iam.type = Iam::Type::assumed_role;
  iam.account = account;
  iam.arn = sts_arn(account, "assumed-role", *row.name + "/" + from.name);
  iam.role_arn = iam_arn(account, "role", *row.path, *row.name);
  iam.userid = *row.id + ":" + from.name;
  iam.tags = row.grants->tags;
  add_session_facts(iam, from);
  AwsCaller caller = caller_of(from);
  caller.lineage.push_back({AwsParent::Kind::role, *row.name, *row.id});
  describe(session, "iam_role_session", std::move(caller), std::move(iam));
  COFFER_TRY(session.policies,
             load_aws_policies(view, cache, *row.grants, *row.id, "role/" + *row.name));
  return {};
}

Result<> begin_as_user(work::View& view,
                       PolicyCache& cache,
                       const AwsSession& from,
                       std::string_view account,
                       Session& session) {
  COFFER_TRY(const AwsUserPtr user, user_of(view, from.principal, from.principal_id));
  if (!user) return not_recognised();
  const AwsUserRow& row = user->row;
  Iam iam = iam_of_user(row, account);
  const bool federated = from.kind == AwsSessionKind::federated;
  if (federated) {
    iam.type = Iam::Type::federated_user;
    iam.arn = sts_arn(account, "federated-user", from.name);
    iam.userid = std::string(account) + ":" + from.name;
    iam.username.clear();
    iam.tags.clear();
  }
  add_session_facts(iam, from);
  AwsCaller caller = caller_of(from);
  caller.lineage.push_back({AwsParent::Kind::user, *row.name, *row.id});
  describe(session,
           federated ? "iam_federated_user" : "iam_user_session",
           std::move(caller),
           std::move(iam));
  COFFER_TRY(session.policies,
             load_aws_policies(view, cache, *row.grants, *row.id, "user/" + *row.name));
  return {};
}

}  // namespace

Result<bool> parent_lives(work::View& view, const AwsParent& parent) {
  switch (parent.kind) {
    case AwsParent::Kind::user: {
      COFFER_TRY(const AwsUserPtr user, user_of(view, parent.name, parent.id));
      return user != nullptr;
    }
    case AwsParent::Kind::role: {
      COFFER_TRY(const AwsRolePtr role, role_of(view, parent.name, parent.id));
      return role != nullptr;
    }
    case AwsParent::Kind::access_key: {
      COFFER_TRY(const AwsAccessKeyPtr key, view.find<AwsAccessKeyRow>(parent.name));
      return key && *key->row.active;
    }
  }
  return false;
}

Result<Session> session_of_key(work::View& view,
                               PolicyCache& cache,
                               const AwsAccessKeyRow& key,
                               std::string_view account) {
  if (!*key.active) return not_recognised();
  COFFER_TRY(const AwsUserPtr user, user_of(view, *key.user, *key.user_id));
  if (!user) return not_recognised();
  AwsCaller caller;
  caller.access_key_id = *key.id;
  caller.name = *user->row.name;
  caller.id = *user->row.id;
  caller.lineage = {{AwsParent::Kind::access_key, *key.id, ""},
                    {AwsParent::Kind::user, caller.name, caller.id}};
  Session session;
  describe(session, "iam_user", std::move(caller), iam_of_user(user->row, account));
  COFFER_TRY(
      session.policies,
      load_aws_policies(view, cache, *user->row.grants, *user->row.id, "user/" + *user->row.name));
  return session;
}

Result<Session> session_of_token(work::View& view,
                                 PolicyCache& cache,
                                 const AwsSession& from,
                                 std::string_view account) {
  if (from.expires <= view.now()) {
    return aws_error(Code::unauthenticated,
                     "The security token included in the request is expired",
                     "ExpiredTokenException");
  }
  for (const AwsParent& parent : from.parents) {
    COFFER_TRY(const bool lives, parent_lives(view, parent));
    if (!lives) return not_recognised();
  }
  Session session;
  if (from.kind == AwsSessionKind::role) {
    COFFER_CHECK(begin_as_role(view, cache, from, account, session));
  } else {
    COFFER_CHECK(begin_as_user(view, cache, from, account, session));
  }
  COFFER_CHECK(add_limits(view, cache, from, session));
  session.principal.until = from.expires;
  return session;
}

}  // namespace coffer::domain
