// From the text of a Vault ACL policy (HCL or JSON) to its rules.
#pragma once

#include "base/result.h"
#include "policy/vault_policy.h"

#include <cstddef>
#include <string_view>

namespace coffer::policy {

inline constexpr std::size_t kMaxPolicyRules = 4096;

// Blocks of the same path in one policy become one rule. Unknown or ill-typed keys, unknown
// capabilities and patterns that could never match what they seem to say are errors.
Result<VaultPolicy> compile_vault(std::string_view text);

}  // namespace coffer::policy
