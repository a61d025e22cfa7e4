// /aws/reference/secretsmanager/NAME[:stage or version id]: a secret of Secrets Manager, read as if
// it were a parameter. Only with decryption; who may read the secret may read it here.
#pragma once

#include "dialects/aws/ssm_parts.h"
#include "domain/secrets/managed_secrets.h"

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

// What a reference names, as the resolver found it.
struct FoundReference {
  std::string text;  // as the request has it
  std::string name;
  std::string selector;
  domain::SecretPtr secret;              // null: there is none
  Result<domain::VersionState> version;  // an error is for those who may ask
};

// Adds what reading it needs.
Result<FoundReference> find_reference(Ssm& ssm,
                                      std::string_view text,
                                      std::vector<policy::Access>& all);
// ParameterNotFound when there is no such secret, or no such version of it.
Result<SecretByReference> read_reference(Ssm& ssm, const FoundReference& found, bool decrypt);
void write_reference(formats::JsonWriter& w, const SecretByReference& secret);

}  // namespace coffer::dialects::aws
