// The keys that AWS's services keep for themselves: "alias/aws/secretsmanager", "alias/aws/ssm".
//
// One in each region, made when its service first needs it or somebody describes it. Its alias is
// listed before that, without a key, and its id is worked out of account, region and service. Its
// policy is that of AWS: used through the service alone, and shown to the account. Nobody disables,
// deletes or changes it, and the server rotates it each year.
//
// Secrets of Secrets Manager without a key of their own lie under the keyring: that service's key
// is there to be named and described, and wraps nothing.
#pragma once

#include "dialects/aws/kms_parts.h"

#include <span>
#include <string_view>

namespace coffer::dialects::aws {

struct ManagedKey {
  std::string_view service;
  std::string_view alias;
  std::string_view description;
};

// In the order of their aliases.
std::span<const ManagedKey> managed_keys();
// Null: no service's.
const ManagedKey* managed_by_alias(std::string_view alias);

// What it is going to be, without material: nothing is stored.
KmsKey key_to_be(const Kms& kms, const ManagedKey& managed);
// `service`: "secretsmanager", "ssm". For handlers: it is made in the unit when it is not there.
Result<KmsKey> managed_key(Kms& kms, std::string_view service);

}  // namespace coffer::dialects::aws
