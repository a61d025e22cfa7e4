// Secure strings: what Parameter Store does with master keys.
//
// The stored text of a secure string is the base64 of a ciphertext blob (domain/kms/
// ciphertext_blob.h) under the parameter's key, with the encryption context PARAMETER_ARN, so that
// KMS's Decrypt opens it too. A value of more than 4096 octets is sealed under a data key of its
// own, whose blob stands before it: "E." base64(blob) "." base64(value_cipher.h).
//
// alias/aws/ssm is a key of the service's own (kms_managed.h). Whoever may use the parameter may
// use it, as with AWS: it asks for no permission of its own. Any other key does. What is stored is
// under the key that its blob names, and that one is asked for and opens it, whatever the name in
// `key_id` means by now or in another region. Errors are InvalidKeyId for a key that is not there
// or may not be used now.
#pragma once

#include "dialects/aws/ssm_parts.h"
#include "domain/kms/master_keys.h"

namespace coffer::dialects::aws {

// What sealing under the key asks for; nullopt for the service's own key.
Result<std::optional<policy::Access>> sealing_access(const Ssm& ssm,
                                                     std::string_view key_id,
                                                     std::string_view parameter_arn);
// The key that `stored` is under, never null. `key_id` is for errors.
Result<domain::KeyPtr> key_of_secure_string(const Ssm& ssm,
                                            std::string_view key_id,
                                            std::string_view stored);
// What opening under that key asks for; nullopt for the service's own key.
Result<std::optional<policy::Access>> opening_access(const Ssm& ssm,
                                                     const domain::KeyPtr& key,
                                                     std::string_view parameter_arn);

Result<std::string> seal_secure_string(const Ssm& ssm,
                                       std::string_view key_id,
                                       std::string_view parameter_arn,
                                       std::string_view value);
Result<secure::SecureText> open_secure_string(const Ssm& ssm,
                                              std::string_view key_id,
                                              std::string_view parameter_arn,
                                              std::string_view stored);

}  // namespace coffer::dialects::aws
