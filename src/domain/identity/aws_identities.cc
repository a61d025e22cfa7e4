#include "domain/identity/aws_identities.h"

#include "domain/identity/aws_managed.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// Keys of tags that differ by their case only are one key.
void drop_tag(AwsGrants& grants, std::string_view key) {
  std::erase_if(grants.tags,
                [&](const auto& old) { return aws_name_key(old.first) == aws_name_key(key); });
}

std::unexpected<Error> missing(std::string_view what, std::string_view name) {
  std::string message("The ");
  message.append(what).append(" with name ").append(name).append(" cannot be found.");
  return aws_error(Code::not_found, std::move(message), "NoSuchEntity");
}

std::unexpected<Error> limit_exceeded(std::string message) {
  return aws_error(Code::too_large, std::move(message), "LimitExceeded");
}

// All rows of a table of principals; `limit` is never reached by what was made here.
template <class R>
Result<std::vector<rows::RowPtr<R>>> rows_below(work::View& view, std::string_view path) {
  std::vector<rows::RowPtr<R>> found;
  COFFER_TRY(const std::vector<Bytes> keys, view.keys<R>({}, {}, kMaxAwsPrincipals));
  for (const Bytes& key : keys) {
    COFFER_TRY(rows::RowPtr<R> row, view.find<R>(key));
    if (row && row->row.path->starts_with(path)) found.push_back(std::move(row));
  }
  return found;
}

template <class R>
Result<> check_new(work::View& view, std::string_view what, std::string_view name) {
  COFFER_TRY(const auto present, view.find<R>(aws_name_key(name)));
  if (present) {
    std::string message(what);
    message.append(" with name ").append(name).append(" already exists.");
    return aws_error(Code::already_exists, std::move(message), "EntityAlreadyExists");
  }
  COFFER_TRY(const std::vector<Bytes> keys, view.keys<R>({}, {}, kMaxAwsPrincipals));
  if (keys.size() < kMaxAwsPrincipals) return {};
  return limit_exceeded("Cannot exceed quota of " + std::to_string(kMaxAwsPrincipals) + ".");
}

Result<> check_removable(const AwsGrants& grants) {
  const auto conflict = [](std::string message) {
    return aws_error(Code::precondition_failed, std::move(message), "DeleteConflict");
  };
  if (!grants.attached.empty()) {
    return conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!grants.embedded.empty())
    return conflict("Cannot delete entity, must delete policies first.");
  return {};
}

Result<> check_max_session(Duration time) {
  if (time >= std::chrono::hours(1) && time <= std::chrono::hours(12)) return {};
  return aws_error(Code::invalid_argument,
                   "The requested MaxSessionDuration must be between 3600 and 43200 seconds",
                   "ValidationError");
}

// A text that does not compile is not stored. What the compiler says names lines and keys only.
Result<> check_policy(policy::IamKind kind, std::string_view text) {
  const auto compiled = policy::compile_iam_policy("policy", 1, kind, text);
  if (compiled) return {};
  if (compiled.error().code == Code::too_large) return limit_exceeded(compiled.error().message);
  return aws_error(Code::invalid_argument, compiled.error().message, "MalformedPolicyDocument");
}

}  // namespace

std::string_view to_text(AwsOwner kind) {
  return kind == AwsOwner::user ? "user" : "role";
}

std::string AwsIdentities::arn_of(const AwsUserRow& user) const {
  return iam_arn(account_, "user", *user.path, *user.name);
}

std::string AwsIdentities::arn_of(const AwsRoleRow& role) const {
  return iam_arn(account_, "role", *role.path, *role.name);
}

Result<AwsUserPtr> AwsIdentities::user(std::string_view name) {
  COFFER_TRY(AwsUserPtr found, view_.find<AwsUserRow>(aws_name_key(name)));
  if (!found) return missing("user", name);
  return found;
}

Result<AwsRolePtr> AwsIdentities::role(std::string_view name) {
  COFFER_TRY(AwsRolePtr found, view_.find<AwsRoleRow>(aws_name_key(name)));
  if (!found) return missing("role", name);
  return found;
}

Result<std::vector<AwsUserPtr>> AwsIdentities::users(std::string_view path_prefix) {
  return rows_below<AwsUserRow>(view_, path_prefix);
}

Result<std::vector<AwsRolePtr>> AwsIdentities::roles(std::string_view path_prefix) {
  return rows_below<AwsRoleRow>(view_, path_prefix);
}

Result<AwsUserRow> AwsIdentities::create_user(const NewAwsUser& wanted) {
  COFFER_CHECK(check_aws_name(wanted.name, kMaxAwsName));
  COFFER_CHECK(check_aws_path(wanted.path));
  COFFER_CHECK(check_aws_tags(wanted.tags));
  COFFER_CHECK(check_new<AwsUserRow>(view_, "User", wanted.name));
  AwsUserRow row;
  row.name = wanted.name;
  row.path = wanted.path;
  row.id = new_aws_id("AIDA", view_.random());
  row.created = view_.now();
  row.grants->tags = wanted.tags;
  COFFER_CHECK(view_.put(row));
  return row;
}

Result<AwsRoleRow> AwsIdentities::create_role(const NewAwsRole& wanted) {
  constexpr std::size_t kMaxDescription = 1000;
  COFFER_CHECK(check_aws_name(wanted.name, kMaxAwsName));
  COFFER_CHECK(check_aws_path(wanted.path));
  COFFER_CHECK(check_aws_tags(wanted.tags));
  COFFER_CHECK(check_max_session(wanted.max_session));
  COFFER_CHECK(check_policy(policy::IamKind::trust, wanted.trust));
  if (wanted.description.size() > kMaxDescription) {
    return aws_error(Code::invalid_argument, "The description is too long", "ValidationError");
  }
  COFFER_CHECK(check_new<AwsRoleRow>(view_, "Role", wanted.name));
  AwsRoleRow row;
  row.name = wanted.name;
  row.path = wanted.path;
  row.id = new_aws_id("AROA", view_.random());
  row.created = view_.now();
  row.grants->tags = wanted.tags;
  row.trust = wanted.trust;
  row.trust_version = static_cast<std::uint64_t>(view_.now().ns);
  row.description = wanted.description;
  row.max_session = wanted.max_session;
  COFFER_CHECK(view_.put(row));
  return row;
}

Result<> AwsIdentities::remove_user(std::string_view name, bool with_all) {
  COFFER_TRY(const AwsUserPtr found, user(name));
  COFFER_TRY(const auto keys, keys_of(name));
  if (!with_all) {
    COFFER_CHECK(check_removable(*found->row.grants));
    if (!keys.empty()) {
      return aws_error(Code::precondition_failed,
                       "Cannot delete entity, must delete access keys first.",
                       "DeleteConflict");
    }
  }
  for (const AwsAccessKeyPtr& key : keys) COFFER_CHECK(remove_key(name, *key->row.id));
  return view_.erase<AwsUserRow>(found->row.key());
}

Result<> AwsIdentities::remove_role(std::string_view name, bool with_all) {
  COFFER_TRY(const AwsRolePtr found, role(name));
  if (!with_all) COFFER_CHECK(check_removable(*found->row.grants));
  return view_.erase<AwsRoleRow>(found->row.key());
}

Result<> AwsIdentities::set_trust(std::string_view name, std::string_view text) {
  COFFER_CHECK(check_policy(policy::IamKind::trust, text));
  COFFER_TRY(const AwsRolePtr found, role(name));
  AwsRoleRow row = found->row;
  row.trust = std::string(text);
  row.trust_version = std::max(*row.trust_version + 1, static_cast<std::uint64_t>(view_.now().ns));
  return view_.put(std::move(row));
}

Result<> AwsIdentities::change_role(std::string_view name, const RoleChange& change) {
  COFFER_TRY(const AwsRolePtr found, role(name));
  AwsRoleRow row = found->row;
  if (change.description) row.description = *change.description;
  if (change.max_session) {
    COFFER_CHECK(check_max_session(*change.max_session));
    row.max_session = *change.max_session;
  }
  return view_.put(std::move(row));
}

Result<AwsGrants> AwsIdentities::grants(AwsOwner kind, std::string_view name) {
  if (kind == AwsOwner::user) {
    COFFER_TRY(const AwsUserPtr found, user(name));
    return *found->row.grants;
  }
  COFFER_TRY(const AwsRolePtr found, role(name));
  return *found->row.grants;
}

Result<> AwsIdentities::change_grants(AwsOwner kind, std::string_view name, const Change& change) {
  if (kind == AwsOwner::user) {
    COFFER_TRY(const AwsUserPtr found, user(name));
    AwsUserRow row = found->row;
    COFFER_CHECK(change(*row.grants));
    return view_.put(std::move(row));
  }
  COFFER_TRY(const AwsRolePtr found, role(name));
  AwsRoleRow row = found->row;
  COFFER_CHECK(change(*row.grants));
  return view_.put(std::move(row));
}

Result<> AwsIdentities::attach(AwsOwner kind, std::string_view name, std::string_view arn) {
  COFFER_TRY(const policy::PolicyPtr there, load_managed_policy(view_, cache_, arn));
  const bool ours = arn.starts_with(iam_arn(account_, "policy", "/", ""));
  if (!there || (!ours && !arn.starts_with(kAwsManagedPrefix))) {
    std::string message("Policy ");
    message.append(arn).append(" does not exist or is not attachable.");
    return aws_error(Code::not_found, std::move(message), "NoSuchEntity");
  }
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    if (std::ranges::find(grants.attached, arn) != grants.attached.end()) return {};
    if (grants.attached.size() >= kMaxAwsPolicies) {
      return limit_exceeded("Cannot exceed quota for PoliciesPerEntity: " +
                            std::to_string(kMaxAwsPolicies));
    }
    grants.attached.emplace_back(arn);
    return {};
  });
}

Result<> AwsIdentities::detach(AwsOwner kind, std::string_view name, std::string_view arn) {
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    if (std::erase(grants.attached, arn) > 0) return {};
    std::string message("Policy ");
    message.append(arn).append(" was not found.");
    return aws_error(Code::not_found, std::move(message), "NoSuchEntity");
  });
}

Result<> AwsIdentities::embed(AwsOwner kind,
                              std::string_view name,
                              std::string_view policy,
                              std::string_view text) {
  COFFER_CHECK(check_aws_name(policy, 128));
  COFFER_CHECK(check_policy(policy::IamKind::embedded, text));
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    AwsEmbeddedPolicy& embedded = grants.embedded[std::string(policy)];
    embedded.text = text;
    embedded.version = std::max(embedded.version + 1, static_cast<std::uint64_t>(view_.now().ns));
    std::size_t octets = 0;
    for (const auto& [other, document] : grants.embedded) octets += document.text.size();
    if (grants.embedded.size() <= kMaxAwsPolicies && octets <= kMaxAwsEmbeddedOctets) return {};
    return limit_exceeded("Maximum policy size exceeded for " + std::string(to_text(kind)));
  });
}

Result<> AwsIdentities::remove_embedded(AwsOwner kind,
                                        std::string_view name,
                                        std::string_view policy) {
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    if (grants.embedded.erase(std::string(policy)) > 0) return {};
    return missing(std::string(to_text(kind)) + " policy", policy);
  });
}

Result<> AwsIdentities::tag(AwsOwner kind,
                            std::string_view name,
                            const std::map<std::string, std::string>& tags) {
  COFFER_CHECK(check_aws_tags(tags));
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    for (const auto& [key, value] : tags) {
      drop_tag(grants, key);
      grants.tags[key] = value;
    }
    return check_aws_tags(grants.tags);
  });
}

Result<> AwsIdentities::untag(AwsOwner kind,
                              std::string_view name,
                              const std::vector<std::string>& keys) {
  return change_grants(kind, name, [&](AwsGrants& grants) -> Result<> {
    for (const std::string& key : keys) drop_tag(grants, key);
    return {};
  });
}

}  // namespace coffer::domain
