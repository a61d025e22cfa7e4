#include "base/encoding.h"
#include "crypto/key_wrap.h"
#include "dialects/vault/transit_test.h"

#include <gmock/gmock.h>

namespace coffer::dialects::vault {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Transit, ExportsWhatMayLeave) {
  make("k");
  EXPECT_EQ(get("transit/export/encryption-key/k").error(),
            "private key material is not exportable");
  EXPECT_EQ(post("transit/keys/k/config", R"({"exportable":true})").status, 200);
  const TestAnswer key = get("transit/export/encryption-key/k/latest");
  EXPECT_EQ(base64_decode(key.text("data", "keys", "1"))->size(), 32U);
  EXPECT_EQ(get("transit/export/signing-key/k").error(), "signing not supported for the key");
  EXPECT_EQ(get("transit/export/other/k").error(), "invalid export type");
  EXPECT_EQ(get("transit/export/hmac-key/k/9").error(),
            "version does not exist or cannot be found");
  EXPECT_EQ(get("transit/export/hmac-key/none").status, 404);
  make("r", R"({"type":"rsa-2048","exportable":true})");
  EXPECT_THAT(get("transit/export/signing-key/r").text("data", "keys", "1"),
              StartsWith("-----BEGIN RSA PRIVATE KEY"));
  EXPECT_THAT(get("transit/export/signing-key/r?format=pem").text("data", "keys", "1"),
              StartsWith("-----BEGIN PRIVATE KEY"));
  make("e", R"({"type":"ed25519","exportable":true})");
  EXPECT_EQ(base64_decode(get("transit/export/signing-key/e").text("data", "keys", "1"))->size(),
            64U);
  EXPECT_EQ(get("transit/export/public-key/e").text("data", "keys", "1"),
            get("transit/keys/e").text("data", "keys", "1", "public_key"));
}

TEST_F(Transit, BacksUpAndRestores) {
  make("k", R"({"exportable":true})");
  EXPECT_EQ(get("transit/backup/k").status, 500);  // as Vault answers
  EXPECT_EQ(get("transit/backup/k").error(), "plaintext backup is disallowed on the policy");
  EXPECT_EQ(post("transit/keys/k/config", R"({"allow_plaintext_backup":true})").status, 200);
  const std::string sealed = encrypt("k");
  const std::string body = R"({"backup":")" + get("transit/backup/k").text("data", "backup") + "\"";
  EXPECT_EQ(post("transit/restore", body + "}").status, 500);
  EXPECT_THAT(post("transit/restore", body + "}").error(), HasSubstr("already exists"));
  EXPECT_EQ(post("transit/restore/copy", body + "}").status, 204);
  EXPECT_EQ(decrypt("copy", sealed), kText);
  EXPECT_EQ(post("transit/restore", body + R"(,"force":true})").status, 204);
  EXPECT_EQ(decrypt("k", sealed), kText);
  EXPECT_EQ(error("transit/restore"), "'backup' must be supplied");
  EXPECT_THAT(error("transit/restore", R"({"backup":"YQ=="})"), HasSubstr("not a backup"));
}

TEST_F(Transit, ImportsKeysUnderTheWrappingKey) {
  plant_wrapping_key();
  const std::string pem = get("transit/wrapping_key").text("data", "public_key");
  EXPECT_EQ(get("transit/wrapping_key").text("data", "public_key"), pem);
  const auto wrapping = crypto::PublicKey::from_pem(pem);
  ASSERT_TRUE(wrapping);
  const Bytes ephemeral(32, 5);
  const auto wrapped = [&](ByteView material) {
    Bytes blob = *wrapping->encrypt_oaep(ephemeral, crypto::HashKind::sha256);
    append(blob, *crypto::wrap_padded_key(ephemeral, material));
    return R"({"ciphertext":")" + base64_encode(blob) + "\"";
  };
  const Bytes own(32, 9);
  EXPECT_EQ(post("transit/keys/k/import", wrapped(own) + R"(,"exportable":true})").status, 204);
  EXPECT_EQ(get("transit/export/encryption-key/k").text("data", "keys", "1"), base64_encode(own));
  EXPECT_EQ(get("transit/keys/k").text("data", "imported_key"), "true");
  EXPECT_EQ(decrypt("k", encrypt("k")), kText);
  EXPECT_THAT(error("transit/keys/k/rotate"), HasSubstr("does not allow rotation"));
  EXPECT_THAT(error("transit/keys/k/import", wrapped(own) + "}"),
              HasSubstr("cannot be used with an existing key"));
  EXPECT_EQ(post("transit/keys/k/import_version", wrapped(Bytes(32, 8)) + "}").status, 204);
  EXPECT_EQ(get("transit/keys/k").text("data", "latest_version"), "2");
  EXPECT_THAT(error("transit/keys/l/import", wrapped(Bytes(31, 8)) + "}"),
              HasSubstr("invalid key size 31"));
  EXPECT_THAT(error("transit/keys/l/import", R"({"ciphertext":"YQ=="})"), HasSubstr("too short"));
  EXPECT_EQ(post("transit/keys/p/import", R"({"type":"ed25519","public_key":"x"})").status, 400);
  make("own");
  EXPECT_THAT(error("transit/keys/own/import_version", wrapped(own) + "}"),
              HasSubstr("only be used with an imported key"));
}

}  // namespace
}  // namespace coffer::dialects::vault
