#include "domain/auth/token_origin.h"

#include "domain/auth/approle.h"
#include "domain/auth/token_roles.h"
#include "domain/auth/userpass.h"

namespace coffer::domain {
namespace {

std::unexpected<Error> refused(std::string_view message) {
  return fail(Code::invalid_argument, std::string(message));
}

// Empty: the login noted none, and nothing is found by it.
std::string noted(const TokenRow& token, const std::string& name) {
  const auto entry = token.meta->find(name);
  return entry == token.meta->end() ? std::string() : entry->second;
}

Result<> check_user(work::View& view, const Mount& mount, const TokenRow& token) {
  COFFER_TRY(const auto user, Userpass(view, mount).read(noted(token, "username")));
  if (!user) return refused("user does not exist during renewal");
  COFFER_TRY(const auto policies, login_policies(*user->row.token));
  if (policies != *token.policies) return refused("policies have changed, not renewing");
  return {};
}

Result<> check_app_role(work::View& view, const Mount& mount, const TokenRow& token) {
  COFFER_TRY(const AppRolePtr role, AppRoles(view, mount).read(noted(token, "role_name")));
  if (!role) return refused("role does not exist during renewal");
  return {};
}

}  // namespace

Result<> check_token_role(work::View& view, const TokenRow& token) {
  if (token.role->empty()) return {};
  COFFER_TRY(const auto role, TokenRoles(view).read(*token.role));
  if (!role) return refused("original token role could not be found, not renewing");
  return {};
}

Result<> check_login(work::View& view, const Mount& mount, const TokenRow& token) {
  if (mount.engine == Engine::userpass) return check_user(view, mount, token);
  if (mount.engine == Engine::approle) return check_app_role(view, mount, token);
  return refused("lease is not renewable");
}

}  // namespace coffer::domain
