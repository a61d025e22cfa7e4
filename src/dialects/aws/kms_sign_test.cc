#include "base/encoding.h"
#include "dialects/aws/kms_test.h"

namespace coffer::dialects::aws {
namespace {

struct Algorithm {
  const char* spec;
  const char* name;
  std::size_t digest;  // octets; 0: no digests are taken
};

class KmsSignTest : public KmsDialectTest {
 protected:
  static std::string message(std::string_view octets,
                             std::string_view type,
                             std::string_view name) {
    return R"(,"Message":")" + base64_encode(as_bytes(octets)) + R"(","MessageType":")" +
           std::string(type) + R"(","SigningAlgorithm":")" + std::string(name) + "\"";
  }

  std::string make_spec(std::string_view spec, std::string_view usage) {
    return make(R"({"KeySpec":")" + std::string(spec) + R"(","KeyUsage":")" + std::string(usage) +
                "\"}");
  }
};

TEST_F(KmsSignTest, SignsAndVerifiesWithEveryAlgorithm) {
  const Algorithm kAll[] = {{"RSA_2048", "RSASSA_PSS_SHA_256", 32},
                            {"RSA_2048", "RSASSA_PSS_SHA_384", 48},
                            {"RSA_2048", "RSASSA_PSS_SHA_512", 64},
                            {"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", 32},
                            {"RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", 64},
                            {"ECC_NIST_P256", "ECDSA_SHA_256", 32},
                            {"ECC_NIST_P384", "ECDSA_SHA_384", 48},
                            {"ECC_NIST_P521", "ECDSA_SHA_512", 64},
                            {"ECC_SECG_P256K1", "ECDSA_SHA_256", 32},
                            {"ECC_NIST_EDWARDS25519", "ED25519_SHA_512", 0}};
  std::map<std::string, std::string> keys;
  for (const Algorithm& a : kAll) {
    SCOPED_TRACE(std::string(a.spec) + " " + a.name);
    std::string& id = keys[a.spec];
    if (id.empty()) id = make_spec(a.spec, "SIGN_VERIFY");
    const TestAnswer made = call("Sign", with_key(id, message("hello", "RAW", a.name)));
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(made.text("KeyId"), arn(id));
    const std::string signature = R"(,"Signature":")" + made.text("Signature") + "\"";
    const TestAnswer verified =
        call("Verify", with_key(id, message("hello", "RAW", a.name) + signature));
    EXPECT_EQ(verified.status, 200) << verified.body;
    EXPECT_EQ(verified.text("SignatureValid"), "true");
    EXPECT_EQ(error("Verify", with_key(id, message("hellp", "RAW", a.name) + signature)),
              "KMSInvalidSignatureException");
    if (a.digest == 0) {
      EXPECT_EQ(error("Sign", with_key(id, message("hello", "DIGEST", a.name))).substr(0, 19),
                "ValidationException");
      continue;
    }
    EXPECT_EQ(
        error("Sign", with_key(id, message("hello", "DIGEST", a.name))),
        "ValidationException: Digest is invalid length for algorithm " + std::string(a.name) + ".");
    const std::string digest(a.digest, 'd');
    const TestAnswer of_digest = call("Sign", with_key(id, message(digest, "DIGEST", a.name)));
    EXPECT_EQ(error("Verify",
                    with_key(id,
                             message(digest, "DIGEST", a.name) + R"(,"Signature":")" +
                                 of_digest.text("Signature") + "\"")),
              "");
  }
}

TEST_F(KmsSignTest, ASignatureVerifiesOutside) {
  const std::string id = make_spec("ECC_NIST_P256", "SIGN_VERIFY");
  const TestAnswer made = call("Sign", with_key(id, message("hello", "RAW", "ECDSA_SHA_256")));
  const TestAnswer shown = call("GetPublicKey", with_key(id));
  EXPECT_EQ(shown.text("KeyUsage"), "SIGN_VERIFY");
  EXPECT_EQ(shown.text("KeySpec"), "ECC_NIST_P256");
  const auto key = crypto::PublicKey::from_der(*base64_decode(shown.text("PublicKey")));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->verify(as_bytes("hello"), *base64_decode(made.text("Signature"))));
}

TEST_F(KmsSignTest, MacsOfEverySize) {
  const std::pair<const char*, const char*> kAll[] = {{"HMAC_224", "HMAC_SHA_224"},
                                                      {"HMAC_256", "HMAC_SHA_256"},
                                                      {"HMAC_384", "HMAC_SHA_384"},
                                                      {"HMAC_512", "HMAC_SHA_512"}};
  for (const auto& [spec, name] : kAll) {
    const std::string id = make_spec(spec, "GENERATE_VERIFY_MAC");
    EXPECT_EQ(call("DescribeKey", with_key(id)).text("KeyMetadata", "KeySpec"), spec);
    const std::string what = R"(,"Message":"aGVsbG8=","MacAlgorithm":")" + std::string(name) + "\"";
    const TestAnswer made = call("GenerateMac", with_key(id, what));
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string mac = R"(,"Mac":")" + made.text("Mac") + "\"";
    EXPECT_EQ(call("VerifyMac", with_key(id, what + mac)).text("MacValid"), "true");
    const std::string other =
        R"(,"Message":"aGVsbG9v","MacAlgorithm":")" + std::string(name) + "\"";
    EXPECT_EQ(error("VerifyMac", with_key(id, other + mac)), "KMSInvalidMacException");
  }
}

TEST_F(KmsSignTest, AgreesOnASecret) {
  const std::string id = make_spec("ECC_NIST_P384", "KEY_AGREEMENT");
  const auto peer = *crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p384);
  const std::string named = R"(,"KeyAgreementAlgorithm":"ECDH","PublicKey":")";
  const TestAnswer made = call("DeriveSharedSecret",
                               with_key(id, named + base64_encode(peer.public_key().der()) + "\""));
  ASSERT_EQ(made.status, 200) << made.body;
  const Bytes spki = *base64_decode(call("GetPublicKey", with_key(id)).text("PublicKey"));
  EXPECT_EQ(*base64_decode(made.text("SharedSecret")), to_bytes(peer.agree(spki)->view()));
  EXPECT_EQ(made.text("KeyOrigin"), "AWS_KMS");
  const auto other = *crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256);
  EXPECT_EQ(error("DeriveSharedSecret",
                  with_key(id, named + base64_encode(other.public_key().der()) + "\"")),
            "ValidationException");
}

}  // namespace
}  // namespace coffer::dialects::aws
