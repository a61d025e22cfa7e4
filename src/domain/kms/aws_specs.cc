#include "domain/kms/aws_specs.h"

#include "base/enum_table.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

using std::string_view;

constexpr std::array<string_view, 1> kSymmetric{"SYMMETRIC_DEFAULT"};
constexpr std::array<string_view, 2> kOaep{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"};
constexpr std::array<string_view, 6> kRsa{"RSASSA_PKCS1_V1_5_SHA_256",
                                          "RSASSA_PKCS1_V1_5_SHA_384",
                                          "RSASSA_PKCS1_V1_5_SHA_512",
                                          "RSASSA_PSS_SHA_256",
                                          "RSASSA_PSS_SHA_384",
                                          "RSASSA_PSS_SHA_512"};
constexpr std::array<string_view, 1> kEcdsa256{"ECDSA_SHA_256"};
constexpr std::array<string_view, 1> kEcdsa384{"ECDSA_SHA_384"};
constexpr std::array<string_view, 1> kEcdsa512{"ECDSA_SHA_512"};
constexpr std::array<string_view, 1> kEd25519{"ED25519_SHA_512"};
constexpr std::array<string_view, 1> kMac224{"HMAC_SHA_224"};
constexpr std::array<string_view, 1> kMac256{"HMAC_SHA_256"};
constexpr std::array<string_view, 1> kMac384{"HMAC_SHA_384"};
constexpr std::array<string_view, 1> kMac512{"HMAC_SHA_512"};

constexpr KmsSpec rsa(string_view name, KeyType type) {
  return {.name = name, .type = type, .encryption = kOaep, .signing = kRsa};
}

constexpr KmsSpec curve(string_view name,
                        KeyType type,
                        std::span<const string_view> signing,
                        bool agrees) {
  return {.name = name, .type = type, .signing = signing, .agrees = agrees};
}

constexpr KmsSpec mac(string_view name, std::size_t size, std::span<const string_view> algorithm) {
  return {.name = name, .type = KeyType::hmac, .size = size, .mac = algorithm};
}

constexpr std::array kSpecs{
    KmsSpec{.name = "SYMMETRIC_DEFAULT", .type = KeyType::aes256_gcm96, .encryption = kSymmetric},
    rsa("RSA_2048", KeyType::rsa2048),
    rsa("RSA_3072", KeyType::rsa3072),
    rsa("RSA_4096", KeyType::rsa4096),
    curve("ECC_NIST_P256", KeyType::ecdsa_p256, kEcdsa256, true),
    curve("ECC_NIST_P384", KeyType::ecdsa_p384, kEcdsa384, true),
    curve("ECC_NIST_P521", KeyType::ecdsa_p521, kEcdsa512, true),
    curve("ECC_SECG_P256K1", KeyType::ecdsa_secp256k1, kEcdsa256, false),
    curve("ECC_NIST_EDWARDS25519", KeyType::ed25519, kEd25519, false),
    mac("HMAC_224", 28, kMac224),
    mac("HMAC_256", 32, kMac256),
    mac("HMAC_384", 48, kMac384),
    mac("HMAC_512", 64, kMac512),
};

constexpr EnumTable<KeyPurpose, 4> kUsages{{{
    {KeyPurpose::encrypt_decrypt, "ENCRYPT_DECRYPT"},
    {KeyPurpose::sign_verify, "SIGN_VERIFY"},
    {KeyPurpose::generate_verify_mac, "GENERATE_VERIFY_MAC"},
    {KeyPurpose::key_agreement, "KEY_AGREEMENT"},
}}};

constexpr EnumTable<KeyState, 5> kStates{{{
    {KeyState::enabled, "Enabled"},
    {KeyState::disabled, "Disabled"},
    {KeyState::pending_deletion, "PendingDeletion"},
    {KeyState::pending_import, "PendingImport"},
    {KeyState::destroyed, "Unavailable"},
}}};

constexpr EnumTable<KeyOperation, 12> kOperations{{{
    {KeyOperation::encrypt, "Encrypt"},
    {KeyOperation::decrypt, "Decrypt"},
    {KeyOperation::reencrypt, "ReEncrypt"},
    {KeyOperation::generate_data_key, "GenerateDataKey"},
    {KeyOperation::generate_data_key_without_plaintext, "GenerateDataKeyWithoutPlaintext"},
    {KeyOperation::generate_data_key_pair, "GenerateDataKeyPair"},
    {KeyOperation::generate_data_key_pair_without_plaintext, "GenerateDataKeyPairWithoutPlaintext"},
    {KeyOperation::generate_mac, "GenerateMac"},
    {KeyOperation::verify_mac, "VerifyMac"},
    {KeyOperation::sign, "Sign"},
    {KeyOperation::verify, "Verify"},
    {KeyOperation::derive_shared_secret, "DeriveSharedSecret"},
}}};

using crypto::HashKind;
using crypto::Padding;

constexpr std::array kSigning{
    SigningAlgorithm{"RSASSA_PSS_SHA_256", HashKind::sha256, Padding::pss},
    SigningAlgorithm{"RSASSA_PSS_SHA_384", HashKind::sha384, Padding::pss},
    SigningAlgorithm{"RSASSA_PSS_SHA_512", HashKind::sha512, Padding::pss},
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_256", HashKind::sha256, Padding::pkcs1},
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_384", HashKind::sha384, Padding::pkcs1},
    SigningAlgorithm{"RSASSA_PKCS1_V1_5_SHA_512", HashKind::sha512, Padding::pkcs1},
    SigningAlgorithm{"ECDSA_SHA_256", HashKind::sha256, Padding::none},
    SigningAlgorithm{"ECDSA_SHA_384", HashKind::sha384, Padding::none},
    SigningAlgorithm{"ECDSA_SHA_512", HashKind::sha512, Padding::none},
    SigningAlgorithm{"ED25519_SHA_512", HashKind::sha512, Padding::none},
};

KeyPurpose purpose_of(const MasterKeyRow& key) {
  if (*key.purpose != KeyPurpose::unsaid) return *key.purpose;
  if (encrypts(*key.type)) return KeyPurpose::encrypt_decrypt;
  return signs(*key.type) ? KeyPurpose::sign_verify : KeyPurpose::generate_verify_mac;
}

}  // namespace

const KmsSpec* find_spec(string_view name) {
  const auto at = std::ranges::find(kSpecs, name, &KmsSpec::name);
  return at == kSpecs.end() ? nullptr : &*at;
}

const KmsSpec& spec_of(const MasterKeyRow& key) {
  if (*key.type != KeyType::hmac) {
    const auto at = std::ranges::find(kSpecs, *key.type, &KmsSpec::type);
    return at == kSpecs.end() ? kSpecs.front() : *at;
  }
  const KmsSpec* best = find_spec("HMAC_224");
  for (const KmsSpec& spec : kSpecs) {
    if (spec.type == KeyType::hmac && spec.size <= *key.key_size) best = &spec;
  }
  return *best;
}

string_view usage_of(const MasterKeyRow& key) {
  return kUsages.text(purpose_of(key));
}

std::optional<KeyPurpose> parse_usage(string_view name) {
  return kUsages.parse(name);
}

bool fits(const KmsSpec& spec, KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::encrypt_decrypt:
      return !spec.encryption.empty();
    case KeyPurpose::sign_verify:
      return !spec.signing.empty();
    case KeyPurpose::generate_verify_mac:
      return !spec.mac.empty();
    case KeyPurpose::key_agreement:
      return spec.agrees;
    case KeyPurpose::unsaid:
      break;
  }
  return false;
}

void add_key_conditions(const MasterKeyRow& key, string_view account, policy::IamContext& out) {
  out.set("kms:CallerAccount", {std::string(account)});
  out.set("kms:KeySpec", {std::string(spec_of(key).name)});
  out.set("kms:KeyUsage", {std::string(usage_of(key))});
  out.set("kms:KeyOrigin", {*key.imported ? "EXTERNAL" : "AWS_KMS"});
  out.set("kms:MultiRegion", {*key.multi_region ? "true" : "false"});
  if (*key.multi_region) out.set("kms:MultiRegionKeyType", {"PRIMARY"});  // there are no replicas
  for (const KeyTag& tag : *key.tags) out.add("aws:ResourceTag/" + tag.key, tag.value);
}

string_view state_text(KeyState state) {
  return kStates.text(state);
}

string_view operation_text(KeyOperation operation) {
  return kOperations.text(operation);
}

const SigningAlgorithm* find_signing(string_view name) {
  const auto at = std::ranges::find(kSigning, name, &SigningAlgorithm::name);
  return at == kSigning.end() ? nullptr : &*at;
}

std::optional<HashKind> mac_hash(string_view algorithm) {
  if (algorithm == kMac224.front()) return HashKind::sha224;
  if (algorithm == kMac256.front()) return HashKind::sha256;
  if (algorithm == kMac384.front()) return HashKind::sha384;
  if (algorithm == kMac512.front()) return HashKind::sha512;
  return std::nullopt;
}

std::optional<HashKind> oaep_hash(string_view algorithm) {
  if (algorithm == kOaep[0]) return HashKind::sha1;
  if (algorithm == kOaep[1]) return HashKind::sha256;
  return std::nullopt;
}

}  // namespace coffer::domain
