// Token roles: what auth/token/create/<role> may make. Names are canonical_role_name()s.
//
// A role decides the policies by lists and globs instead of the caller's own policies. Globs match
// with '*' at either end only. Disallowed wins over allowed.
#pragma once

#include "domain/auth/token_params.h"
#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct TokenRoleRow {
  static constexpr rows::TableSpec kTable = rows::tables::kTokenRoles;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::vector<std::string>> allowed_policies;
  rows::Clear<std::vector<std::string>> disallowed_policies;
  rows::Clear<std::vector<std::string>> allowed_policies_glob;
  rows::Clear<std::vector<std::string>> disallowed_policies_glob;
  rows::Clear<std::vector<std::string>> allowed_entity_aliases;
  rows::Clear<bool> orphan;
  rows::Clear<bool> renewable = true;
  rows::Clear<std::string> path_suffix;
  rows::Clear<TokenParams> token;  // its policies are not used
  static constexpr auto kMembers = std::tuple{&TokenRoleRow::name,
                                              &TokenRoleRow::allowed_policies,
                                              &TokenRoleRow::disallowed_policies,
                                              &TokenRoleRow::allowed_policies_glob,
                                              &TokenRoleRow::disallowed_policies_glob,
                                              &TokenRoleRow::allowed_entity_aliases,
                                              &TokenRoleRow::orphan,
                                              &TokenRoleRow::renewable,
                                              &TokenRoleRow::path_suffix,
                                              &TokenRoleRow::token};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

class TokenRoles {
 public:
  explicit TokenRoles(work::View& view) : view_(view) {}

  Result<rows::RowPtr<TokenRoleRow>> read(std::string_view name);  // null: none
  // Checks and canonicalises every member. "root" is refused in the allowed list; globs that match
  // it never grant it.
  Result<> write(TokenRoleRow row);
  Result<> remove(std::string_view name);  // absent: no error
  Result<std::vector<std::string>> list();

 private:
  work::View& view_;
};

// Whether the role has any list of policies. One that has none leaves the caller's own rules in
// force.
bool decides_policies(const TokenRoleRow& role);

// The policies for a token of a role that decides them. `asked` empty: the role's allowed list, or
// else `inherited`. invalid_argument for a policy that the role does not allow.
Result<std::vector<std::string>> role_policies(const TokenRoleRow& role,
                                               const std::vector<std::string>& asked,
                                               const std::vector<std::string>& inherited);

bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::TokenRoleRow>;
