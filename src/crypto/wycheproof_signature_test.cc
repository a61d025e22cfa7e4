#include "crypto/signature.h"
#include "crypto/wycheproof_vectors.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

using Object = boost::json::object;

// A group's public key, or nothing when it is of a kind that from_der() refuses.
std::optional<PublicKey> key_of(const Object& group) {
  auto key = PublicKey::from_der(hex_member(group, "publicKeyDer"));
  if (!key) {
    EXPECT_EQ(key.error().code, Code::unsupported);
    return std::nullopt;
  }
  return std::move(*key);
}

Check verifies(HashKind hash, Padding padding) {
  return [hash, padding](const Object& group, const Object& test) {
    const auto key = key_of(group);
    if (!key) return Outcome::not_applicable;
    return judge(test,
                 key->verify(hex_member(test, "msg"), hex_member(test, "sig"), hash, padding));
  };
}

// Signatures of r || s pass through ecdsa_from_raw().
Check verifies_raw(HashKind hash) {
  return [hash](const Object& group, const Object& test) {
    const auto key = key_of(group);
    if (!key) return Outcome::not_applicable;
    const auto der = ecdsa_from_raw(key->kind(), hex_member(test, "sig"));
    return judge(test, der && key->verify(hex_member(test, "msg"), *der, hash));
  };
}

TEST(WycheproofSignature, EcdsaP256) {
  run_wycheproof("ecdsa_secp256r1_sha256_test.json", 0, verifies(HashKind::sha256, Padding::none));
  run_wycheproof("ecdsa_secp256r1_sha256_p1363_test.json", 0, verifies_raw(HashKind::sha256));
}

TEST(WycheproofSignature, EcdsaP384) {
  run_wycheproof("ecdsa_secp384r1_sha384_test.json", 0, verifies(HashKind::sha384, Padding::none));
  run_wycheproof("ecdsa_secp384r1_sha384_p1363_test.json", 0, verifies_raw(HashKind::sha384));
}

TEST(WycheproofSignature, Ed25519) {
  run_wycheproof("ed25519_test.json", 0, verifies(HashKind::sha256, Padding::none));
}

TEST(WycheproofSignature, RsaPss) {
  run_wycheproof(
      "rsa_pss_2048_sha256_mgf1_32_test.json", 0, verifies(HashKind::sha256, Padding::pss));
}

TEST(WycheproofSignature, RsaPkcs1) {
  // Left out: two keys with the exponent 3.
  run_wycheproof(
      "rsa_signature_2048_sha256_test.json", 2, verifies(HashKind::sha256, Padding::pkcs1));
}

TEST(WycheproofSignature, RsaOaep) {
  // Left out: messages with a label.
  run_wycheproof(
      "rsa_oaep_2048_sha256_mgf1sha256_test.json", 8, [](const Object& group, const Object& test) {
        if (!hex_member(test, "label").empty()) return Outcome::not_applicable;
        const auto key = PrivateKey::from_der(hex_member(group, "privateKeyPkcs8"));
        if (!key) return Outcome::wrong;
        const auto opened = key->decrypt_oaep(hex_member(test, "ct"), HashKind::sha256);
        return judge(test, opened && to_bytes(opened->view()) == hex_member(test, "msg"));
      });
}

}  // namespace
}  // namespace coffer::crypto
