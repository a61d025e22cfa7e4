#include "base/encoding.h"
#include "dialects/vault/transit_test.h"
#include "gate/housekeeper.h"

#include <gmock/gmock.h>

namespace coffer::dialects::vault {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Transit, CreatesReadsListsAndDeletesKeys) {
  EXPECT_EQ(gate_.as_root("LIST", "/v1/transit/keys").status, 404);
  make("b");
  make("a", R"({"type":"ecdsa-p256","exportable":true})");
  EXPECT_EQ(gate_.as_root("LIST", "/v1/transit/keys").text("data", "keys"), R"(["a","b"])");
  const TestAnswer b = get("transit/keys/b");
  EXPECT_EQ(b.text("data", "type"), "aes256-gcm96");
  EXPECT_EQ(b.text("data", "latest_version"), "1");
  EXPECT_EQ(b.text("data", "min_decryption_version"), "1");
  EXPECT_EQ(b.text("data", "min_encryption_version"), "0");
  EXPECT_EQ(b.text("data", "supports_signing"), "false");
  EXPECT_FALSE(b.text("data", "keys", "1").empty());
  const TestAnswer a = get("transit/keys/a");
  EXPECT_EQ(a.text("data", "keys", "1", "name"), "P-256");
  EXPECT_THAT(a.text("data", "keys", "1", "public_key"), StartsWith("-----BEGIN PUBLIC KEY"));
  EXPECT_EQ(a.text("data", "exportable"), "true");
  EXPECT_THAT(post("transit/keys/a").body, HasSubstr("key a already existed"));
  EXPECT_EQ(get("transit/keys/none").status, 404);
  EXPECT_EQ(remove("transit/keys/b").error(),
            "error deleting policy b: deletion is not allowed for this key");
  EXPECT_EQ(post("transit/keys/b/config", R"({"deletion_allowed":true})").status, 200);
  EXPECT_EQ(remove("transit/keys/b").status, 204);
  EXPECT_EQ(get("transit/keys/b").status, 404);
  EXPECT_EQ(remove("transit/keys/b").error(),
            "error deleting policy b: could not delete key; not found");
}

TEST_F(Transit, RefusesKeysThatCannotBe) {
  EXPECT_EQ(error("transit/keys/k", R"({"type":"des"})"), "unknown key type");
  EXPECT_EQ(error("transit/keys/k", R"({"convergent_encryption":true})"),
            "convergent encryption requires derivation to be enabled");
  EXPECT_THAT(error("transit/keys/k", R"({"type":"rsa-2048","derived":true})"),
              HasSubstr("not supported for keys of type rsa-2048"));
  EXPECT_EQ(error("transit/keys/k", R"({"key_size":32})"),
            "key_size is not valid for algorithm aes256-gcm96");
  EXPECT_EQ(error("transit/keys/k", R"({"type":"hmac","key_size":31})"), "invalid key_size");
  EXPECT_THAT(error("transit/keys/k", R"({"auto_rotate_period":"59m"})"),
              HasSubstr("at least an hour"));
  EXPECT_EQ(get("transit/keys/k").status, 404);
}

TEST_F(Transit, EachOperationNeedsItsOwnPath) {
  make("k");
  const std::string sealed = encrypt("k");
  const std::string token =
      gate_.token_with(R"(path "transit/encrypt/k" { capabilities = ["update"] })");
  const std::string body = R"({"ciphertext":")" + sealed + R"(","plaintext":"YQ=="})";
  EXPECT_EQ(gate_.call("POST", "/v1/transit/encrypt/k", body, token).status, 200);
  for (const std::string_view path : {"decrypt/k",
                                      "rewrap/k",
                                      "datakey/plaintext/k",
                                      "sign/k",
                                      "verify/k",
                                      "hmac/k",
                                      "keys/k/rotate",
                                      "keys/k/config",
                                      "keys/k/trim",
                                      "keys/k",
                                      "restore/k",
                                      "random",
                                      "hash"}) {
    EXPECT_EQ(gate_.call("POST", "/v1/transit/" + std::string(path), body, token).status, 403)
        << path;
  }
  for (const std::string_view path :
       {"keys/k", "export/encryption-key/k", "backup/k", "wrapping_key"}) {
    EXPECT_EQ(gate_.call("GET", "/v1/transit/" + std::string(path), "", token).status, 403) << path;
  }
}

TEST_F(Transit, RotatesRewrapsAndTrims) {
  make("k");
  const std::string first = encrypt("k");
  EXPECT_EQ(post("transit/keys/k/rotate").text("data", "latest_version"), "2");
  const TestAnswer rewrapped = post("transit/rewrap/k", R"({"ciphertext":")" + first + "\"}");
  EXPECT_EQ(rewrapped.text("data", "key_version"), "2");
  EXPECT_EQ(decrypt("k", rewrapped.text("data", "ciphertext")), kText);
  EXPECT_EQ(decrypt("k", first), kText);
  EXPECT_EQ(error("transit/encrypt/k", R"({"plaintext":"YQ==","key_version":3})"),
            "requested version for encryption is higher than the latest key version");
  EXPECT_THAT(encrypt("k", R"(,"key_version":1)"), StartsWith("vault:v1:"));
  EXPECT_EQ(
      post("transit/keys/k/config", R"({"min_decryption_version":2,"min_encryption_version":2})")
          .status,
      200);
  EXPECT_EQ(decrypt("k", first),
            "ciphertext or signature version is disallowed by policy (too old)");
  EXPECT_EQ(error("transit/keys/k/trim"), "missing min_available_version");
  EXPECT_EQ(post("transit/keys/k/trim", R"({"min_available_version":2})")
                .text("data", "min_available_version"),
            "2");
  EXPECT_EQ(get("transit/keys/k").text("data", "keys", "1"), "");
  EXPECT_EQ(error("transit/keys/none/rotate"), "key not found");
  EXPECT_EQ(error("transit/keys/none/trim"), "invalid key name");
  EXPECT_THAT(error("transit/keys/none/config"), HasSubstr("no existing key named none"));
}

TEST_F(Transit, ADisabledKeyRefusesOnEveryPath) {
  make("k", R"({"exportable":true,"allow_plaintext_backup":true})");
  make("s", R"({"type":"ed25519"})");
  const std::string sealed = encrypt("k");
  const std::string signature =
      post("transit/sign/s", R"({"input":"YQ=="})").text("data", "signature");
  for (const std::string_view name : {"k", "s"}) {
    EXPECT_EQ(remove("transit/keys/" + std::string(name) + "/soft-delete").status, 204);
  }
  const std::string both = R"({"plaintext":"YQ==","ciphertext":")" + sealed + "\"}";
  for (const std::string_view path : {"encrypt/k",
                                      "decrypt/k",
                                      "rewrap/k",
                                      "datakey/plaintext/k",
                                      "datakey/wrapped/k",
                                      "hmac/k",
                                      "keys/k/rotate"}) {
    const std::string body = path == "hmac/k" ? R"({"input":"YQ=="})" : both;
    EXPECT_EQ(error("transit/" + std::string(path), body), "the key is disabled") << path;
  }
  EXPECT_EQ(error("transit/sign/s", R"({"input":"YQ=="})"), "the key is disabled");
  EXPECT_EQ(error("transit/verify/s", R"({"input":"YQ==","signature":")" + signature + "\"}"),
            "the key is disabled");
  EXPECT_EQ(error("transit/verify/k", R"({"input":"YQ==","hmac":"vault:v1:AA=="})"),
            "the key is disabled");
  EXPECT_EQ(get("transit/export/encryption-key/k").error(), "the key is disabled");
  EXPECT_EQ(get("transit/backup/k").error(), "the key is disabled");
  EXPECT_EQ(get("transit/keys/k").text("data", "soft_deleted"), "true");
  EXPECT_EQ(post("transit/keys/k/soft-delete-restore").status, 204);
  EXPECT_EQ(decrypt("k", sealed), kText);
}

TEST_F(Transit, HasRandomOctetsAndHashes) {
  EXPECT_EQ(base64_decode(post("transit/random/16").text("data", "random_bytes"))->size(), 16U);
  EXPECT_EQ(post("transit/hash/sha3-256", R"({"input":""})").text("data", "sum"),
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

TEST_F(Transit, ForgetsKeysWithTheirMount) {
  make("k");
  const std::string sealed = encrypt("k");
  EXPECT_EQ(remove("sys/mounts/transit").status, 204);
  EXPECT_EQ(post("sys/mounts/transit", R"({"type":"transit"})").status, 204);
  EXPECT_EQ(decrypt("k", sealed), "encryption key not found");
}

TEST_F(Transit, LeavesAnEventForEachUse) {
  make("k");
  (void)gate_.events();
  decrypt("k", encrypt("k"));
  const auto events = gate_.events();
  ASSERT_EQ(events.size(), 4U);  // the use of the root token before each
  EXPECT_EQ(events[1].type, proof::EventType::key_encrypted);
  EXPECT_EQ(events[3].type, proof::EventType::key_decrypted);
  EXPECT_EQ(events[1].accesses.front().action, "kms.encrypt");
  EXPECT_EQ(events[1].accesses.front().resource, "transit/encrypt/k");
}

TEST_F(Transit, TheHousekeeperRotatesWhatIsDue) {
  make("k", R"({"auto_rotate_period":"2h"})");
  gate::Housekeeper housekeeper(gate_.lifecycle, gate_.clock, *gate_.random, "node");
  ASSERT_TRUE(housekeeper.tend_keys());
  EXPECT_EQ(get("transit/keys/k").text("data", "latest_version"), "1");
  gate_.clock.advance(std::chrono::hours(2));
  (void)gate_.events();
  ASSERT_TRUE(housekeeper.tend_keys());
  const auto events = gate_.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().type, proof::EventType::key_rotated);
  EXPECT_EQ(get("transit/keys/k").text("data", "latest_version"), "2");
}

TEST_F(Transit, RemovedMountsLeaveNoRowsOfKeys) {
  make("k");
  encrypt("k");
  gate::Housekeeper housekeeper(gate_.lifecycle, gate_.clock, *gate_.random, "node");
  ASSERT_TRUE(housekeeper.tend_keys());
  EXPECT_EQ(remove("sys/mounts/transit").status, 204);
  ASSERT_TRUE(housekeeper.erase_removed());
  for (const auto& table : {rows::tables::kMasterKeys,
                            rows::tables::kKeyVersions,
                            rows::tables::kKeyUses,
                            rows::tables::kKeyAliases}) {
    EXPECT_TRUE(gate_.store.scan_keys(table.id, rows::kRootRealm, {}, {}, 1)->empty())
        << table.name;
  }
}

}  // namespace
}  // namespace coffer::dialects::vault
