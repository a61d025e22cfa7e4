// KMS: GenerateDataKey, GenerateDataKeyPair, each also without plaintext, and GenerateRandom.
#include "dialects/aws/access.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_policy.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "secure/bytes.h"

#include <array>

namespace coffer::dialects::aws {
namespace {

using domain::GrantOperation;
using domain::KeyOperation;
using domain::KeyPurpose;
using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array<string_view, 2> kDataKeySpecs{"AES_256", "AES_128"};
constexpr Member kNumberOfBytes{
    .name = "NumberOfBytes", .kind = Kind::integer, .min = 1, .max = 1024};
constexpr Member kRecipient{.name = "Recipient", .kind = Kind::structure, .of = &kNoInput};
constexpr std::array kDataKeyMembers{key_id_member(),
                                     context_member(),
                                     kNumberOfBytes,
                                     Member{.name = "KeySpec", .values = kDataKeySpecs},
                                     kGrantTokens,
                                     kDryRun,
                                     kRecipient};
constexpr Shape kDataKey{kDataKeyMembers};
constexpr std::array<string_view, 9> kPairSpecs{"RSA_2048",
                                                "RSA_3072",
                                                "RSA_4096",
                                                "ECC_NIST_P256",
                                                "ECC_NIST_P384",
                                                "ECC_NIST_P521",
                                                "ECC_SECG_P256K1",
                                                "SM2",
                                                "ECC_NIST_EDWARDS25519"};
constexpr std::array kPairMembers{
    context_member(),
    key_id_member(),
    Member{.name = "KeyPairSpec", .required = true, .values = kPairSpecs},
    kGrantTokens,
    kDryRun,
    kRecipient};
constexpr Shape kPair{kPairMembers};
constexpr std::array kRandomMembers{
    kNumberOfBytes, Member{.name = "CustomKeyStoreId", .min = 1, .max = 64}, kRecipient};
constexpr Shape kRandom{kRandomMembers};

// Answers for enclaves are encrypted for a document of attestation, which nobody here can check.
Result<> refuse_recipient(const Kms& kms) {
  if (!kms.call.body.find_value("Recipient")) return {};
  return unsupported_operation("Recipient is not supported.");
}

Result<std::size_t> size_of(const Kms& kms) {
  COFFER_TRY(const auto number, integer(kms.call.body, "NumberOfBytes"));
  COFFER_TRY(const auto spec, text(kms.call.body, "KeySpec"));
  if (number.has_value() == spec.has_value()) {
    return validation("Please specify either number of bytes or key spec.");
  }
  if (number) return static_cast<std::size_t>(*number);
  return *spec == "AES_256" ? std::size_t{32} : std::size_t{16};
}

// The key of the request, which may wrap data keys now.
Result<KmsKey> wrapping_key(Kms& kms, string_view operation) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_CHECK(refuse_recipient(kms));
  COFFER_TRY(KmsKey key, kms.named("KeyId", Naming::alias_too));
  COFFER_CHECK(check_use(kms, key, KeyPurpose::encrypt_decrypt, operation));
  if (!spec_of(*key).symmetric()) {
    return aws::fail(Code::invalid_argument,
                     "InvalidKeyUsageException",
                     key.arn + " key spec is " + std::string(spec_of(*key).name) +
                         " which is not valid for " + std::string(operation) + ".");
  }
  COFFER_CHECK(check_symmetric(key));
  kms.call.note("key", domain::key_id(*key));
  return key;
}

enum class Show : std::uint8_t { plaintext, nothing };

Result<Reply> data_key(Kms& kms, string_view operation, KeyOperation noted, Show show) {
  COFFER_TRY(const KmsKey key, wrapping_key(kms, operation));
  COFFER_TRY(const std::size_t size, size_of(kms));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const auto context, context_of(kms.call, "EncryptionContext"));
  const secure::SecureBytes made = kms.call.random.bytes(size);
  COFFER_TRY(const Encrypted sealed, encrypt_blob(kms, key, context, made.view(), noted));
  return json_answer([&](JsonWriter& w) {
    w.key("CiphertextBlob").string(secure::base64_text(sealed.blob).text());
    if (show == Show::plaintext) {
      w.key("Plaintext").string(secure::base64_text(made.view()).text());
    }
    w.key("KeyId").string(key.arn);
    w.key("KeyMaterialId").string(sealed.material_id);
  });
}

Result<Reply> with_plaintext(Kms& kms) {
  return data_key(kms, "GenerateDataKey", KeyOperation::generate_data_key, Show::plaintext);
}

Result<Reply> without_plaintext(Kms& kms) {
  return data_key(kms,
                  "GenerateDataKeyWithoutPlaintext",
                  KeyOperation::generate_data_key_without_plaintext,
                  Show::nothing);
}

Result<Reply> data_key_pair(Kms& kms, string_view operation, KeyOperation noted, Show show) {
  COFFER_TRY(const KmsKey key, wrapping_key(kms, operation));
  COFFER_TRY(const std::string name, text_or_empty(kms.call.body, "KeyPairSpec"));
  const KmsSpec* spec = find_spec(name);
  if (spec == nullptr) return unsupported_operation("");
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const auto context, context_of(kms.call, "EncryptionContext"));
  COFFER_TRY(const domain::KeyMaterial made, new_key_material(kms.call, spec->type, 0));
  COFFER_TRY(const Encrypted sealed, encrypt_blob(kms, key, context, made.secret.view(), noted));
  return json_answer([&](JsonWriter& w) {
    w.key("PrivateKeyCiphertextBlob").string(secure::base64_text(sealed.blob).text());
    if (show == Show::plaintext) {
      w.key("PrivateKeyPlaintext").string(secure::base64_text(made.secret.view()).text());
    }
    w.key("PublicKey").string(secure::base64_text(made.public_key).text());
    w.key("KeyId").string(key.arn);
    w.key("KeyPairSpec").string(name);
    w.key("KeyMaterialId").string(sealed.material_id);
  });
}

Result<Reply> pair_with_plaintext(Kms& kms) {
  return data_key_pair(
      kms, "GenerateDataKeyPair", KeyOperation::generate_data_key_pair, Show::plaintext);
}

Result<Reply> pair_without_plaintext(Kms& kms) {
  return data_key_pair(kms,
                       "GenerateDataKeyPairWithoutPlaintext",
                       KeyOperation::generate_data_key_pair_without_plaintext,
                       Show::nothing);
}

Result<Reply> random_octets(Kms& kms) {
  COFFER_CHECK(refuse_recipient(kms));
  COFFER_TRY(const auto size, integer(kms.call.body, "NumberOfBytes"));
  if (!size) return validation("NumberOfBytes is required.");
  if (kms.call.body.find_value("CustomKeyStoreId")) {
    return aws::fail(Code::not_found, "CustomKeyStoreNotFoundException", "");
  }
  const secure::SecureBytes made = kms.call.random.bytes(static_cast<std::size_t>(*size));
  return json_answer(
      [&](JsonWriter& w) { w.key("Plaintext").string(secure::base64_text(made.view()).text()); });
}

Result<std::vector<policy::Access>> may_get_random(Kms& /*kms*/) {
  std::vector<policy::Access> all;
  all.push_back(access(
      "kms.random", "kms:GenerateRandom", "*", "transit/random", policy::Capability::update));
  return all;
}

}  // namespace

void add_kms_data_key_operations(OperationTable& table, const Services& services) {
  const auto add = [&](const Shape& shape,
                       string_view name,
                       string_view path,
                       GrantOperation grant,
                       KmsHandler handler) {
    table.push_back(kms_operation(services,
                                  shape,
                                  EventType::key_data_key_issued,
                                  {.action = "kms.data_key",
                                   .iam = name,
                                   .path = path,
                                   .naming = Naming::alias_too,
                                   .grant = grant,
                                   .context = "EncryptionContext"},
                                  handler));
  };
  add(kDataKey,
      "GenerateDataKey",
      "datakey/plaintext/{}",
      GrantOperation::generate_data_key,
      with_plaintext);
  add(kDataKey,
      "GenerateDataKeyWithoutPlaintext",
      "datakey/wrapped/{}",
      GrantOperation::generate_data_key_without_plaintext,
      without_plaintext);
  add(kPair,
      "GenerateDataKeyPair",
      "datakey/plaintext/{}",
      GrantOperation::generate_data_key_pair,
      pair_with_plaintext);
  add(kPair,
      "GenerateDataKeyPairWithoutPlaintext",
      "datakey/wrapped/{}",
      GrantOperation::generate_data_key_pair_without_plaintext,
      pair_without_plaintext);
  table.push_back(kms_operation(services,
                                "GenerateRandom",
                                kRandom,
                                EventType::key_random_issued,
                                may_get_random,
                                random_octets));
}

}  // namespace coffer::dialects::aws
