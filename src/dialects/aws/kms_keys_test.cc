#include "base/encoding.h"
#include "dialects/aws/kms_test.h"

#include <set>

namespace coffer::dialects::aws {
namespace {

TEST_F(KmsDialectTest, DescribesANewKeyAsAwsDoes) {
  const TestAnswer made =
      call("CreateKey",
           R"({"Description":"d","Tags":[{"TagKey":"team","TagValue":"x"}],"MultiRegion":true})");
  ASSERT_EQ(made.status, 200) << made.body;
  const auto says = [&](std::string_view name) { return made.text("KeyMetadata", name); };
  const std::string id = says("KeyId");
  EXPECT_TRUE(id.starts_with("mrk-"));
  EXPECT_EQ(says("Arn"), arn(id));
  EXPECT_EQ(says("AWSAccountId"), "123456789012");
  EXPECT_EQ(says("Enabled"), "true");
  EXPECT_EQ(says("Description"), "d");
  EXPECT_EQ(says("KeyUsage"), "ENCRYPT_DECRYPT");
  EXPECT_EQ(says("KeyState"), "Enabled");
  EXPECT_EQ(says("Origin"), "AWS_KMS");
  EXPECT_EQ(says("KeyManager"), "CUSTOMER");
  EXPECT_EQ(says("KeySpec"), "SYMMETRIC_DEFAULT");
  EXPECT_EQ(says("CustomerMasterKeySpec"), "SYMMETRIC_DEFAULT");
  EXPECT_EQ(says("EncryptionAlgorithms"), R"(["SYMMETRIC_DEFAULT"])");
  EXPECT_EQ(says("MultiRegion"), "true");
  EXPECT_EQ(says("CurrentKeyMaterialId").size(), 64U);
  EXPECT_EQ(says("DeletionDate"), "");
  EXPECT_EQ(call("DescribeKey", with_key(id)).body, made.body);
  EXPECT_EQ(call("DescribeKey", with_key(arn(id))).body, made.body);
}

TEST_F(KmsDialectTest, ListsKeysByPages) {
  EXPECT_EQ(call("ListKeys").text("Keys"), "[]");
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(make());
  std::set<std::string> found;
  std::string marker;
  for (int page = 0; page < 3; ++page) {
    const TestAnswer answer =
        call("ListKeys",
             R"({"Limit":2)" + (marker.empty() ? "" : R"(,"Marker":")" + marker + "\"") + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto parsed = formats::JsonView::parse(answer.body);
    for (const auto& key : parsed->find("Keys")->elements()) {
      found.insert(*key.find("KeyId")->string());
    }
    EXPECT_EQ(answer.text("Truncated"), page < 2 ? "true" : "false");
    marker = answer.text("NextMarker");
  }
  EXPECT_EQ(found, made);
}

TEST_F(KmsDialectTest, SchedulesAndCancelsDeletion) {
  const std::string id = make();
  const TestAnswer scheduled =
      call("ScheduleKeyDeletion", with_key(id, R"(,"PendingWindowInDays":7)"));
  EXPECT_EQ(scheduled.text("KeyId"), arn(id));
  EXPECT_EQ(scheduled.text("KeyState"), "PendingDeletion");
  EXPECT_EQ(scheduled.text("PendingWindowInDays"), "7");
  EXPECT_EQ(call("DescribeKey", with_key(id)).text("KeyMetadata", "DeletionDate"),
            scheduled.text("DeletionDate"));
  EXPECT_EQ(call("CancelKeyDeletion", with_key(id)).text("KeyId"), arn(id));
  EXPECT_EQ(state(id), "Disabled");
  for (const std::string_view days : {"6", "31"}) {
    EXPECT_EQ(
        error("ScheduleKeyDeletion", with_key(id, R"(,"PendingWindowInDays":)" + std::string(days)))
            .substr(0, 19),
        "ValidationException");
  }
}

TEST_F(KmsDialectTest, TagsAreKeptAndListed) {
  const std::string id = make(R"({"Tags":[{"TagKey":"b","TagValue":"1"}]})");
  ASSERT_EQ(
      error(
          "TagResource",
          with_key(id, R"(,"Tags":[{"TagKey":"a","TagValue":"x"},{"TagKey":"b","TagValue":"2"}])")),
      "");
  EXPECT_EQ(call("ListResourceTags", with_key(id)).text("Tags"),
            R"([{"TagKey":"a","TagValue":"x"},{"TagKey":"b","TagValue":"2"}])");
  const TestAnswer page = call("ListResourceTags", with_key(id, R"(,"Limit":1)"));
  EXPECT_EQ(page.text("Truncated"), "true");
  EXPECT_EQ(call("ListResourceTags",
                 with_key(id, R"(,"Limit":1,"Marker":")" + page.text("NextMarker") + "\""))
                .text("Tags"),
            R"([{"TagKey":"b","TagValue":"2"}])");
  ASSERT_EQ(error("UntagResource", with_key(id, R"(,"TagKeys":["a","never"])")), "");
  EXPECT_EQ(call("ListResourceTags", with_key(id)).text("Tags"),
            R"([{"TagKey":"b","TagValue":"2"}])");
}

TEST_F(KmsDialectTest, AliasesNameKeys) {
  const std::string id = make();
  const std::string other = make();
  const auto put = [&](std::string_view operation, std::string_view alias, std::string_view key) {
    return error(operation,
                 R"({"AliasName":")" + std::string(alias) + R"(","TargetKeyId":")" +
                     std::string(key) + "\"}");
  };
  ASSERT_EQ(put("CreateAlias", "alias/prod", id), "");
  EXPECT_EQ(put("CreateAlias", "alias/prod", other),
            "AlreadyExistsException: An alias with the name "
            "arn:aws:kms:us-east-1:123456789012:alias/prod already exists");
  const std::string blob = encrypt("alias/prod");
  EXPECT_EQ(decrypt(blob, R"(,"KeyId":"arn:aws:kms:us-east-1:123456789012:alias/prod")"), kHello);
  EXPECT_EQ(call("DescribeKey", with_key("alias/prod")).text("KeyMetadata", "KeyId"), id);
  for (const std::string_view name : {"prod", "none"}) {
    const std::string foreign = "arn:aws:kms:us-east-1:999999999999:alias/" + std::string(name);
    EXPECT_EQ(error("DescribeKey", with_key(foreign)),
              "NotFoundException: Alias " + foreign + " is not found.");
  }
  ASSERT_EQ(put("UpdateAlias", "alias/prod", other), "");
  EXPECT_EQ(call("DescribeKey", with_key("alias/prod")).text("KeyMetadata", "KeyId"), other);
  EXPECT_EQ(decrypt(blob), kHello);
  EXPECT_EQ(call("ListAliases", with_key(id)).text("Aliases"), "[]");
  const std::string listed = call("ListAliases", with_key(other)).text("Aliases");
  EXPECT_NE(listed.find(R"("TargetKeyId":")" + other), std::string::npos) << listed;
  EXPECT_EQ(put("UpdateAlias", "alias/none", other),
            "NotFoundException: Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found.");
  EXPECT_EQ(put("CreateAlias", "alias/aws/mine", id), "NotAuthorizedException");
  EXPECT_EQ(put("CreateAlias", "alias/x", "alias/prod"),
            "ValidationException: Aliases must refer to keys. Not aliases");
  const std::string mac = make(R"({"KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC"})");
  EXPECT_EQ(put("UpdateAlias", "alias/prod", mac).substr(0, 19), "ValidationException");
  EXPECT_EQ(error("EnableKey", with_key("alias/prod")),
            "NotFoundException: Invalid keyId 'alias/prod'");
  ASSERT_EQ(error("DeleteAlias", R"({"AliasName":"alias/prod"})"), "");
  EXPECT_EQ(error("DescribeKey", with_key("alias/prod")).substr(0, 17), "NotFoundException");
}

TEST_F(KmsDialectTest, RotationHasAPlanAndAHistory) {
  const std::string id = make();
  EXPECT_EQ(call("GetKeyRotationStatus", with_key(id)).text("KeyRotationEnabled"), "false");
  ASSERT_EQ(error("EnableKeyRotation", with_key(id)), "");
  const TestAnswer on = call("GetKeyRotationStatus", with_key(id));
  EXPECT_EQ(on.text("KeyRotationEnabled"), "true");
  EXPECT_EQ(on.text("RotationPeriodInDays"), "365");
  EXPECT_NE(on.text("NextRotationDate"), "");
  ASSERT_EQ(error("EnableKeyRotation", with_key(id, R"(,"RotationPeriodInDays":90)")), "");
  EXPECT_EQ(call("GetKeyRotationStatus", with_key(id)).text("RotationPeriodInDays"), "90");
  EXPECT_EQ(call("ListKeyRotations", with_key(id)).text("Rotations"), "[]");
  ASSERT_EQ(error("RotateKeyOnDemand", with_key(id)), "");
  const std::string rotations = call("ListKeyRotations", with_key(id)).text("Rotations");
  EXPECT_NE(rotations.find(R"("RotationType":"ON_DEMAND")"), std::string::npos) << rotations;
  EXPECT_NE(rotations.find(R"("KeyMaterialState":"CURRENT")"), std::string::npos);
  const std::string all =
      call("ListKeyRotations", with_key(id, R"(,"IncludeKeyMaterial":"ALL_KEY_MATERIAL")"))
          .text("Rotations");
  EXPECT_NE(all.find(R"("KeyMaterialState":"NON_CURRENT")"), std::string::npos) << all;
  ASSERT_EQ(error("DisableKeyRotation", with_key(id)), "");
  EXPECT_EQ(call("GetKeyRotationStatus", with_key(id)).text("KeyRotationEnabled"), "false");
}

TEST_F(KmsDialectTest, KnowsItsLastUse) {
  const std::string id = make();
  EXPECT_EQ(call("GetKeyLastUsage", with_key(id)).text("KeyLastUsage"), "");
  const std::string blob = encrypt(id);
  EXPECT_EQ(call("GetKeyLastUsage", with_key(id)).text("KeyLastUsage", "Operation"), "Encrypt");
  EXPECT_EQ(decrypt(blob), kHello);
  EXPECT_EQ(call("GetKeyLastUsage", with_key(id)).text("KeyLastUsage", "Operation"), "Decrypt");
  EXPECT_EQ(error("GenerateDataKey", with_key(id, R"(,"KeySpec":"AES_256")")), "");
  const TestAnswer last = call("GetKeyLastUsage", with_key(id));
  EXPECT_EQ(last.text("KeyLastUsage", "Operation"), "GenerateDataKey");
  EXPECT_EQ(last.text("KeyId"), arn(id));
}

TEST_F(KmsDialectTest, RandomOctets) {
  const TestAnswer made = call("GenerateRandom", R"({"NumberOfBytes":1024})");
  EXPECT_EQ(base64_decode(made.text("Plaintext"))->size(), 1024U);
  EXPECT_NE(made.text("Plaintext"),
            call("GenerateRandom", R"({"NumberOfBytes":1024})").text("Plaintext"));
}

}  // namespace
}  // namespace coffer::dialects::aws
