// The families of operations, each in files of its own, and what they are made with.
#pragma once

#include "dialects/aws/operation.h"
#include "gate/rotation_functions.h"

#include <string>

namespace coffer::dialects::aws {

// What operations need besides their call.
struct Services {
  std::string account = "000000000000";  // the realm's account number: twelve digits
  // What may be asked to rotate a secret; outlives the dialect. Null: nothing.
  const gate::RotationFunctions* rotations = nullptr;
  // Certificates that issuers of web identities are verified with, PEM; empty: the system's.
  std::string oidc_ca_file = {};
};

OperationTable kms_operations(const Services& services);
OperationTable secrets_operations(const Services& services);
OperationTable ssm_operations(const Services& services);
OperationTable sts_operations(const Services& services);
OperationTable iam_operations(const Services& services);
OperationTable oidc_operations();  // IAM's on identity providers

}  // namespace coffer::dialects::aws
