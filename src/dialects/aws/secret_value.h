// Values of secrets in requests and answers of Secrets Manager.
#pragma once

#include "dialects/aws/secret_parts.h"
#include "domain/secrets/managed_secrets.h"
#include "formats/json.h"
#include "gate/operation.h"
#include "secure/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::dialects::aws {

// What a request brings: SecretString or SecretBinary, or neither.
class GivenSecret {
 public:
  GivenSecret() = default;

  GivenSecret(secure::SecureText octets, bool binary)
      : octets_(std::move(octets)), binary_(binary), given_(true) {}

  [[nodiscard]] bool has_value() const { return given_; }

  // Borrows from this.
  [[nodiscard]] domain::GivenValue value() const {
    return {.value = octets_.text(), .binary = binary_};
  }

 private:
  secure::SecureText octets_;
  bool binary_ = false;
  bool given_ = false;
};

// invalid_argument when both are there, or one is too large.
Result<GivenSecret> given_secret(const formats::JsonView& body);
// ClientRequestToken, of 32 to 64 characters. Missing: an error if it is `needed`, else "".
Result<std::string> request_token(const formats::JsonView& body, bool needed);

struct ReadSecret {
  domain::VersionState version;
  secure::SecureText value;
};

Result<ReadSecret> read_secret(SecretsEngine& engine,
                               const domain::SecretPtr& secret,
                               std::string_view version_id,
                               std::string_view stage);
// ARN, Name, VersionId, the value, VersionStages, CreatedDate: the members of one object.
void write_value(formats::JsonWriter& w,
                 const SecretsEngine& engine,
                 const domain::SecretRow& secret,
                 const ReadSecret& read);
gate::Reply value_answer(const SecretsEngine& engine,
                         const rows::Loaded<domain::SecretRow>& secret,
                         const ReadSecret& read);

}  // namespace coffer::dialects::aws
