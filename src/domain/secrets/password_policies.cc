#include "domain/secrets/password_policies.h"

#include "domain/identity/names.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxListed = 10'000;

bool is_name(std::string_view name) {
  return canonical_role_name(name).has_value();
}

}  // namespace

Result<rows::RowPtr<PasswordPolicyRow>> PasswordPolicies::read(std::string_view name) {
  if (!is_name(name)) return rows::RowPtr<PasswordPolicyRow>();
  return view_.find<PasswordPolicyRow>(name);
}

Result<> PasswordPolicies::write(std::string_view name, std::string_view text) {
  if (!is_name(name)) return fail(Code::invalid_argument, "malformed name");
  COFFER_TRY(const PasswordPolicy policy, PasswordPolicy::parse(text));
  COFFER_CHECK(policy.check(view_.random()));
  PasswordPolicyRow row;
  row.name = std::string(name);
  row.text = std::string(text);
  return view_.put(std::move(row));
}

Result<> PasswordPolicies::remove(std::string_view name) {
  if (!is_name(name)) return {};
  return view_.erase<PasswordPolicyRow>(to_bytes(name));
}

Result<std::vector<std::string>> PasswordPolicies::list() {
  COFFER_TRY(const auto keys, view_.keys<PasswordPolicyRow>({}, {}, kMaxListed));
  std::vector<std::string> names;
  for (const Bytes& key : keys) names.emplace_back(as_text(key));
  return names;
}

Result<secure::SecureText> PasswordPolicies::generate(std::string_view name) {
  COFFER_TRY(const auto found, read(name));
  if (!found) return fail(Code::not_found, "");
  COFFER_TRY(const PasswordPolicy policy, PasswordPolicy::parse(*found->row.text));
  return policy.generate(view_.random());
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::PasswordPolicyRow>;
