// The keys of services: named before they are there, used through their service, changed by nobody.
#include "dialects/aws/kms_managed.h"

#include "dialects/aws/kms_test.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kDescribe = R"({"KeyId":"alias/aws/ssm"})";

class ManagedKeyTest : public KmsDialectTest {
 protected:
  // Of all pages, an alias a page: "NAME" or "NAME=KEY" in order.
  std::vector<std::string> aliases() {
    std::vector<std::string> found;
    std::string more;
    while (true) {
      const TestAnswer page = call("ListAliases", R"({"Limit":1)" + more + "}");
      EXPECT_EQ(page.status, 200) << page.body;
      const auto parsed = formats::JsonView::parse(page.body);
      for (const formats::JsonView& alias : parsed->find("Aliases")->elements()) {
        const auto target = alias.find_value("TargetKeyId");
        found.push_back(*alias.find("AliasName")->string() +
                        (target ? "=" + *target->string() : ""));
        EXPECT_EQ(alias.find_value("CreationDate").has_value(), target.has_value());
      }
      if (page.text("Truncated") != "true") return found;
      more = R"(,"Marker":")" + page.text("NextMarker") + "\"";
    }
  }

  std::string put_parameter() {
    const TestAnswer put =
        gate_.json("AmazonSSM.PutParameter", R"({"Name":"/s","Value":"v","Type":"SecureString"})");
    EXPECT_EQ(put.status, 200) << put.body;
    return gate_.json("AmazonSSM.GetParameter", R"({"Name":"/s"})").text("Parameter", "Value");
  }

  const gate::TestKey admin_ = gate::make_aws_administrator(gate_);
};

TEST_F(ManagedKeyTest, AliasesAreListedBeforeTheirKeys) {
  using List = std::vector<std::string>;
  EXPECT_EQ(aliases(), (List{"alias/aws/secretsmanager", "alias/aws/ssm"}));
  const std::string id = make();
  for (const std::string_view alias : {"alias/a", "alias/aws0", "alias/z"}) {
    ASSERT_EQ(error("CreateAlias",
                    R"({"AliasName":")" + std::string(alias) + R"(","TargetKeyId":")" + id + "\"}"),
              "");
  }
  const std::string managed = call("DescribeKey", kDescribe).text("KeyMetadata", "KeyId");
  EXPECT_EQ(aliases(),
            (List{"alias/a=" + id,
                  "alias/aws/secretsmanager",
                  "alias/aws/ssm=" + managed,
                  "alias/aws0=" + id,
                  "alias/z=" + id}));
}

TEST_F(ManagedKeyTest, DescribingOneMakesItOnceInEachRegion) {
  const TestAnswer first = call("DescribeKey", kDescribe);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.text("KeyMetadata", "KeyManager"), "AWS");
  EXPECT_EQ(first.text("KeyMetadata", "KeyState"), "Enabled");
  const std::string id = first.text("KeyMetadata", "KeyId");
  EXPECT_EQ(call("DescribeKey", kDescribe).text("KeyMetadata", "KeyId"), id);
  EXPECT_EQ(call("DescribeKey", with_key(id)).text("KeyMetadata", "Arn"), arn(id));
  const TestAnswer elsewhere = call_as(admin_, "DescribeKey", kDescribe, "eu-north-1");
  EXPECT_EQ(elsewhere.status, 200) << elsewhere.body;
  EXPECT_NE(elsewhere.text("KeyMetadata", "KeyId"), id);
  EXPECT_EQ(error("DescribeKey", R"({"KeyId":"alias/aws/other"})"),
            "NotFoundException: Alias arn:aws:kms:us-east-1:123456789012:alias/aws/other is not "
            "found.");
}

TEST_F(ManagedKeyTest, DescribingOneIsForThoseWhoMay) {
  const gate::TestKey bob = gate::make_aws_user(gate_, "bob");
  EXPECT_EQ(call_as(bob, "DescribeKey", kDescribe).text("__type"), "AccessDeniedException");
  EXPECT_EQ(aliases().back(), "alias/aws/ssm");
}

TEST_F(ManagedKeyTest, ParameterStoreAndKmsMeanTheSameKey) {
  const std::string id = call("DescribeKey", kDescribe).text("KeyMetadata", "KeyId");
  const std::string blob = put_parameter();
  EXPECT_EQ(decrypt(blob,
                    R"(,"EncryptionContext":{"PARAMETER_ARN":)"
                    R"("arn:aws:ssm:us-east-1:123456789012:parameter/s"})"),
            "dg==");
  EXPECT_EQ(call("ListKeys").text("Keys"),
            R"([{"KeyId":")" + id + R"(","KeyArn":")" + arn(id) + R"("}])");
  EXPECT_NE(call("GetKeyLastUsage", with_key(id)).text("KeyLastUsage"), "");
}

TEST_F(ManagedKeyTest, IsUsedThroughItsServiceOnly) {
  const std::string blob = put_parameter();
  const std::string context = R"(,"EncryptionContext":{"PARAMETER_ARN":)"
                              R"("arn:aws:ssm:us-east-1:123456789012:parameter/s"})";
  EXPECT_EQ(call_as(admin_, "Decrypt", R"({"CiphertextBlob":")" + blob + "\"" + context + "}")
                .text("__type"),
            "AccessDeniedException");
  EXPECT_EQ(call_as(admin_, "Encrypt", R"({"KeyId":"alias/aws/ssm","Plaintext":"aGVsbG8="})")
                .text("__type"),
            "AccessDeniedException");
}

// AWS's own policy of such a key refuses whoever asks; a root token is told by the key itself.
TEST_F(ManagedKeyTest, IsChangedByNobody) {
  const std::string id = call("DescribeKey", kDescribe).text("KeyMetadata", "KeyId");
  const std::string whole = call("GetKeyPolicy", with_key(id)).body;
  for (const auto& [operation, more] : std::vector<std::pair<std::string, std::string>>{
           {"DisableKey", ""},
           {"EnableKey", ""},
           {"ScheduleKeyDeletion", ""},
           {"EnableKeyRotation", ""},
           {"DisableKeyRotation", ""},
           {"RotateKeyOnDemand", ""},
           {"UpdateKeyDescription", R"(,"Description":"x")"},
           {"TagResource", R"(,"Tags":[{"TagKey":"a","TagValue":"b"}])"},
           {"UntagResource", R"(,"TagKeys":["a"])"},
           {"PutKeyPolicy", R"(,"Policy":"{}")"}}) {
    EXPECT_EQ(call_as(admin_, operation, with_key(id, more)).text("__type"),
              "AccessDeniedException")
        << operation;
    EXPECT_EQ(call(operation, with_key(id, more)).text("__type"), "UnsupportedOperationException")
        << operation;
  }
  const std::string alias = R"({"AliasName":"alias/mine","TargetKeyId":")" + id + "\"}";
  EXPECT_EQ(call_as(admin_, "CreateAlias", alias).text("__type"), "AccessDeniedException");
  EXPECT_EQ(call("CreateAlias", alias).text("__type"), "UnsupportedOperationException");
  EXPECT_EQ(call("DeleteAlias", R"({"AliasName":"alias/aws/ssm"})").text("__type"),
            "NotAuthorizedException");
  EXPECT_EQ(state(id), "Enabled");
  EXPECT_EQ(call("GetKeyPolicy", with_key(id)).body, whole);
  EXPECT_EQ(call("GetKeyRotationStatus", with_key(id)).text("KeyRotationEnabled"), "true");
}

// Whichever way the service's own key is named, the secret lies under the keyring.
TEST_F(ManagedKeyTest, SecretsManagersKeyWrapsNothing) {
  const std::string key =
      call("DescribeKey", R"({"KeyId":"alias/aws/secretsmanager"})").text("KeyMetadata", "Arn");
  ASSERT_EQ(gate_
                .json("secretsmanager.CreateSecret",
                      R"({"Name":"s","SecretString":"v","ClientRequestToken":)"
                      R"("00000000-0000-4000-8000-000000000001","KmsKeyId":")" +
                          key + "\"}")
                .status,
            200);
  EXPECT_EQ(call("GetKeyLastUsage", with_key(key)).text("KeyLastUsage"), "");
}

}  // namespace
}  // namespace coffer::dialects::aws
