// The keys that AWS's services keep for themselves: "alias/aws/secretsmanager", "alias/aws/ssm".
//
// One in each region, made when the service first needs it. It has the default policy, cannot be
// disabled, deleted or given another policy, and no alias below "alias/aws/" is made by hand.
#pragma once

#include "dialects/aws/kms_parts.h"

#include <string_view>

namespace coffer::dialects::aws {

// `service`: "secretsmanager", "ssm". For handlers: it is made in the unit when it is not there.
Result<KmsKey> managed_key(Kms& kms, std::string_view service);

}  // namespace coffer::dialects::aws
