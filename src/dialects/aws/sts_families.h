// The operations of STS that have files of their own.
#pragma once

#include "dialects/aws/families.h"

namespace coffer::dialects::aws {

AwsOperation assume_role_operation();
AwsOperation web_identity_operation(const Services& services);

}  // namespace coffer::dialects::aws
