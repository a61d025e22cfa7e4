#include "dialects/aws/ssm_cipher.h"

#include "base/encoding.h"
#include "dialects/aws/kms_managed.h"
#include "domain/kms/ciphertext_blob.h"
#include "domain/secrets/value_cipher.h"

namespace coffer::dialects::aws {
namespace {

using domain::KeyPtr;

constexpr std::string_view kContextKey = "PARAMETER_ARN";
constexpr std::string_view kEnvelope = "E.";
constexpr std::size_t kMaxDirect = 4096;
constexpr std::string_view kService = "ssm";
// What the service's own keys said before keys said which service is theirs.
constexpr std::string_view kFormerly = "AWS";

std::unexpected<Error> invalid_key(std::string_view key_id) {
  return aws::fail(Code::invalid_argument, "InvalidKeyId", "Invalid keyId " + std::string(key_id));
}

// Errors of the keys' engine that are about the key's state.
std::unexpected<Error> refused_by_key(const Error& error, std::string_view key_id) {
  const bool of_key = error.code == Code::precondition_failed || error.code == Code::not_found ||
                      error.code == Code::invalid_argument;
  if (!of_key) return std::unexpected(error);
  return aws::fail(Code::precondition_failed,
                   "InvalidKeyId",
                   "The key " + std::string(key_id) + " is not enabled or may not be used.");
}

constexpr KmsRule kSeals{.action = "kms.encrypt",
                         .iam = "Encrypt",
                         .path = "encrypt/{}",
                         .grant = domain::GrantOperation::encrypt};
constexpr KmsRule kOpens{.action = "kms.decrypt",
                         .iam = "Decrypt",
                         .path = "decrypt/{}",
                         .grant = domain::GrantOperation::decrypt};

domain::EncryptionContext context_of_parameter(std::string_view parameter_arn) {
  return {{std::string(kContextKey), std::string(parameter_arn)}};
}

ByteView associated(std::string_view parameter_arn) {
  return as_bytes(parameter_arn);
}

Result<KeyPtr> named_key(const Ssm& ssm, std::string_view key_id) {
  COFFER_TRY(Kms kms, Kms::of(ssm.call, ssm.account));
  const auto key = kms.find(key_id, Naming::alias_too);
  if (!key && key.error().code == Code::not_found) return invalid_key(key_id);
  if (!key) return std::unexpected(key.error());
  return key->row;
}

Result<KeyPtr> own_key(const Ssm& ssm) {
  COFFER_TRY(Kms kms, Kms::of(ssm.call, ssm.account));
  COFFER_TRY(KmsKey key, managed_key(kms, kService));
  return std::move(key.row);
}

Result<Bytes> seal_blob(const Ssm& ssm,
                        const KeyPtr& named,
                        std::string_view key_id,
                        std::string_view parameter_arn,
                        ByteView plain) {
  domain::MasterKeys keys(*ssm.call.view, *named->row.mount, ssm.call.unsealed->kms);
  const auto counted = keys.count_uses(named, 0, 1);
  if (!counted) return refused_by_key(counted.error(), key_id);
  const auto ready = keys.maker((*counted)->row, domain::KeyUse::encrypt, 0);
  if (!ready) return refused_by_key(ready.error(), key_id);
  domain::CiphertextBlob blob{*(*counted)->row.uid, ready->version, {}};
  auto sealed = ready->key->encrypt(
      {}, domain::blob_associated_data(blob, context_of_parameter(parameter_arn)), plain);
  if (!sealed) return refused_by_key(sealed.error(), key_id);
  blob.sealed = *std::move(sealed);
  return domain::write_blob(blob);
}

// What is stored, in its two parts.
struct Stored {
  std::string_view blob;                  // in base64
  std::optional<std::string_view> value;  // the same; nullopt: the blob is the value's
};

Result<Stored> taken_apart(std::string_view stored) {
  if (!stored.starts_with(kEnvelope)) return Stored{stored, std::nullopt};
  stored.remove_prefix(kEnvelope.size());
  const std::size_t dot = stored.find('.');
  if (dot == std::string_view::npos) {
    return coffer::fail(Code::corrupt, "a secure string lacks its value");
  }
  return Stored{stored.substr(0, dot), stored.substr(dot + 1)};
}

Result<domain::CiphertextBlob> blob_of(const Stored& stored) {
  COFFER_TRY(const Bytes octets, base64_decode(stored.blob));
  return domain::read_blob(octets);
}

Result<KeyPtr> key_of_blob(const Ssm& ssm,
                           std::string_view key_id,
                           const domain::CiphertextBlob& blob) {
  COFFER_TRY(const MountPtr home, find_home(*ssm.call.view, Home::keys));
  if (!home) return invalid_key(key_id);
  COFFER_TRY(KeyPtr key,
             domain::MasterKeys(*ssm.call.view, home->id, ssm.call.unsealed->kms).by_uid(blob.uid));
  if (!key) return invalid_key(key_id);
  return key;
}

Result<secure::SecureBytes> open_blob(const Ssm& ssm,
                                      std::string_view key_id,
                                      std::string_view parameter_arn,
                                      const domain::CiphertextBlob& blob) {
  COFFER_TRY(const KeyPtr key, key_of_blob(ssm, key_id, blob));
  domain::MasterKeys keys(*ssm.call.view, *key->row.mount, ssm.call.unsealed->kms);
  const auto ready = keys.opener(key->row, domain::KeyUse::decrypt, blob.version);
  if (!ready) return refused_by_key(ready.error(), key_id);
  auto plain = ready->key->decrypt(
      {}, domain::blob_associated_data(blob, context_of_parameter(parameter_arn)), blob.sealed);
  if (!plain) return refused_by_key(plain.error(), key_id);
  return plain;
}

// What using the key for a parameter asks for.
Result<policy::Access> use_of_key(const Ssm& ssm,
                                  const KeyPtr& key,
                                  std::string_view parameter_arn,
                                  const KmsRule& rule) {
  COFFER_TRY(Kms kms, Kms::of(ssm.call, ssm.account));
  const KmsKey named{.row = key, .arn = kms.arn(key->row), .alias = {}};
  const domain::EncryptionContext context = context_of_parameter(parameter_arn);
  COFFER_TRY(policy::Access out, key_access(kms, named, rule, &context));
  out.iam->context.set("kms:ViaService", {"ssm." + ssm.call.routing.region + ".amazonaws.com"});
  return out;
}

}  // namespace

Result<std::optional<policy::Access>> sealing_access(const Ssm& ssm,
                                                     std::string_view key_id,
                                                     std::string_view parameter_arn) {
  if (key_id == domain::kDefaultParameterKey) return std::nullopt;
  COFFER_TRY(const KeyPtr key, named_key(ssm, key_id));
  return use_of_key(ssm, key, parameter_arn, kSeals);
}

Result<KeyPtr> key_of_secure_string(const Ssm& ssm,
                                    std::string_view key_id,
                                    std::string_view stored) {
  COFFER_TRY(const Stored parts, taken_apart(stored));
  COFFER_TRY(const domain::CiphertextBlob blob, blob_of(parts));
  return key_of_blob(ssm, key_id, blob);
}

Result<std::optional<policy::Access>> opening_access(const Ssm& ssm,
                                                     const KeyPtr& key,
                                                     std::string_view parameter_arn) {
  const std::string& manager = *key->row.manager;
  if (manager == kService || manager == kFormerly) return std::nullopt;
  return use_of_key(ssm, key, parameter_arn, kOpens);
}

Result<std::string> seal_secure_string(const Ssm& ssm,
                                       std::string_view key_id,
                                       std::string_view parameter_arn,
                                       std::string_view value) {
  const bool own = key_id == domain::kDefaultParameterKey;
  COFFER_TRY(const KeyPtr key, own ? own_key(ssm) : named_key(ssm, key_id));
  if (value.size() <= kMaxDirect) {
    COFFER_TRY(const Bytes blob, seal_blob(ssm, key, key_id, parameter_arn, as_bytes(value)));
    return base64_encode(blob);
  }
  const secure::SecureBytes data_key = ssm.call.random.bytes(domain::kDataKeySize);
  COFFER_TRY(const Bytes blob, seal_blob(ssm, key, key_id, parameter_arn, data_key.view()));
  COFFER_TRY(
      const Bytes sealed,
      domain::seal_value(data_key.view(), associated(parameter_arn), value, ssm.call.random));
  return std::string(kEnvelope) + base64_encode(blob) + "." + base64_encode(sealed);
}

Result<secure::SecureText> open_secure_string(const Ssm& ssm,
                                              std::string_view key_id,
                                              std::string_view parameter_arn,
                                              std::string_view stored) {
  COFFER_TRY(const Stored parts, taken_apart(stored));
  COFFER_TRY(const domain::CiphertextBlob blob, blob_of(parts));
  COFFER_TRY(const secure::SecureBytes opened, open_blob(ssm, key_id, parameter_arn, blob));
  if (!parts.value) return secure::SecureText(as_text(opened.view()));
  COFFER_TRY(const Bytes sealed, base64_decode(*parts.value));
  return domain::open_value(opened.view(), associated(parameter_arn), sealed, ssm.call.random);
}

}  // namespace coffer::dialects::aws
