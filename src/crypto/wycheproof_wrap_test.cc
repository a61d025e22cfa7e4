#include "crypto/key_wrap.h"
#include "crypto/signature.h"
#include "crypto/wycheproof_vectors.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

using Object = boost::json::object;

using Wrap = Result<Bytes> (*)(ByteView, ByteView);
using Unwrap = Result<secure::SecureBytes> (*)(ByteView, ByteView);

// Unwrapping must agree with the expectation, and wrapping a valid key must give its octets.
Check wraps(Wrap wrap, Unwrap unwrap) {
  return [wrap, unwrap](const Object&, const Object& test) {
    const Bytes kek = hex_member(test, "key");
    const Bytes key = hex_member(test, "msg");
    const Bytes wrapped = hex_member(test, "ct");
    const auto opened = unwrap(kek, wrapped);
    if (opened && to_bytes(opened->view()) != key) return Outcome::wrong;
    if (opened && *wrap(kek, key) != wrapped) return Outcome::wrong;
    return judge(test, opened.has_value());
  };
}

TEST(WycheproofKeyWrap, Rfc3394) {
  run_wycheproof("aes_wrap_test.json", 0, wraps(wrap_key, unwrap_key));
}

TEST(WycheproofKeyWrap, Rfc5649) {
  run_wycheproof("aes_kwp_test.json", 0, wraps(wrap_padded_key, unwrap_padded_key));
}

TEST(WycheproofSignature, RsaOaepSha1) {
  // Left out: messages with a label.
  run_wycheproof(
      "rsa_oaep_2048_sha1_mgf1sha1_test.json", 7, [](const Object& group, const Object& test) {
        if (!hex_member(test, "label").empty()) return Outcome::not_applicable;
        const auto key = PrivateKey::from_der(hex_member(group, "privateKeyPkcs8"));
        if (!key) return Outcome::wrong;
        const auto opened = key->decrypt_oaep(hex_member(test, "ct"), HashKind::sha1);
        return judge(test, opened && to_bytes(opened->view()) == hex_member(test, "msg"));
      });
}

// The same vectors through the functions that take digests.
Check verifies_digest(SignatureScheme scheme) {
  return [scheme](const Object& group, const Object& test) {
    const auto key = PublicKey::from_der(hex_member(group, "publicKeyDer"));
    if (!key) return Outcome::not_applicable;
    const Bytes digest = hash(scheme.hash, hex_member(test, "msg"));
    return judge(test, key->verify_digest(digest, hex_member(test, "sig"), scheme));
  };
}

TEST(WycheproofSignature, OverDigests) {
  run_wycheproof(
      "ecdsa_secp256r1_sha256_test.json", 0, verifies_digest({.hash = HashKind::sha256}));
  run_wycheproof(
      "ecdsa_secp384r1_sha384_test.json", 0, verifies_digest({.hash = HashKind::sha384}));
  run_wycheproof("rsa_pss_2048_sha256_mgf1_32_test.json",
                 0,
                 verifies_digest({.hash = HashKind::sha256, .padding = Padding::pss}));
  run_wycheproof("rsa_signature_2048_sha256_test.json",
                 2,
                 verifies_digest({.hash = HashKind::sha256, .padding = Padding::pkcs1}));
}

}  // namespace
}  // namespace coffer::crypto
