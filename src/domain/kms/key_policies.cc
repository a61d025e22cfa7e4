#include "domain/kms/key_policies.h"

#include "domain/kms/key_id.h"

namespace coffer::domain {

Result<policy::PolicyPtr> compile_key_policy(std::string_view key_id,
                                             std::uint64_t revision,
                                             std::string_view text) {
  return policy::compile_iam_policy(
      "key policy of " + std::string(key_id), revision, policy::IamKind::key, text);
}

std::optional<policy::PolicyPtr> KeyPolicies::of(const MasterKeyRow& key) {
  if (key.policy->empty()) return std::nullopt;
  std::pair at(*key.uid, *key.policy_revision);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = compiled_.find(at); found != compiled_.end()) return found->second;
  }
  auto made = compile_key_policy(key_id(key), *key.policy_revision, *key.policy);
  if (!made) return policy::PolicyPtr();
  const std::scoped_lock lock(mutex_);
  if (compiled_.size() >= kMost) compiled_.clear();
  compiled_.insert_or_assign(std::move(at), *made);
  return *std::move(made);
}

}  // namespace coffer::domain
