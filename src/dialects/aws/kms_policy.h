// Policies, tags and material of KMS keys, as several operations take them.
#pragma once

#include "dialects/aws/kms_parts.h"

#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

// The default policy, which leaves everything to the account.
std::string default_key_policy(const Kms& kms);
// MalformedPolicyDocumentException, LimitExceededException. Without `bypass` the policy must leave
// kms:PutKeyPolicy to the caller or to the account.
Result<> check_key_policy(const Kms& kms,
                          std::string_view key_id,
                          std::string_view text,
                          bool bypass);

// "Tags" of a body. TagException for keys that are doubled or reserved.
Result<std::vector<domain::KeyTag>> tags_of(const formats::JsonView& body);
Result<> check_tag_count(const std::vector<domain::KeyTag>& tags);

// Material for a new version; RSA is made on a worker.
Result<domain::KeyMaterial> new_key_material(gate::Call& call,
                                             domain::KeyType type,
                                             std::size_t size);

}  // namespace coffer::dialects::aws
