#include "dialects/aws/secret_value.h"

#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "domain/secrets/stages.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

constexpr std::size_t kMaxValue = 65536;
constexpr std::size_t kMinToken = 32;
constexpr std::size_t kMaxToken = 64;

}  // namespace

Result<GivenSecret> given_secret(const formats::JsonView& body) {
  COFFER_TRY(auto string, secret_text(body, "SecretString"));
  COFFER_TRY(auto binary, blob(body, "SecretBinary"));
  if (string && binary) {
    return coffer::fail(
        Code::invalid_argument,
        "You can't specify both a binary secret value and a string secret value in the same "
        "secret.");
  }
  if (!string && !binary) return GivenSecret();
  if (string && string->size() > kMaxValue) {
    return coffer::fail(Code::invalid_argument, "The secret value is larger than 65536 bytes.");
  }
  if (string) return GivenSecret(*std::move(string), false);
  return GivenSecret(secure::SecureText(*std::move(binary)), true);
}

Result<std::string> request_token(const formats::JsonView& body, bool needed) {
  COFFER_TRY(const auto token, text(body, "ClientRequestToken"));
  if (!token) {
    if (!needed) return std::string();
    return coffer::fail(
        Code::precondition_failed,
        "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
  }
  if (token->size() < kMinToken || token->size() > kMaxToken) {
    return coffer::fail(Code::invalid_argument,
                        "ClientRequestToken must be 32-64 characters long.");
  }
  return *token;
}

Result<ReadSecret> read_secret(SecretsEngine& engine,
                               const domain::SecretPtr& secret,
                               std::string_view version_id,
                               std::string_view stage) {
  ReadSecret read;
  COFFER_TRY(read.version, engine.secrets.locate(secret->row, version_id, stage));
  COFFER_TRY(read.value, engine.secrets.open(*secret, read.version));
  return read;
}

void write_value(formats::JsonWriter& w,
                 const SecretsEngine& engine,
                 const domain::SecretRow& secret,
                 const ReadSecret& read) {
  w.key("ARN").string(engine.secrets.arn(secret));
  w.key("Name").string(*secret.path);
  w.key("VersionId").string(domain::version_id(secret, read.version.number));
  if (domain::kind_of(secret, read.version.number) == domain::ValueKind::binary) {
    w.key("SecretBinary").string(secure::base64_text(read.value.view()).text());
  } else {
    w.key("SecretString").string(read.value.text());
  }
  const auto stages = domain::stages_of(secret, read.version.number);
  if (!stages.empty()) w.key("VersionStages").strings(stages);
  w.key("CreatedDate");
  write_time(w, read.version.created);
}

gate::Reply value_answer(const SecretsEngine& engine,
                         const rows::Loaded<domain::SecretRow>& secret,
                         const ReadSecret& read) {
  return json_answer([&](formats::JsonWriter& w) { write_value(w, engine, secret.row, read); });
}

}  // namespace coffer::dialects::aws
