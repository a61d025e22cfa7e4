// KeyPolicies: the policies of keys, compiled, by the key's uid and the policy's revision. Bounded;
// when it is full, all are forgotten. Thread-safe.
#pragma once

#include "domain/kms/key_rows.h"
#include "policy/evaluator.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace coffer::domain {

inline constexpr std::size_t kMaxKeyPolicy = 32'768;

class KeyPolicies {
 public:
  static constexpr std::size_t kMost = 4096;

  // What IamAccess::consent_policy is to be: nullopt for the default policy, null for one that
  // cannot be read, which denies.
  [[nodiscard]] std::optional<policy::PolicyPtr> of(const MasterKeyRow& key);

 private:
  std::mutex mutex_;
  std::map<std::pair<Bytes, std::uint64_t>, policy::PolicyPtr> compiled_;
};

// A policy as somebody hands it in. Errors: those of compile_iam_policy().
Result<policy::PolicyPtr> compile_key_policy(std::string_view key_id,
                                             std::uint64_t revision,
                                             std::string_view text);

}  // namespace coffer::domain
