// KMS: Encrypt, Decrypt, ReEncrypt.
//
// A symmetric ciphertext names its key; an asymmetric one does not, and its key is asked for.
// Private operations of RSA are done on a worker.
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "domain/kms/ciphertext_blob.h"
#include "secure/bytes.h"

#include <algorithm>
#include <array>
#include <memory>

namespace coffer::dialects::aws {
namespace {

using domain::GrantOperation;
using domain::KeyOperation;
using domain::KeyPurpose;
using domain::KeyUse;
using formats::JsonWriter;
using gate::Reply;
using proof::EventType;
using std::string_view;

constexpr std::array<string_view, 1> kModifiers{"IGNORE_CIPHERTEXT"};
constexpr Member kModifier{.values = kModifiers};
constexpr Member kDryRunModifiers{
    .name = "DryRunModifiers", .kind = Kind::list, .item = &kModifier};

constexpr std::array kEncryptMembers{key_id_member(),
                                     blob_member("Plaintext", 4096, true),
                                     context_member(),
                                     kGrantTokens,
                                     encryption_algorithm(),
                                     kDryRun};
constexpr Shape kEncrypt{kEncryptMembers};
constexpr std::array kDecryptMembers{blob_member("CiphertextBlob", 6144),
                                     context_member(),
                                     kGrantTokens,
                                     key_id_member("KeyId", false),
                                     encryption_algorithm(),
                                     kDryRun,
                                     kDryRunModifiers};
constexpr Shape kDecrypt{kDecryptMembers};
constexpr std::array kReEncryptMembers{blob_member("CiphertextBlob", 6144),
                                       context_member("SourceEncryptionContext"),
                                       key_id_member("SourceKeyId", false),
                                       key_id_member("DestinationKeyId"),
                                       context_member("DestinationEncryptionContext"),
                                       encryption_algorithm("SourceEncryptionAlgorithm"),
                                       encryption_algorithm("DestinationEncryptionAlgorithm"),
                                       kGrantTokens,
                                       kDryRun,
                                       kDryRunModifiers};
constexpr Shape kReEncrypt{kReEncryptMembers};

constexpr string_view kSymmetric = "SYMMETRIC_DEFAULT";

// The members of a request that say one half of a ReEncrypt, or all of an Encrypt or Decrypt.
struct Names {
  string_view key;
  string_view context;
  string_view algorithm;
};

constexpr Names kPlain{"KeyId", "EncryptionContext", "EncryptionAlgorithm"};
constexpr Names kSource{"SourceKeyId", "SourceEncryptionContext", "SourceEncryptionAlgorithm"};
constexpr Names kDestination{
    "DestinationKeyId", "DestinationEncryptionContext", "DestinationEncryptionAlgorithm"};

Result<std::string> algorithm_of(const Kms& kms, const Names& names) {
  COFFER_TRY(const auto given, text(kms.call.body, names.algorithm));
  return given.value_or(std::string(kSymmetric));
}

// RSA does not bind a context: it would be the caller's word alone, and meet any condition.
Result<> refuse_unbound_context(const Kms& kms, const Names& names) {
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, names));
  if (algorithm == kSymmetric) return {};
  COFFER_TRY(const auto context, context_of(kms.call, names.context));
  if (context.empty()) return {};
  return validation(std::string(names.context) + " is not supported with algorithm " + algorithm +
                    ".");
}

Result<> check_algorithm(const KmsKey& key, string_view algorithm) {
  const KmsSpec& spec = spec_of(*key);
  if (std::ranges::find(spec.encryption, algorithm) == spec.encryption.end()) {
    return incompatible(algorithm, spec);
  }
  return algorithm == kSymmetric ? check_symmetric(key) : Result<>();
}

// What a ciphertext is to be opened with.
struct Sealed {
  KmsKey key;
  Bytes octets;                                  // the whole blob
  std::optional<domain::CiphertextBlob> parsed;  // of symmetric ones
};

std::unexpected<Error> incorrect_key() {
  return aws::fail(
      Code::invalid_argument,
      "IncorrectKeyException",
      "The key ID in the request does not identify a CMK that can perform this operation.");
}

Result<Sealed> sealed_of(Kms& kms, const Names& names) {
  Sealed out;
  COFFER_TRY(const auto blob, aws::blob(kms.call.body, "CiphertextBlob"));
  out.octets = to_bytes(blob->view());
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, names));
  COFFER_TRY(const std::string named, text_or_empty(kms.call.body, names.key));
  if (!named.empty()) {
    COFFER_TRY(out.key, kms.find(named, Naming::alias_too));
  }
  if (algorithm != kSymmetric) {
    if (!out.key.row) {
      return validation("A " + std::string(names.key) +
                        " is required for ciphertexts of asymmetric keys.");
    }
    return out;
  }
  // A key that makes no such ciphertexts is refused for that, whatever the ciphertext says.
  if (out.key.row && !spec_of(*out.key).symmetric()) return out;
  auto parsed = domain::read_blob(out.octets);
  if (!parsed) return invalid_ciphertext();
  COFFER_TRY(KmsKey of_blob, kms.by_uid(parsed->uid));
  if (!of_blob.row) return invalid_ciphertext();
  if (out.key.row) {
    if (*out.key->uid != *of_blob->uid) return incorrect_key();
  } else {
    out.key = std::move(of_blob);
  }
  out.parsed = *std::move(parsed);
  return out;
}

struct Opened {
  secure::SecureBytes plaintext;
  std::string material_id;
};

// The plaintext of a bare RSA ciphertext, under whichever version it was made for.
Result<Opened> open_asymmetric(Kms& kms, const Sealed& sealed, string_view algorithm) {
  std::vector<domain::OpenedKeys::Kept> versions;
  constexpr std::size_t kTried = 8;
  for (auto at = sealed.key->versions->rbegin();
       at != sealed.key->versions->rend() && versions.size() < kTried &&
       at->number >= *sealed.key->min_decryption;
       ++at) {
    COFFER_TRY(const auto ready, kms.keys().opener(*sealed.key, KeyUse::decrypt, at->number));
    versions.push_back(ready.key);
  }
  const crypto::HashKind hash = *oaep_hash(algorithm);
  COFFER_TRY(
      const secure::SecureBytes* opened,
      kms.call.effects.get<secure::SecureBytes>(
          "decrypt", [versions, hash, octets = sealed.octets]() -> Result<secure::SecureBytes> {
            for (const auto& key : versions) {
              if (auto plain = key->decrypt_oaep(hash, octets)) return plain;
            }
            return invalid_ciphertext();
          }));
  return Opened{opened->clone(), ""};
}

Result<Opened> open(Kms& kms, const Sealed& sealed, const Names& names, KeyOperation operation) {
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, names));
  if (!sealed.parsed) return open_asymmetric(kms, sealed, algorithm);
  COFFER_TRY(const auto context, context_of(kms.call, names.context));
  domain::MasterKeys keys = kms.keys();
  keys.work_for(operation);
  const auto ready = keys.opener(*sealed.key, KeyUse::decrypt, sealed.parsed->version);
  if (!ready) {
    if (ready.error().code != Code::invalid_argument) return std::unexpected(ready.error());
    return invalid_ciphertext();
  }
  auto plain = ready->key->decrypt(
      {}, domain::blob_associated_data(*sealed.parsed, context), sealed.parsed->sealed);
  if (!plain) {
    if (plain.error().code != Code::invalid_argument) return std::unexpected(plain.error());
    return invalid_ciphertext();
  }
  return Opened{*std::move(plain),
                domain::material_id(*sealed.key, *sealed.key->version(ready->version))};
}

Result<Bytes> encrypt_asymmetric(Kms& kms,
                                 const KmsKey& key,
                                 string_view algorithm,
                                 ByteView plaintext) {
  const crypto::HashKind hash = *oaep_hash(algorithm);
  domain::MasterKeys keys = kms.keys();
  COFFER_TRY(const auto ready, keys.maker(*key, KeyUse::encrypt, 0));
  auto sealed = ready.key->encrypt_oaep(hash, plaintext);
  if (sealed) return sealed;
  if (sealed.error().code != Code::invalid_argument) return sealed;
  const std::size_t octets = *key->type == domain::KeyType::rsa2048   ? 256
                             : *key->type == domain::KeyType::rsa3072 ? 384
                                                                      : 512;
  const std::size_t most = octets - 2 * crypto::digest_size(hash) - 2;
  return validation("Algorithm " + std::string(algorithm) + " and key spec " +
                    std::string(spec_of(*key).name) + " cannot encrypt data larger than " +
                    std::to_string(most) + " bytes.");
}

Result<Encrypted> seal(
    Kms& kms, const KmsKey& key, const Names& names, ByteView plaintext, KeyOperation operation) {
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, names));
  if (algorithm == kSymmetric) {
    COFFER_TRY(const auto context, context_of(kms.call, names.context));
    return encrypt_blob(kms, key, context, plaintext, operation);
  }
  Encrypted out;
  COFFER_TRY(out.blob, encrypt_asymmetric(kms, key, algorithm, plaintext));
  return out;
}

// Whether a key may do its part of an operation now.
Result<> check_part(Kms& kms, const KmsKey& key, const Names& names, string_view operation) {
  COFFER_CHECK(check_use(kms, key, KeyPurpose::encrypt_decrypt, operation));
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, names));
  return check_algorithm(key, algorithm);
}

Result<Reply> encrypt(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const KmsKey key, kms.named("KeyId", Naming::alias_too));
  COFFER_CHECK(check_part(kms, key, kPlain, "Encrypt"));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const auto plaintext, aws::blob(kms.call.body, "Plaintext"));
  COFFER_TRY(const Encrypted made,
             seal(kms, key, kPlain, plaintext->view(), KeyOperation::encrypt));
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, kPlain));
  kms.call.note("key", domain::key_id(*key));
  return json_answer([&](JsonWriter& w) {
    w.key("CiphertextBlob").string(secure::base64_text(made.blob).text());
    w.key("KeyId").string(key.arn);
    w.key("EncryptionAlgorithm").string(algorithm);
  });
}

Result<Reply> decrypt(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const Sealed sealed, sealed_of(kms, kPlain));
  COFFER_CHECK(check_part(kms, sealed.key, kPlain, "Decrypt"));
  COFFER_TRY(const Opened opened, open(kms, sealed, kPlain, KeyOperation::decrypt));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const std::string algorithm, algorithm_of(kms, kPlain));
  kms.call.note("key", domain::key_id(*sealed.key));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(sealed.key.arn);
    w.key("Plaintext").string(secure::base64_text(opened.plaintext.view()).text());
    w.key("EncryptionAlgorithm").string(algorithm);
    if (!opened.material_id.empty()) w.key("KeyMaterialId").string(opened.material_id);
  });
}

Result<Reply> reencrypt(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const Sealed sealed, sealed_of(kms, kSource));
  COFFER_TRY(const KmsKey to, kms.named("DestinationKeyId", Naming::alias_too));
  COFFER_CHECK(check_part(kms, sealed.key, kSource, "ReEncryptFrom"));
  COFFER_CHECK(check_part(kms, to, kDestination, "ReEncryptTo"));
  COFFER_TRY(const Opened opened, open(kms, sealed, kSource, KeyOperation::reencrypt));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const Encrypted made,
             seal(kms, to, kDestination, opened.plaintext.view(), KeyOperation::reencrypt));
  COFFER_TRY(const std::string from_algorithm, algorithm_of(kms, kSource));
  COFFER_TRY(const std::string to_algorithm, algorithm_of(kms, kDestination));
  kms.call.note("source_key", domain::key_id(*sealed.key));
  kms.call.note("key", domain::key_id(*to));
  return json_answer([&](JsonWriter& w) {
    w.key("CiphertextBlob").string(secure::base64_text(made.blob).text());
    w.key("SourceKeyId").string(sealed.key.arn);
    w.key("KeyId").string(to.arn);
    w.key("SourceEncryptionAlgorithm").string(from_algorithm);
    w.key("DestinationEncryptionAlgorithm").string(to_algorithm);
    if (!opened.material_id.empty()) w.key("SourceKeyMaterialId").string(opened.material_id);
    if (!made.material_id.empty()) w.key("DestinationKeyMaterialId").string(made.material_id);
  });
}

constexpr KmsRule kEncryptRule{.action = "kms.encrypt",
                               .iam = "Encrypt",
                               .path = "encrypt/{}",
                               .naming = Naming::alias_too,
                               .grant = GrantOperation::encrypt,
                               .context = "EncryptionContext"};
constexpr KmsRule kDecryptRule{.action = "kms.decrypt",
                               .iam = "Decrypt",
                               .path = "decrypt/{}",
                               .naming = Naming::alias_too,
                               .grant = GrantOperation::decrypt,
                               .context = "EncryptionContext"};
constexpr KmsRule kFromRule{.action = "kms.decrypt",
                            .iam = "ReEncryptFrom",
                            .path = "decrypt/{}",
                            .naming = Naming::alias_too,
                            .grant = GrantOperation::reencrypt_from,
                            .context = "SourceEncryptionContext"};
constexpr KmsRule kToRule{.action = "kms.encrypt",
                          .iam = "ReEncryptTo",
                          .path = "encrypt/{}",
                          .naming = Naming::alias_too,
                          .grant = GrantOperation::reencrypt_to,
                          .context = "DestinationEncryptionContext",
                          .member = "DestinationKeyId"};

Result<std::vector<policy::Access>> may_encrypt(Kms& kms) {
  COFFER_CHECK(refuse_unbound_context(kms, kPlain));
  COFFER_TRY(const KmsKey key, kms.named("KeyId", Naming::alias_too));
  std::vector<policy::Access> all;
  COFFER_TRY(all.emplace_back(), key_access(kms, key, kEncryptRule));
  return all;
}

Result<std::vector<policy::Access>> may_decrypt(Kms& kms) {
  COFFER_CHECK(refuse_unbound_context(kms, kPlain));
  COFFER_TRY(const Sealed sealed, sealed_of(kms, kPlain));
  std::vector<policy::Access> all;
  COFFER_TRY(all.emplace_back(), key_access(kms, sealed.key, kDecryptRule));
  return all;
}

Result<std::vector<policy::Access>> may_reencrypt(Kms& kms) {
  COFFER_CHECK(refuse_unbound_context(kms, kSource));
  COFFER_CHECK(refuse_unbound_context(kms, kDestination));
  COFFER_TRY(const Sealed sealed, sealed_of(kms, kSource));
  COFFER_TRY(const KmsKey to, kms.named("DestinationKeyId", Naming::alias_too));
  std::vector<policy::Access> all;
  COFFER_TRY(all.emplace_back(), key_access(kms, sealed.key, kFromRule));
  COFFER_TRY(all.emplace_back(), key_access(kms, to, kToRule));
  COFFER_TRY(std::string opened, algorithm_of(kms, kSource));
  COFFER_TRY(std::string sealed_anew, algorithm_of(kms, kDestination));
  all.front().iam->context.set("kms:EncryptionAlgorithm", {std::move(opened)});
  all.back().iam->context.set("kms:EncryptionAlgorithm", {std::move(sealed_anew)});
  const bool same = *sealed.key->uid == *to->uid;
  for (policy::Access& each : all) {
    each.iam->context.add("kms:ReEncryptOnSameKey", same ? "true" : "false");
  }
  return all;
}

}  // namespace

void add_kms_cipher_operations(OperationTable& table, const Services& services) {
  table.push_back(
      kms_operation(services, "Encrypt", kEncrypt, EventType::key_encrypted, may_encrypt, encrypt));
  table.push_back(
      kms_operation(services, "Decrypt", kDecrypt, EventType::key_decrypted, may_decrypt, decrypt));
  table.push_back(kms_operation(
      services, "ReEncrypt", kReEncrypt, EventType::key_rewrapped, may_reencrypt, reencrypt));
}

}  // namespace coffer::dialects::aws
