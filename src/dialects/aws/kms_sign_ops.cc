// KMS: Sign, Verify, GenerateMac, VerifyMac, DeriveSharedSecret.
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"
#include "secure/bytes.h"

#include <algorithm>
#include <array>

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

constexpr std::array<string_view, 3> kMessageTypes{"RAW", "DIGEST", "EXTERNAL_MU"};
constexpr std::array<string_view, 13> kSigningAlgorithms{"RSASSA_PSS_SHA_256",
                                                         "RSASSA_PSS_SHA_384",
                                                         "RSASSA_PSS_SHA_512",
                                                         "RSASSA_PKCS1_V1_5_SHA_256",
                                                         "RSASSA_PKCS1_V1_5_SHA_384",
                                                         "RSASSA_PKCS1_V1_5_SHA_512",
                                                         "ECDSA_SHA_256",
                                                         "ECDSA_SHA_384",
                                                         "ECDSA_SHA_512",
                                                         "SM2DSA",
                                                         "ML_DSA_SHAKE_256",
                                                         "ED25519_SHA_512",
                                                         "ED25519_PH_SHA_512"};
constexpr Member kSigningAlgorithm{
    .name = "SigningAlgorithm", .required = true, .values = kSigningAlgorithms};
constexpr Member kMessageType{.name = "MessageType", .values = kMessageTypes};
constexpr std::array kSignMembers{key_id_member(),
                                  blob_member("Message", 4096, true),
                                  kMessageType,
                                  kGrantTokens,
                                  kSigningAlgorithm,
                                  kDryRun};
constexpr Shape kSign{kSignMembers};
constexpr std::array kVerifyMembers{key_id_member(),
                                    blob_member("Message", 4096, true),
                                    kMessageType,
                                    blob_member("Signature", 6144),
                                    kSigningAlgorithm,
                                    kGrantTokens,
                                    kDryRun};
constexpr Shape kVerify{kVerifyMembers};

// In the order in which AWS names them.
constexpr std::array<string_view, 4> kMacAlgorithms{
    "HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512"};
constexpr Member kMacAlgorithm{.name = "MacAlgorithm", .required = true, .values = kMacAlgorithms};
constexpr std::array kGenerateMacMembers{
    blob_member("Message", 4096, true), key_id_member(), kMacAlgorithm, kGrantTokens, kDryRun};
constexpr Shape kGenerateMac{kGenerateMacMembers};
constexpr std::array kVerifyMacMembers{blob_member("Message", 4096, true),
                                       key_id_member(),
                                       kMacAlgorithm,
                                       blob_member("Mac", 6144),
                                       kGrantTokens,
                                       kDryRun};
constexpr Shape kVerifyMac{kVerifyMacMembers};
constexpr std::array<string_view, 1> kAgreements{"ECDH"};
constexpr std::array kDeriveMembers{
    key_id_member(),
    Member{.name = "KeyAgreementAlgorithm", .required = true, .values = kAgreements},
    blob_member("PublicKey", 8192),
    kGrantTokens,
    kDryRun,
    Member{.name = "Recipient", .kind = Kind::structure, .of = &kNoInput}};
constexpr Shape kDerive{kDeriveMembers};

// How many versions a signature without a version may be of.
constexpr std::size_t kTried = 8;

struct Signing {
  KmsKey key;
  std::string algorithm;
  domain::SignOptions options;
  Bytes message;
};

Result<Signing> signing_of(Kms& kms, string_view operation) {
  COFFER_CHECK(check_grant_tokens(kms));
  Signing out;
  COFFER_TRY(out.key, kms.named("KeyId", Naming::alias_too));
  COFFER_CHECK(check_use(kms, out.key, KeyPurpose::sign_verify, operation));
  COFFER_TRY(out.algorithm, text_or_empty(kms.call.body, "SigningAlgorithm"));
  const KmsSpec& spec = spec_of(*out.key);
  const SigningAlgorithm* known = find_signing(out.algorithm);
  if (known == nullptr || std::ranges::find(spec.signing, out.algorithm) == spec.signing.end()) {
    return incompatible(out.algorithm, spec);
  }
  if (*out.key->derived) return unsupported_operation("");
  COFFER_TRY(const auto message, aws::blob(kms.call.body, "Message"));
  out.message = to_bytes(message->view());
  COFFER_TRY(const auto type, text(kms.call.body, "MessageType"));
  const std::string kind = type.value_or("RAW");
  const bool digest = kind == "DIGEST";
  const bool edwards = *out.key->type == domain::KeyType::ed25519;
  if (kind == "EXTERNAL_MU" || (digest && edwards)) {
    return validation("MessageType " + kind + " is not valid for algorithm " + out.algorithm + ".");
  }
  if (digest && out.message.size() != crypto::digest_size(known->hash)) {
    return validation("Digest is invalid length for algorithm " + out.algorithm + ".");
  }
  out.options = {.hash = known->hash,
                 .padding = known->padding,
                 .salt = crypto::kSaltLikeHash,
                 .prehashed = digest};
  return out;
}

Result<Reply> sign(Kms& kms) {
  COFFER_TRY(const Signing what, signing_of(kms, "Sign"));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const auto ready, kms.keys().maker(*what.key, KeyUse::sign, 0));
  const auto work = [key = ready.key, message = what.message, options = what.options] {
    return key->sign({}, message, options);
  };
  Bytes signature;
  if (ready.key->slow()) {
    COFFER_TRY(const Bytes* made, kms.call.effects.get<Bytes>("sign", work));
    signature = *made;
  } else {
    COFFER_TRY(signature, work());
  }
  kms.call.note("key", domain::key_id(*what.key));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(what.key.arn);
    w.key("Signature").string(secure::base64_text(signature).text());
    w.key("SigningAlgorithm").string(what.algorithm);
  });
}

Result<Reply> verify(Kms& kms) {
  COFFER_TRY(const Signing what, signing_of(kms, "Verify"));
  COFFER_TRY(const auto signature, aws::blob(kms.call.body, "Signature"));
  bool holds = false;
  std::size_t tried = 0;
  for (auto at = what.key->versions->rbegin();
       !holds && at != what.key->versions->rend() && tried < kTried &&
       at->number >= *what.key->min_decryption;
       ++at, ++tried) {
    COFFER_TRY(const auto ready, kms.keys().opener(*what.key, KeyUse::verify, at->number));
    COFFER_TRY(holds, ready.key->verify({}, what.message, signature->view(), what.options));
  }
  if (!holds) {
    return aws::fail(Code::invalid_argument, "KMSInvalidSignatureException", "");
  }
  COFFER_CHECK(check_dry_run(kms.call));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(what.key.arn);
    w.key("SignatureValid").boolean(true);
    w.key("SigningAlgorithm").string(what.algorithm);
  });
}

struct Macing {
  KmsKey key;
  std::string algorithm;
  crypto::HashKind hash{};
  Bytes message;
};

Result<Macing> mac_of(Kms& kms, string_view operation) {
  COFFER_CHECK(check_grant_tokens(kms));
  Macing out;
  COFFER_TRY(out.key, kms.named("KeyId", Naming::alias_too));
  COFFER_CHECK(check_use(kms, out.key, KeyPurpose::generate_verify_mac, operation));
  COFFER_TRY(out.algorithm, text_or_empty(kms.call.body, "MacAlgorithm"));
  const KmsSpec& spec = spec_of(*out.key);
  const auto hash = mac_hash(out.algorithm);
  if (!hash || std::ranges::find(spec.mac, out.algorithm) == spec.mac.end()) {
    return incompatible(out.algorithm, spec);
  }
  out.hash = *hash;
  COFFER_TRY(const auto message, aws::blob(kms.call.body, "Message"));
  out.message = to_bytes(message->view());
  return out;
}

Result<Reply> generate_mac(Kms& kms) {
  COFFER_TRY(const Macing what, mac_of(kms, "GenerateMac"));
  COFFER_CHECK(check_dry_run(kms.call));
  COFFER_TRY(const auto ready, kms.keys().maker(*what.key, KeyUse::mac, 0));
  const Bytes mac = ready.key->mac(what.hash, what.message);
  kms.call.note("key", domain::key_id(*what.key));
  return json_answer([&](JsonWriter& w) {
    w.key("Mac").string(secure::base64_text(mac).text());
    w.key("MacAlgorithm").string(what.algorithm);
    w.key("KeyId").string(what.key.arn);
  });
}

Result<Reply> verify_mac(Kms& kms) {
  COFFER_TRY(const Macing what, mac_of(kms, "VerifyMac"));
  COFFER_TRY(const auto given, aws::blob(kms.call.body, "Mac"));
  domain::MasterKeys keys = kms.keys();
  keys.work_for(KeyOperation::verify_mac);
  bool holds = false;
  std::size_t tried = 0;
  for (auto at = what.key->versions->rbegin();
       !holds && at != what.key->versions->rend() && tried < kTried &&
       at->number >= *what.key->min_decryption;
       ++at, ++tried) {
    COFFER_TRY(const auto ready, keys.opener(*what.key, KeyUse::mac, at->number));
    holds = secure::equal(ready.key->mac(what.hash, what.message), given->view());
  }
  if (!holds) return aws::fail(Code::invalid_argument, "KMSInvalidMacException", "");
  COFFER_CHECK(check_dry_run(kms.call));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(what.key.arn);
    w.key("MacValid").boolean(true);
    w.key("MacAlgorithm").string(what.algorithm);
  });
}

Result<Reply> derive_shared_secret(Kms& kms) {
  COFFER_CHECK(check_grant_tokens(kms));
  COFFER_TRY(const KmsKey key, kms.named("KeyId", Naming::alias_too));
  COFFER_CHECK(check_use(kms, key, KeyPurpose::key_agreement, "DeriveSharedSecret"));
  if (kms.call.body.find_value("Recipient")) {
    return unsupported_operation("Recipient is not supported.");
  }
  COFFER_TRY(const auto peer, aws::blob(kms.call.body, "PublicKey"));
  COFFER_TRY(const auto ready, kms.keys().maker(*key, KeyUse::agree, 0));
  const auto secret = ready.key->agree(peer->view());
  if (!secret) return validation("");
  COFFER_CHECK(check_dry_run(kms.call));
  kms.call.note("key", domain::key_id(*key));
  return json_answer([&](JsonWriter& w) {
    w.key("KeyId").string(key.arn);
    w.key("SharedSecret").string(secure::base64_text(secret->view()).text());
    w.key("KeyAgreementAlgorithm").string("ECDH");
    w.key("KeyOrigin").string(*key->imported ? "EXTERNAL" : "AWS_KMS");
  });
}

}  // namespace

void add_kms_sign_operations(OperationTable& table, const Services& services) {
  const auto add = [&](const Shape& shape,
                       EventType event,
                       string_view action,
                       string_view name,
                       string_view path,
                       GrantOperation grant,
                       KmsHandler handler) {
    table.push_back(kms_operation(
        services,
        shape,
        event,
        {.action = action, .iam = name, .path = path, .naming = Naming::alias_too, .grant = grant},
        handler));
  };
  add(kSign, EventType::key_signed, "kms.sign", "Sign", "sign/{}", GrantOperation::sign, sign);
  add(kVerify,
      EventType::key_verified,
      "kms.verify",
      "Verify",
      "verify/{}",
      GrantOperation::verify,
      verify);
  add(kGenerateMac,
      EventType::key_mac_computed,
      "kms.mac",
      "GenerateMac",
      "hmac/{}",
      GrantOperation::generate_mac,
      generate_mac);
  add(kVerifyMac,
      EventType::key_verified,
      "kms.verify",
      "VerifyMac",
      "verify/{}",
      GrantOperation::verify_mac,
      verify_mac);
  add(kDerive,
      EventType::key_secret_agreed,
      "kms.agree",
      "DeriveSharedSecret",
      "agree/{}",
      GrantOperation::derive_shared_secret,
      derive_shared_secret);
}

}  // namespace coffer::dialects::aws
