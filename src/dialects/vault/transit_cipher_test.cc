#include "base/encoding.h"
#include "dialects/vault/transit_test.h"

#include <gmock/gmock.h>

namespace coffer::dialects::vault {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Transit, EncryptsAndDecrypts) {
  make("k");
  const std::string sealed = encrypt("k");
  EXPECT_THAT(sealed, StartsWith("vault:v1:"));
  EXPECT_EQ(base64_decode(sealed.substr(9))->size(), 12U + 5U + 16U);
  EXPECT_EQ(decrypt("k", sealed), kText);
  EXPECT_EQ(error("transit/encrypt/k"), "missing plaintext to encrypt");
  EXPECT_THAT(error("transit/encrypt/k", R"({"plaintext":"%"})"), HasSubstr("illegal base64"));
  EXPECT_EQ(error("transit/decrypt/k"), "missing ciphertext to decrypt");
  EXPECT_EQ(decrypt("none", sealed), "encryption key not found");
  EXPECT_EQ(decrypt("k", "plain"), "invalid ciphertext: no prefix");
  EXPECT_EQ(decrypt("k", "vault:v1"), "invalid ciphertext: wrong number of fields");
  EXPECT_EQ(decrypt("k", "vault:vx:AA=="),
            "invalid ciphertext: version number could not be decoded");
  EXPECT_EQ(decrypt("k", "vault:v2:AA=="), "invalid ciphertext: version is too new");
  EXPECT_EQ(decrypt("k", "vault:v1:%"), "invalid ciphertext: could not decode base64");
  EXPECT_EQ(decrypt("k", "vault:v1:AA=="), "invalid ciphertext length");
  std::string changed = sealed;
  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(decrypt("k", changed), "cipher: message authentication failed");
}

TEST_F(Transit, BindsAssociatedData) {
  make("k");
  const std::string sealed = encrypt("k", R"(,"associated_data":"YQ==")");
  EXPECT_EQ(decrypt("k", sealed, R"(,"associated_data":"YQ==")"), kText);
  EXPECT_EQ(decrypt("k", sealed), "cipher: message authentication failed");
  make("r", R"({"type":"rsa-2048"})");
  EXPECT_EQ(error("transit/encrypt/r", R"({"plaintext":"YQ==","associated_data":"YQ=="})"),
            "'[0].associated_data' provided for non-AEAD cipher suite rsa-2048");
  EXPECT_EQ(decrypt("r", encrypt("r")), kText);
}

// CVE-2023-4680.
TEST_F(Transit, ACallersNonceIsRefusedEverywhere) {
  make("k");
  const std::string sealed = encrypt("k");
  const std::string nonce = R"(,"nonce":"AAAAAAAAAAAAAAAA")";
  constexpr std::string_view kRefused = "provided nonce not allowed for this key";
  EXPECT_EQ(error("transit/encrypt/k", R"({"plaintext":"YQ==")" + nonce + "}"), kRefused);
  EXPECT_EQ(error("transit/datakey/plaintext/k", R"({"bits":256)" + nonce + "}"), kRefused);
  EXPECT_EQ(error("transit/rewrap/k", R"({"ciphertext":")" + sealed + "\"" + nonce + "}"),
            kRefused);
  EXPECT_EQ(decrypt("k", sealed, nonce), kRefused);
  EXPECT_THAT(
      post("transit/encrypt/k", R"({"batch_input":[{"plaintext":"YQ==")" + nonce + "}]}").body,
      HasSubstr(kRefused));
  EXPECT_EQ(post("transit/keys/c", R"({"derived":true,"convergent_encryption":true})").status, 200);
  EXPECT_EQ(error("transit/encrypt/c", R"({"plaintext":"YQ==","context":"YQ==")" + nonce + "}"),
            kRefused);
}

TEST_F(Transit, EncryptingMakesAKeyForWhoMayCreate) {
  EXPECT_EQ(decrypt("new", encrypt("new")), kText);
  EXPECT_EQ(get("transit/keys/new").text("data", "derived"), "false");
  encrypt("ctx", R"(,"context":"YQ==")");
  EXPECT_EQ(get("transit/keys/ctx").text("data", "derived"), "true");
  const std::string updater =
      gate_.token_with(R"(path "transit/encrypt/*" { capabilities = ["update"] })");
  const std::string body = R"({"plaintext":"YQ=="})";
  EXPECT_EQ(gate_.call("POST", "/v1/transit/encrypt/new", body, updater).status, 200);
  EXPECT_EQ(gate_.call("POST", "/v1/transit/encrypt/other", body, updater).status, 403);
  EXPECT_EQ(post("transit/config/keys", R"({"disable_upsert":true})").status, 200);
  EXPECT_EQ(error("transit/encrypt/other", body), "encryption key not found");
  EXPECT_EQ(get("transit/config/keys").text("data", "disable_upsert"), "true");
}

TEST_F(Transit, BatchesAnswerEachItem) {
  make("k");
  const TestAnswer sealed = post("transit/encrypt/k",
                                 R"({"batch_input":[{"plaintext":"YQ==","reference":"one"},
                                     {"plaintext":"%"},{"plaintext":"Yg=="}]})");
  EXPECT_EQ(sealed.status, 400);  // as Vault answers when an item failed
  EXPECT_THAT(sealed.body, HasSubstr(R"("reference":"one")"));
  EXPECT_THAT(sealed.body, HasSubstr("illegal base64"));
  EXPECT_EQ(post("transit/encrypt/k",
                 R"({"batch_input":[{"plaintext":"YQ=="},{"plaintext":"%"}],
                     "partial_failure_response_code":207})")
                .status,
            207);
  EXPECT_EQ(post("transit/encrypt/k", R"({"batch_input":[{"plaintext":"YQ=="}]})").status, 200);
  EXPECT_EQ(error("transit/encrypt/k", R"({"batch_input":[]})"), "missing batch input to process");
  EXPECT_THAT(error("transit/encrypt/k", R"({"batch_input":[1]})"), HasSubstr("expected a map"));
  EXPECT_EQ(
      error("transit/encrypt/k",
            R"({"batch_input":[{"plaintext":"YQ==","context":"YQ=="},{"plaintext":"YQ=="}]})"),
      "context should be set either in all the request blocks or in none");
  const TestAnswer opened =
      post("transit/decrypt/k", R"({"batch_input":[{"ciphertext":")" + encrypt("k") + R"("}]})");
  EXPECT_EQ(opened.status, 200);
  EXPECT_THAT(opened.body, HasSubstr(kText));
}

// More items than the loop thread takes: a worker does them, and the answer is the same.
TEST_F(Transit, LargeBatchesAreDoneByAWorker) {
  make("k");
  std::string body = R"({"batch_input":[)";
  for (int i = 0; i < 600; ++i) body += std::string(i == 0 ? "" : ",") + R"({"plaintext":"YQ=="})";
  const TestAnswer sealed = post("transit/encrypt/k", body + "]}");
  EXPECT_EQ(sealed.status, 200);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = sealed.body.find("vault:v1:", at)) != std::string::npos; ++at) {
    ++count;
  }
  EXPECT_EQ(count, 600U);
}

TEST_F(Transit, DerivesKeysByContext) {
  make("d", R"({"derived":true})");
  EXPECT_THAT(error("transit/encrypt/d", R"({"plaintext":"YQ=="})"),
              StartsWith("missing 'context' for key derivation"));
  const std::string context = R"(,"context":"YQ==")";
  EXPECT_EQ(decrypt("d", encrypt("d", context), context), kText);
  EXPECT_EQ(decrypt("d", encrypt("d", context), R"(,"context":"Yg==")"),
            "cipher: message authentication failed");
  EXPECT_NE(encrypt("d", context), encrypt("d", context));
  make("c", R"({"derived":true,"convergent_encryption":true})");
  EXPECT_EQ(encrypt("c", context), encrypt("c", context));
  EXPECT_EQ(get("transit/keys/c").text("data", "kdf"), "hkdf_sha256");
  make("e", R"({"type":"ed25519","derived":true})");
  const TestAnswer made = post("transit/sign/e", R"({"input":"YQ==","context":"YQ=="})");
  EXPECT_EQ(made.text("data", "public_key"),
            get("transit/keys/e?context=YQ%3D%3D").text("data", "keys", "1", "public_key"));
}

TEST_F(Transit, MakesDataKeys) {
  make("k");
  for (const auto& [bits, octets] :
       {std::pair{128, 16U}, std::pair{256, 32U}, std::pair{512, 64U}}) {
    const TestAnswer made =
        post("transit/datakey/plaintext/k", "{\"bits\":" + std::to_string(bits) + "}");
    EXPECT_EQ(base64_decode(made.text("data", "plaintext"))->size(), octets);
    EXPECT_EQ(decrypt("k", made.text("data", "ciphertext")), made.text("data", "plaintext"));
  }
  EXPECT_EQ(post("transit/datakey/wrapped/k").text("data", "plaintext"), "");
  EXPECT_EQ(error("transit/datakey/other/k"), "Invalid path, must be 'plaintext' or 'wrapped'");
  EXPECT_EQ(error("transit/datakey/wrapped/k", R"({"bits":100})"), "invalid bit length");
}

}  // namespace
}  // namespace coffer::dialects::vault
