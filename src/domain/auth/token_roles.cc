#include "domain/auth/token_roles.h"

#include "domain/auth/whole_list.h"
#include "domain/identity/names.h"
#include "formats/dotted_path.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxRoles = 4096;

bool any_glob(const std::vector<std::string>& globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](const auto& glob) { return glob_matches(glob, name); });
}

bool allowed(const TokenRoleRow& role, std::string_view name) {
  if (name == kRootPolicy) return false;
  if (has_policy(*role.disallowed_policies, name)) return false;
  if (any_glob(*role.disallowed_policies_glob, name)) return false;
  if (role.allowed_policies->empty() && role.allowed_policies_glob->empty()) return true;
  return has_policy(*role.allowed_policies, name) || any_glob(*role.allowed_policies_glob, name);
}

}  // namespace

Result<rows::RowPtr<TokenRoleRow>> TokenRoles::read(std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return rows::RowPtr<TokenRoleRow>();
  return view_.find<TokenRoleRow>(*canonical);
}

Result<> TokenRoles::write(TokenRoleRow row) {
  COFFER_TRY(*row.name, canonical_role_name(*row.name));
  COFFER_TRY(*row.allowed_policies, grantable_policy_names(*row.allowed_policies));
  COFFER_TRY(*row.disallowed_policies, canonical_policy_names(*row.disallowed_policies));
  COFFER_TRY(*row.allowed_policies_glob, canonical_policy_names(*row.allowed_policies_glob));
  COFFER_TRY(*row.disallowed_policies_glob, canonical_policy_names(*row.disallowed_policies_glob));
  row.token->policies.clear();
  COFFER_CHECK(normalise(*row.token));
  for (std::string& alias : *row.allowed_entity_aliases) {
    COFFER_TRY(alias, canonical_login_name(alias));
  }
  if (!row.path_suffix->empty() &&
      (row.path_suffix->size() > kMaxName || !formats::parse_slashed(*row.path_suffix))) {
    return fail(Code::invalid_argument, "malformed path_suffix");
  }
  return view_.put(std::move(row));
}

Result<> TokenRoles::remove(std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return {};
  return view_.erase<TokenRoleRow>(to_bytes(*canonical));
}

Result<std::vector<std::string>> TokenRoles::list() {
  COFFER_TRY(const auto keys,
             whole_list(view_.keys<TokenRoleRow>({}, {}, kMaxRoles + 1), kMaxRoles));
  std::vector<std::string> names;
  for (const Bytes& key : keys) names.emplace_back(as_text(key));
  return names;
}

bool decides_policies(const TokenRoleRow& role) {
  return !role.allowed_policies->empty() || !role.allowed_policies_glob->empty() ||
         !role.disallowed_policies->empty() || !role.disallowed_policies_glob->empty();
}

Result<std::vector<std::string>> role_policies(const TokenRoleRow& role,
                                               const std::vector<std::string>& asked,
                                               const std::vector<std::string>& inherited) {
  std::vector<std::string> wanted = asked;
  if (wanted.empty()) {
    wanted = role.allowed_policies->empty() ? inherited : *role.allowed_policies;
    // What the role does not allow is simply not inherited.
    std::erase_if(wanted, [&](const std::string& name) { return !allowed(role, name); });
  }
  for (const std::string& name : wanted) {
    if (name != kDefaultPolicy && !allowed(role, name)) {
      return fail(Code::invalid_argument, "token policies are not allowed by the role");
    }
  }
  const bool add_default = !role.token->no_default_policy &&
                           !has_policy(*role.disallowed_policies, kDefaultPolicy) &&
                           !any_glob(*role.disallowed_policies_glob, kDefaultPolicy);
  std::erase(wanted, std::string(kDefaultPolicy));
  if (add_default || (has_policy(asked, kDefaultPolicy) && allowed(role, kDefaultPolicy))) {
    wanted.emplace_back(kDefaultPolicy);
  }
  return canonical_policy_names(wanted);
}

bool glob_matches(std::string_view glob, std::string_view text) {
  const bool front = glob.starts_with('*');
  if (front) glob.remove_prefix(1);
  if (glob.empty()) return front || text.empty();
  const bool back = glob.ends_with('*');
  if (back) glob.remove_suffix(1);
  if (front && back) return text.contains(glob);
  if (front) return text.ends_with(glob);
  if (back) return text.starts_with(glob);
  return text == glob;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::TokenRoleRow>;
