#include "base/encoding.h"
#include "dialects/vault/transit_test.h"

#include <gmock/gmock.h>

namespace coffer::dialects::vault {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Transit, SignsAndVerifiesWithEveryType) {
  for (const std::string_view type :
       {"ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ecdsa-secp256k1", "ed25519", "rsa-2048"}) {
    const std::string name(type);
    make(name, R"({"type":")" + name + "\"}");
    for (const std::string_view more : {"",
                                        R"(,"hash_algorithm":"sha2-512")",
                                        R"(,"marshaling_algorithm":"jws")",
                                        R"(,"signature_algorithm":"pkcs1v15")",
                                        R"(,"salt_length":"hash")"}) {
      const std::string options(more);
      const TestAnswer made = post("transit/sign/" + name, R"({"input":"YQ==")" + options + "}");
      ASSERT_EQ(made.status, 200) << type << more << made.body;
      const std::string signature = made.text("data", "signature");
      EXPECT_THAT(signature, StartsWith("vault:v1:"));
      const auto valid = [&](std::string_view input) {
        return post("transit/verify/" + name,
                    R"({"input":")" + std::string(input) + R"(","signature":")" + signature + "\"" +
                        options + "}")
            .text("data", "valid");
      };
      EXPECT_EQ(valid("YQ=="), "true") << type << more;
      EXPECT_EQ(valid("Yg=="), "false") << type << more;
    }
  }
  make("aes");
  EXPECT_EQ(error("transit/sign/aes", R"({"input":"YQ=="})"),
            "key type aes256-gcm96 does not support signing");
  EXPECT_EQ(error("transit/verify/aes", R"({"input":"YQ==","signature":"vault:v1:AA=="})"),
            "key type aes256-gcm96 does not support verification");
  EXPECT_EQ(error("transit/sign/none"), "signing key not found");
  EXPECT_EQ(error("transit/sign/ed25519/sha1", R"({"input":"YQ=="})"), "invalid hash algorithm");
  EXPECT_EQ(error("transit/verify/ed25519"),
            "neither a 'signature' nor an 'hmac' were given to verify");
  EXPECT_EQ(error("transit/verify/ed25519", R"({"signature":"x"})"),
            "invalid signature: no prefix");
  EXPECT_EQ(error("transit/verify/ed25519", R"({"signature":"vault:v9:AA=="})"),
            "invalid signature: version is too new");
  EXPECT_EQ(error("transit/sign/rsa-2048", R"({"input":"YQ==","salt_length":"x"})"),
            "salt length neither 'auto', 'hash', nor an int");
}

TEST_F(Transit, ComputesAndChecksMacs) {
  make("k");
  make("h", R"({"type":"hmac","key_size":64})");
  for (const std::string_view name : {"k", "h"}) {
    const std::string key(name);
    const TestAnswer made = post("transit/hmac/" + key + "/sha2-512", R"({"input":"YQ=="})");
    const std::string mac = made.text("data", "hmac");
    EXPECT_EQ(base64_decode(mac.substr(9))->size(), 64U);
    const auto valid = [&](std::string_view path) {
      return post(std::string(path) + key, R"({"input":"YQ==","hmac":")" + mac + "\"}")
          .text("data", "valid");
    };
    EXPECT_EQ(valid("transit/verify/"), "false");  // another algorithm
    EXPECT_EQ(
        post("transit/verify/" + key + "/sha2-512", R"({"input":"YQ==","hmac":")" + mac + "\"}")
            .text("data", "valid"),
        "true");
  }
  EXPECT_EQ(error("transit/hmac/k"), "missing input for HMAC");
  EXPECT_EQ(error("transit/hmac/k/md5", R"({"input":"YQ=="})"), "unsupported algorithm");
  EXPECT_EQ(error("transit/hmac/k", R"({"input":"YQ==","key_version":2})"),
            "key version does not exist; latest key version is 1");
  EXPECT_EQ(error("transit/verify/k", R"({"input":"YQ==","hmac":"x"})"),
            "invalid HMAC to verify: no prefix");
  EXPECT_EQ(error("transit/encrypt/h", R"({"plaintext":"YQ=="})"),
            "message encryption not supported for key type hmac");
}

}  // namespace
}  // namespace coffer::dialects::vault
