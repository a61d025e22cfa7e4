#include "policy/compiled.h"
#include "policy/name.h"
#include "policy/vault_compile.h"

namespace coffer::policy {

Result<PolicyPtr> compile_policy(std::string name,
                                 std::uint64_t revision,
                                 Language language,
                                 std::string_view text) {
  if (is_reserved(name)) return fail(Code::invalid_argument, "policy name is reserved");
  switch (language) {
    case Language::vault: {
      COFFER_TRY(VaultPolicy body, compile_vault(text));
      return std::make_shared<const CompiledPolicy>(std::move(name), revision, std::move(body));
    }
    case Language::document: {
      COFFER_TRY(PathDocument body, PathDocument::compile(text));
      return std::make_shared<const CompiledPolicy>(std::move(name), revision, std::move(body));
    }
    case Language::iam:
      return compile_iam_policy(std::move(name), revision, IamKind::managed, text);
  }
  return fail(Code::invalid_argument, "unknown policy language");
}

Result<PolicyPtr> compile_iam_policy(std::string name,
                                     std::uint64_t revision,
                                     IamKind kind,
                                     std::string_view text) {
  if (is_reserved(name)) return fail(Code::invalid_argument, "policy name is reserved");
  COFFER_TRY(IamPolicy body, IamPolicy::compile(kind, text));
  return std::make_shared<const CompiledPolicy>(std::move(name), revision, std::move(body));
}

PolicyPtr root_policy() {
  return std::make_shared<const CompiledPolicy>("root", 0, RootGrant{});
}

std::string_view policy_name(const CompiledPolicy& policy) {
  return policy.name();
}

std::uint64_t policy_revision(const CompiledPolicy& policy) {
  return policy.revision();
}

}  // namespace coffer::policy
