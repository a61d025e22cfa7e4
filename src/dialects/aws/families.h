// The families of operations, each in files of its own, and what they are made with.
#pragma once

#include "dialects/aws/operation.h"

#include <string>

namespace coffer::dialects::aws {

// What operations need besides their call.
struct Services {
  std::string account = "000000000000";  // the realm's account number: twelve digits
};

OperationTable kms_operations(const Services& services);
OperationTable secrets_operations(const Services& services);
OperationTable ssm_operations(const Services& services);
OperationTable sts_operations(const Services& services);
OperationTable iam_operations(const Services& services);

}  // namespace coffer::dialects::aws
