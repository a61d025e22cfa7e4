// /aws/reference/secretsmanager/NAME[:stage or version id]: a secret of Secrets Manager, read as if
// it were a parameter. Only with decryption; who may read the secret may read it here.
#pragma once

#include "dialects/aws/ssm_parts.h"

namespace coffer::dialects::aws {

bool is_secret_reference(std::string_view name);

struct SecretByReference {
  std::string name;  // of the secret
  std::string arn;
  std::string selector;  // ":AWSPREVIOUS"; may be empty
  secure::SecureText value;
  std::string source;  // JSON: what Secrets Manager says of the secret
  Timestamp created;
};

Result<std::vector<policy::Access>> reference_accesses(Ssm& ssm, std::string_view name);
// ParameterNotFound when there is no such secret, or no such version of it.
Result<SecretByReference> read_reference(Ssm& ssm, std::string_view name, bool decrypt);
void write_reference(formats::JsonWriter& w, const SecretByReference& secret);

}  // namespace coffer::dialects::aws
