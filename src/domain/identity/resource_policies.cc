#include "domain/identity/resource_policies.h"

#include <utility>

namespace coffer::domain {

Result<policy::PolicyPtr> ResourcePolicies::compiled(std::string_view resource,
                                                     std::uint64_t revision,
                                                     std::string_view text) {
  const KeyView key(resource, revision, text);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = compiled_.find(key); found != compiled_.end()) return found->second;
  }
  COFFER_TRY(policy::PolicyPtr made,
             policy::compile_iam_policy("resource policy of " + std::string(resource),
                                        revision,
                                        policy::IamKind::resource,
                                        text));
  const std::size_t octets = resource.size() + text.size();
  const std::scoped_lock lock(mutex_);
  if (compiled_.size() >= kMost || octets_ + octets > kMostOctets) {
    compiled_.clear();
    octets_ = 0;
  }
  const auto [place, added] = compiled_.emplace(Key(key), std::move(made));
  if (added) octets_ += octets;
  return place->second;
}

}  // namespace coffer::domain
