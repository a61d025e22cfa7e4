// Keys that AWS's clients gave a policy, asked for through transit.
#include "dialects/vault/transit_test.h"

namespace coffer::dialects::vault {
namespace {

class TransitPolicy : public Transit {
 protected:
  // As PutKeyPolicy does.
  void put_policy(std::string_view name,
                  std::string_view statement,
                  std::string_view region = "",
                  std::vector<domain::KeyTag> tags = {}) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
    const auto found = domain::Mounts(view).resolve(domain::MountKind::secret, "transit/");
    domain::MasterKeys keys(view, found->mount->id, unsealed->kms);
    const auto key = keys.find(name);
    ASSERT_TRUE(key && *key);
    domain::KeyAbout about;
    about.policy = R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}";
    about.tags = std::move(tags);
    domain::MasterKeyRow row = (*key)->row;
    row.region = std::string(region);
    ASSERT_TRUE(keys.describe(row, about));
    proof::Event event;
    event.time = gate_.clock.now();
    event.type = proof::EventType::key_policy_changed;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
    gate_.clock.advance(std::chrono::milliseconds(1));
  }

  int decrypts_as(const std::string& token, std::string_view ciphertext) {
    return gate_
        .call("POST",
              "/v1/transit/decrypt/k",
              R"({"ciphertext":")" + std::string(ciphertext) + "\"}",
              token)
        .status;
  }
};

constexpr std::string_view kToAccount =
    R"({"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"})";
constexpr std::string_view kToBob =
    R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},"Action":"kms:*","Resource":"*"})";
constexpr std::string_view kNoDecrypt =
    R"({"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"})";

TEST_F(TransitPolicy, LeavesItToTheAccountOrKeepsTransitOut) {
  make("k");
  const std::string token = gate_.token_with(
      "path \"transit/*\" {\n  capabilities = [\"create\", \"update\", \"read\"]\n}\n");
  const std::string sealed = encrypt("k");
  EXPECT_EQ(decrypts_as(token, sealed), 200);
  put_policy("k", kToAccount);
  EXPECT_EQ(decrypts_as(token, sealed), 200);
  put_policy("k", std::string(kToAccount) + "," + std::string(kNoDecrypt));
  EXPECT_EQ(decrypts_as(token, sealed), 403);
  EXPECT_EQ(gate_.call("GET", "/v1/transit/keys/k", "", token).status, 200);
  put_policy("k", kToBob);
  EXPECT_EQ(decrypts_as(token, sealed), 403);
  for (const std::string_view path :
       {"encrypt/k", "sign/k", "hmac/k", "datakey/plaintext/k", "keys/k/rotate", "rewrap/k"}) {
    EXPECT_EQ(
        gate_.call("POST", "/v1/transit/" + std::string(path), R"({"plaintext":""})", token).status,
        403)
        << path;
  }
}

TEST_F(TransitPolicy, AKeyIsNamedInThePartitionOfItsRegion) {
  make("k");
  const std::string token =
      gate_.token_with("path \"transit/*\" {\n  capabilities = [\"create\", \"update\"]\n}\n");
  const std::string sealed = encrypt("k");
  const auto denied = [](std::string_view arn) {
    return std::string(kToAccount) +
           R"(,{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":")" +
           std::string(arn) + "\"}";
  };
  put_policy("k", denied("arn:aws-cn:kms:cn-north-1:*:key/*"), "cn-north-1");
  EXPECT_EQ(decrypts_as(token, sealed), 403);
  put_policy("k", denied("arn:aws:kms:*:*:key/*"), "cn-north-1");
  EXPECT_EQ(decrypts_as(token, sealed), 200);
  put_policy("k", denied("arn:aws:kms:us-east-1:*:key/*"));
  EXPECT_EQ(decrypts_as(token, sealed), 403);
}

TEST_F(TransitPolicy, ABackupWithoutANameReplacesNoSuchKey) {
  make("k", R"({"exportable":true,"allow_plaintext_backup":true})");
  const std::string backup = get("transit/backup/k").text("data", "backup");
  put_policy("k", kToAccount);
  const std::string body = R"({"backup":")" + backup + R"(","force":true})";
  EXPECT_EQ(post("transit/restore", body).status, 403);
  EXPECT_EQ(post("transit/restore/k", body).status, 204);
}

// What a policy may ask about the key it asks in transit as well.
TEST_F(TransitPolicy, AConditionAboutTheKeyHoldsHereToo) {
  make("k");
  const std::string token =
      gate_.token_with("path \"transit/*\" {\n  capabilities = [\"create\", \"update\"]\n}\n");
  const std::string sealed = encrypt("k");
  for (const std::string_view condition :
       {R"("StringEquals":{"aws:ResourceTag/frozen":"true"})",
        R"("StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT"})",
        R"("StringEquals":{"kms:KeyUsage":"ENCRYPT_DECRYPT"})",
        R"("StringEquals":{"kms:KeyOrigin":"AWS_KMS"})",
        R"("Bool":{"kms:MultiRegion":"false"})",
        R"("StringEquals":{"kms:CallerAccount":"123456789012"})"}) {
    put_policy(
        "k",
        std::string(kToAccount) +
            R"(,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{)" +
            std::string(condition) + "}}",
        "",
        {{"frozen", "true"}});
    EXPECT_EQ(decrypts_as(token, sealed), 403) << condition;
  }
  put_policy(
      "k",
      std::string(kToAccount) +
          R"(,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{)"
          R"("StringEquals":{"aws:ResourceTag/frozen":"true"}}})",
      "",
      {});
  EXPECT_EQ(decrypts_as(token, sealed), 200);
}

// Transit has other words for how a key is used: a denial that asks in AWS's is not passed by.
TEST_F(TransitPolicy, WhatTransitDoesNotSayInWordsOfAwsIsUnknown) {
  make("k");
  make("signs", R"({"type":"ecdsa-p256"})");
  const std::string token =
      gate_.token_with("path \"transit/*\" {\n  capabilities = [\"create\", \"update\"]\n}\n");
  const std::string sealed = encrypt("k");
  const auto deny = [&](std::string_view name, std::string_view condition) {
    put_policy(name,
               std::string(kToAccount) +
                   R"(,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",)" +
                   R"("Condition":{"StringEquals":{)" + std::string(condition) + "}}}");
  };
  const auto signs = [&] {
    return gate_.call("POST", "/v1/transit/sign/signs", R"({"input":"aGVsbG8="})", token).status;
  };
  deny("k", R"("kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT")");
  EXPECT_EQ(decrypts_as(token, sealed), 403);
  deny("k", R"("kms:EncryptionAlgorithm":"RSAES_OAEP_SHA_1")");
  EXPECT_EQ(decrypts_as(token, sealed), 200);
  deny("k", R"("kms:SigningAlgorithm":"ECDSA_SHA_256")");
  EXPECT_EQ(decrypts_as(token, sealed), 200);
  EXPECT_EQ(signs(), 200);
  deny("signs", R"("kms:SigningAlgorithm":"ECDSA_SHA_512")");
  EXPECT_EQ(signs(), 403);
  deny("signs", R"("kms:MessageType":"DIGEST")");
  EXPECT_EQ(signs(), 403);
}

}  // namespace
}  // namespace coffer::dialects::vault
