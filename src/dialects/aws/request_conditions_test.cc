// Which condition keys a request has: callers whose policies ask for them.

#include "dialects/aws/sts_gate.h"
#include "policy/iam_keys.h"
#include "policy/syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

using gate::TestKey;
using testing::HasSubstr;

std::string all_actions(std::string_view effect, std::string_view action, std::string_view when) {
  return R"({"Effect":")" + std::string(effect) + R"(","Action":")" + std::string(action) +
         R"(","Resource":"*","Condition":)" + std::string(when) + "}";
}

// Allows everything where the condition holds.
std::string only_if(std::string_view condition) {
  return all_actions("Allow", "*", condition);
}

// Allows everything but these actions where the condition holds.
std::string unless(std::string_view condition, std::string_view action = "*") {
  return all_actions("Allow", "*", "{}") + "," + all_actions("Deny", action, condition);
}

std::string null_is(std::string_view key, std::string_view value) {
  return R"({"Null":{")" + std::string(key) + R"(":")" + std::string(value) + "\"}}";
}

std::string with(std::string_view text, std::string_view hole, std::string_view filling) {
  std::string out(text);
  for (auto at = out.find(hole); at != std::string::npos; at = out.find(hole, at)) {
    out.replace(at, hole.size(), filling);
    at += filling.size();
  }
  return out;
}

class RequestConditionsTest : public testing::Test {
 protected:
  RequestConditionsTest() {
    gate::change_iam(gate_, [](domain::AwsIdentities& iam) -> Result<> {
      COFFER_CHECK(iam.create_user({.name = "bob", .path = "/", .tags = {{"team", "red"}}}));
      return {};
    });
    gate_.add_role("deploy", trusting(R"({"AWS":"123456789012"})", R"("sts:*")"));
    key_ = gate_.json("TrentService.CreateKey", "{}").text("KeyMetadata", "KeyId");
    gate_.json("TrentService.CreateAlias",
               R"({"AliasName":"alias/a","TargetKeyId":")" + key_ + "\"}");
    blob_ = gate_.json("TrentService.Encrypt", in(R"({"KeyId":"KEY","Plaintext":"aGVsbG8="})"))
                .text("CiphertextBlob");
    gate_.json(
        "secretsmanager.CreateSecret",
        R"({"Name":"s","SecretString":"x","ClientRequestToken":"00000000-0000-0000-0000-000000000001",
            "Tags":[{"Key":"Team","Value":"red"},{"Key":"team","Value":"blue"}]})");
    gate_.json("AmazonSSM.PutParameter", R"({"Name":"p","Type":"String","Value":"x"})");
  }

  // The body with the key and the ciphertext put into it.
  std::string in(std::string_view body) const {
    return with(with(body, "KEY", key_), "BLOB", blob_);
  }

  // Asks for "kms:Encrypt" as a user with these statements and nothing else.
  TestAnswer ask(std::string_view operation, std::string_view body, std::string_view statements) {
    const std::string name = "user" + std::to_string(++users_);
    const TestKey key = gate::make_aws_user(gate_, name);
    gate_.allow_user(name,
                     R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}");
    const std::size_t colon = operation.find(':');
    const std::string service(operation.substr(0, colon));
    const std::string action(operation.substr(colon + 1));
    const bool query = service == "iam" || service == "sts";
    std::string target = service + "." + action;
    if (service == "kms") target = "TrentService." + action;
    if (service == "ssm") target = "AmazonSSM." + action;
    std::string text = in(body);
    if (query) {
      text = "Action=" + action + "&Version=" + (service == "sts" ? "2011-06-15" : "2010-05-08") +
             "&" + text;
    }
    gate::TestHeaders headers = {{"host", "localhost"}};
    if (query) {
      headers.emplace_back("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    } else {
      headers.emplace_back("content-type", "application/x-amz-json-1.1");
      headers.emplace_back("x-amz-target", target);
    }
    return gate_.call(
        "POST",
        "/",
        text,
        "",
        gate::sign(gate_, key, {.service = service, .body = text, .headers = headers}));
  }

  bool allows(std::string_view statements, std::string_view operation, std::string_view body) {
    const TestAnswer answer = ask(operation, body, statements);
    EXPECT_EQ(answer.body.find("Serialization"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("validation error"), std::string::npos) << answer.body;
    return answer.body.find("AccessDenied") == std::string::npos;
  }

  StsGate gate_;
  int users_ = 0;
  std::string key_;
  std::string blob_;
};

// The tag is TAG, its value 1.
struct Tagging {
  std::string_view operation;
  std::string_view body;
  bool takes_away = false;
};

constexpr std::array kTaggings{
    Tagging{"kms:CreateKey", R"({"Tags":[{"TagKey":"TAG","TagValue":"1"}]})"},
    Tagging{"kms:TagResource", R"({"KeyId":"KEY","Tags":[{"TagKey":"TAG","TagValue":"1"}]})"},
    Tagging{"kms:UntagResource", R"({"KeyId":"KEY","TagKeys":["TAG"]})", true},
    Tagging{
        "secretsmanager:CreateSecret",
        R"({"Name":"t","ClientRequestToken":"00000000-0000-0000-0000-000000000001","Tags":[{"Key":"TAG","Value":"1"}]})"},
    Tagging{"secretsmanager:TagResource", R"({"SecretId":"s","Tags":[{"Key":"TAG","Value":"1"}]})"},
    Tagging{"secretsmanager:UntagResource", R"({"SecretId":"s","TagKeys":["TAG"]})", true},
    Tagging{"ssm:PutParameter",
            R"({"Name":"q","Type":"String","Value":"x","Tags":[{"Key":"TAG","Value":"1"}]})"},
    Tagging{"ssm:AddTagsToResource",
            R"({"ResourceType":"Parameter","ResourceId":"p","Tags":[{"Key":"TAG","Value":"1"}]})"},
    Tagging{"ssm:RemoveTagsFromResource",
            R"({"ResourceType":"Parameter","ResourceId":"p","TagKeys":["TAG"]})",
            true},
    Tagging{"iam:CreateUser", "UserName=x&Tags.member.1.Key=TAG&Tags.member.1.Value=1"},
    Tagging{"iam:TagUser", "UserName=bob&Tags.member.1.Key=TAG&Tags.member.1.Value=1"},
    Tagging{"iam:UntagUser", "UserName=bob&TagKeys.member.1=TAG", true},
    Tagging{"iam:CreateRole",
            "RoleName=x&AssumeRolePolicyDocument=x&Tags.member.1.Key=TAG&Tags.member.1.Value=1"},
    Tagging{"iam:TagRole", "RoleName=deploy&Tags.member.1.Key=TAG&Tags.member.1.Value=1"},
    Tagging{"iam:UntagRole", "RoleName=deploy&TagKeys.member.1=TAG", true},
    Tagging{"iam:CreateOpenIDConnectProvider",
            "Url=https://i.example&Tags.member.1.Key=TAG&Tags.member.1.Value=1"},
    Tagging{"sts:AssumeRole",
            "RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=job&Tags.member.1.Key="
            "TAG&Tags.member.1.Value=1"},
};

TEST_F(RequestConditionsTest, EveryOperationThatTagsSaysWhichTags) {
  const std::string cost = only_if(R"({"ForAllValues:StringEquals":{"aws:TagKeys":["cost"]}})");
  const std::string no_admin = unless(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":["admin"]}})");
  const std::string one = only_if(R"({"StringEquals":{"aws:RequestTag/cost":"1"}})");
  for (const Tagging& each : kTaggings) {
    SCOPED_TRACE(each.operation);
    const std::string good = with(each.body, "TAG", "cost");
    const std::string bad = with(each.body, "TAG", "admin");
    EXPECT_TRUE(allows(cost, each.operation, good));
    EXPECT_FALSE(allows(cost, each.operation, bad));
    EXPECT_TRUE(allows(no_admin, each.operation, good));
    EXPECT_FALSE(allows(no_admin, each.operation, bad));
    EXPECT_EQ(allows(one, each.operation, good), !each.takes_away);
    EXPECT_FALSE(allows(one, each.operation, bad));
  }
}

TEST_F(RequestConditionsTest, TagsThatDifferByTheirCaseAreAllAsked) {
  constexpr std::string_view kBoth =
      R"({"Name":"t","ClientRequestToken":"00000000-0000-0000-0000-000000000001",
          "Tags":[{"Key":"Team","Value":"red"},{"Key":"team","Value":"blue"}]})";
  EXPECT_FALSE(allows(only_if(R"({"StringEquals":{"aws:RequestTag/team":"blue"}})"),
                      "secretsmanager:CreateSecret",
                      kBoth));
  for (const std::string key : {"aws:ResourceTag/team", "secretsmanager:ResourceTag/team"}) {
    EXPECT_FALSE(allows(unless(R"({"StringEquals":{")" + key + R"(":"red"}})"),
                        "secretsmanager:DescribeSecret",
                        R"({"SecretId":"s"})"))
        << key;
  }
}

TEST_F(RequestConditionsTest, MembersThatTheOperationDoesNotHaveSayNothing) {
  EXPECT_FALSE(allows(only_if(R"({"StringEquals":{"aws:RequestTag/cost":"1"}})"),
                      "secretsmanager:GetSecretValue",
                      R"({"SecretId":"s","Tags":[{"Key":"cost","Value":"1"}]})"));
  EXPECT_FALSE(allows(only_if(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":"cost"}})"),
                      "secretsmanager:TagResource",
                      R"({"SecretId":"s","Tags":[],"TagKeys":["cost"]})"));
  EXPECT_FALSE(allows(only_if(R"({"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}})"),
                      "secretsmanager:DescribeSecret",
                      R"({"SecretId":"s","VersionStage":"AWSCURRENT"})"));
  EXPECT_FALSE(allows(
      only_if(R"({"StringEquals":{"kms:EncryptionAlgorithm":"RSAES_OAEP_SHA_1"}})"),
      "kms:ReEncrypt",
      R"({"CiphertextBlob":"BLOB","DestinationKeyId":"KEY","EncryptionAlgorithm":"RSAES_OAEP_SHA_1"})"));
  EXPECT_FALSE(allows(only_if(R"({"StringEquals":{"kms:MessageType":"DIGEST"}})"),
                      "kms:DescribeKey",
                      R"({"KeyId":"KEY","MessageType":"DIGEST"})"));
}

constexpr std::string_view kAdministrator =
    "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";

TEST_F(RequestConditionsTest, ADelegateAttachesNoPolicyThatIsKeptFromHim) {
  constexpr std::string_view kArn =
      R"("iam:PolicyARN":"arn:aws:iam::aws:policy/AdministratorAccess")";
  const std::string but_this = R"({"ArnNotEquals":{)" + std::string(kArn) + "}}";
  const std::string this_one = R"({"ArnEquals":{)" + std::string(kArn) + "}}";
  constexpr std::string_view kOther =
      "UserName=bob&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess";
  for (const std::string_view operation : {"iam:AttachUserPolicy", "iam:DetachUserPolicy"}) {
    EXPECT_FALSE(allows(only_if(but_this), operation, kAdministrator));
    EXPECT_FALSE(allows(unless(this_one), operation, kAdministrator));
    EXPECT_TRUE(allows(only_if(but_this), operation, kOther));
    EXPECT_TRUE(allows(unless(this_one), operation, kOther));
  }
}

// A condition key of a service, and a request that has it.
struct Fact {
  std::string_view key;
  std::string_view operation;
  std::string_view body;
};

constexpr std::string_view kSign =
    R"({"KeyId":"KEY","Message":"aGVsbG8=","SigningAlgorithm":"ECDSA_SHA_256"})";
constexpr std::string_view kEncrypt = R"({"KeyId":"alias/a","Plaintext":"aGVsbG8="})";
constexpr std::string_view kEncryptIn =
    R"({"KeyId":"KEY","Plaintext":"aGVsbG8=","EncryptionContext":{"app":"x"}})";
constexpr std::string_view kGrant =
    R"({"KeyId":"KEY","GranteePrincipal":"arn:aws:iam::123456789012:user/bob","RetiringPrincipal":"arn:aws:iam::123456789012:user/bob","Operations":["Decrypt"],"Constraints":{"EncryptionContextEquals":{"a":"b"}}})";
constexpr std::string_view kImport =
    R"({"KeyId":"KEY","ImportToken":"aGVsbG8=","EncryptedKeyMaterial":"aGVsbG8=","ValidTo":1800000000})";
constexpr std::string_view kForImport =
    R"({"KeyId":"KEY","WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_2048"})";
constexpr std::string_view kCreateSecret =
    R"({"Name":"t","Description":"d","KmsKeyId":"KEY","SecretString":"x","ClientRequestToken":"00000000-0000-0000-0000-000000000001"})";
constexpr std::string_view kVersion =
    R"({"SecretId":"s","VersionId":"00000000-0000-0000-0000-000000000001","VersionStage":"AWSCURRENT"})";
constexpr std::string_view kAssume =
    "RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=job&ExternalId=e-1&"
    "SourceIdentity=me&Tags.member.1.Key=a&Tags.member.1.Value=1&TransitiveTagKeys.member.1=a";

constexpr std::array kFacts{
    Fact{"kms:BypassPolicyLockoutSafetyCheck", "kms:CreateKey", "{}"},
    Fact{"kms:BypassPolicyLockoutSafetyCheck",
         "kms:PutKeyPolicy",
         R"({"KeyId":"KEY","Policy":"x"})"},
    Fact{"kms:CallerAccount", "kms:ListKeys", "{}"},
    Fact{"kms:DataKeyPairSpec",
         "kms:GenerateDataKeyPair",
         R"({"KeyId":"KEY","KeyPairSpec":"ECC_NIST_P256"})"},
    Fact{"kms:EncryptionAlgorithm", "kms:Encrypt", kEncrypt},
    Fact{"kms:EncryptionAlgorithm", "kms:Decrypt", R"({"CiphertextBlob":"BLOB"})"},
    Fact{"kms:EncryptionAlgorithm",
         "kms:ReEncrypt",
         R"({"CiphertextBlob":"BLOB","DestinationKeyId":"KEY"})"},
    Fact{
        "kms:EncryptionAlgorithm", "kms:GenerateDataKey", R"({"KeyId":"KEY","KeySpec":"AES_256"})"},
    Fact{"kms:EncryptionAlgorithm", "secretsmanager:CreateSecret", kCreateSecret},
    Fact{"kms:EncryptionContext:app", "kms:Encrypt", kEncryptIn},
    Fact{"kms:EncryptionContextKeys", "kms:Encrypt", kEncryptIn},
    Fact{"kms:ExpirationModel", "kms:ImportKeyMaterial", kImport},
    Fact{"kms:GrantConstraintType", "kms:CreateGrant", kGrant},
    Fact{"kms:GranteePrincipal", "kms:CreateGrant", kGrant},
    Fact{"kms:GrantIsForAWSResource", "kms:CreateGrant", kGrant},
    Fact{"kms:GrantIsForAWSResource", "kms:ListGrants", R"({"KeyId":"KEY"})"},
    Fact{"kms:GrantIsForAWSResource",
         "kms:RevokeGrant",
         R"({"KeyId":"KEY","GrantId":"0123456789"})"},
    Fact{"kms:GrantOperations", "kms:CreateGrant", kGrant},
    Fact{"kms:KeyAgreementAlgorithm",
         "kms:DeriveSharedSecret",
         R"({"KeyId":"KEY","KeyAgreementAlgorithm":"ECDH","PublicKey":"aGVsbG8="})"},
    Fact{"kms:KeyOrigin", "kms:DescribeKey", R"({"KeyId":"KEY"})"},
    Fact{"kms:KeyOrigin", "kms:CreateKey", "{}"},
    Fact{"kms:KeySpec", "kms:DescribeKey", R"({"KeyId":"KEY"})"},
    Fact{"kms:KeySpec", "kms:CreateKey", "{}"},
    Fact{"kms:KeyUsage", "kms:DescribeKey", R"({"KeyId":"KEY"})"},
    Fact{"kms:KeyUsage", "kms:CreateKey", "{}"},
    Fact{"kms:MacAlgorithm",
         "kms:GenerateMac",
         R"({"KeyId":"KEY","Message":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_256"})"},
    Fact{"kms:MessageType", "kms:Sign", kSign},
    Fact{"kms:MultiRegion", "kms:DescribeKey", R"({"KeyId":"KEY"})"},
    Fact{"kms:MultiRegion", "kms:CreateKey", "{}"},
    Fact{"kms:MultiRegionKeyType", "kms:CreateKey", R"({"MultiRegion":true})"},
    Fact{"kms:ReEncryptOnSameKey",
         "kms:ReEncrypt",
         R"({"CiphertextBlob":"BLOB","DestinationKeyId":"KEY"})"},
    Fact{"kms:RequestAlias", "kms:Encrypt", kEncrypt},
    Fact{"kms:RetiringPrincipal", "kms:CreateGrant", kGrant},
    Fact{"kms:RotationPeriodInDays", "kms:EnableKeyRotation", R"({"KeyId":"KEY"})"},
    Fact{"kms:ScheduleKeyDeletionPendingWindowInDays",
         "kms:ScheduleKeyDeletion",
         R"({"KeyId":"KEY"})"},
    Fact{"kms:SigningAlgorithm", "kms:Sign", kSign},
    Fact{"kms:ValidTo", "kms:ImportKeyMaterial", kImport},
    Fact{"kms:ViaService", "secretsmanager:CreateSecret", kCreateSecret},
    Fact{"kms:WrappingAlgorithm", "kms:GetParametersForImport", kForImport},
    Fact{"kms:WrappingKeySpec", "kms:GetParametersForImport", kForImport},
    Fact{"secretsmanager:BlockPublicPolicy",
         "secretsmanager:PutResourcePolicy",
         R"({"SecretId":"s","ResourcePolicy":"x","BlockPublicPolicy":true})"},
    Fact{"secretsmanager:Description", "secretsmanager:CreateSecret", kCreateSecret},
    Fact{"secretsmanager:ForceDeleteWithoutRecovery",
         "secretsmanager:DeleteSecret",
         R"({"SecretId":"none","ForceDeleteWithoutRecovery":true})"},
    Fact{"secretsmanager:KmsKeyId", "secretsmanager:CreateSecret", kCreateSecret},
    Fact{"secretsmanager:Name", "secretsmanager:CreateSecret", kCreateSecret},
    Fact{"secretsmanager:RecoveryWindowInDays",
         "secretsmanager:DeleteSecret",
         R"({"SecretId":"none","RecoveryWindowInDays":7})"},
    Fact{"secretsmanager:ResourceTag/team", "secretsmanager:GetSecretValue", kVersion},
    Fact{
        "secretsmanager:RotationLambdaARN",
        "secretsmanager:RotateSecret",
        R"({"SecretId":"none","ClientRequestToken":"00000000-0000-0000-0000-000000000002","RotationLambdaARN":"x"})"},
    Fact{"secretsmanager:SecretId", "secretsmanager:GetSecretValue", kVersion},
    Fact{"secretsmanager:SecretPrimaryRegion", "secretsmanager:GetSecretValue", kVersion},
    Fact{"secretsmanager:VersionId", "secretsmanager:GetSecretValue", kVersion},
    Fact{"secretsmanager:VersionStage", "secretsmanager:GetSecretValue", kVersion},
    Fact{"ssm:Overwrite", "ssm:PutParameter", R"({"Name":"p","Type":"String","Value":"y"})"},
    Fact{"ssm:Recursive", "ssm:GetParametersByPath", R"({"Path":"/"})"},
    Fact{"sts:DurationSeconds", "sts:AssumeRole", kAssume},
    Fact{"sts:ExternalId", "sts:AssumeRole", kAssume},
    Fact{"sts:RoleSessionName", "sts:AssumeRole", kAssume},
    Fact{"sts:SourceIdentity", "sts:AssumeRole", kAssume},
    Fact{"sts:TransitiveTagKeys", "sts:AssumeRole", kAssume},
    Fact{"iam:PolicyARN", "iam:AttachUserPolicy", kAdministrator},
    Fact{"iam:ResourceTag/team", "iam:GetUser", "UserName=bob"},
};

std::string of_service(std::string_view key) {
  return std::string(key.substr(0, key.find(':'))) + ":*";
}

TEST_F(RequestConditionsTest, EveryKeyThatIsKnownIsThereWhereItSaysSomething) {
  for (const Fact& each : kFacts) {
    SCOPED_TRACE(std::string(each.key) + " of " + std::string(each.operation));
    const std::string of = of_service(each.key);
    EXPECT_FALSE(allows(unless(null_is(each.key, "false"), of), each.operation, each.body));
    EXPECT_TRUE(allows(unless(null_is(each.key, "true"), of), each.operation, each.body));
  }
}

// The other way round: none is known as absent that nothing sets.
TEST(ConditionKeys, EachThatIsKnownIsSetBySomeOperation) {
  for (const std::string_view known : policy::iam_service_keys()) {
    const bool goes_on = known.ends_with(':') || known.ends_with('/');
    EXPECT_TRUE(std::ranges::any_of(kFacts, [&](const Fact& fact) {
      const std::string key = policy::lower_case(fact.key);
      return goes_on ? key.starts_with(known) : key == known;
    })) << known;
  }
}

TEST_F(RequestConditionsTest, AKeyThatNothingSetsDeniesAndDoesNotAllow) {
  constexpr std::string_view kBody = R"({"KeyId":"KEY"})";
  for (const std::string key : {"kms:ResourceAliases",
                                "kms:PrimaryRegion",
                                "kms:ReplicaRegion",
                                "kms:CustomerMasterKeySpec"}) {
    const std::string equals = R"({"StringEquals":{")" + key + R"(":"x"}})";
    const std::string differs = R"({"StringNotEquals":{")" + key + R"(":"x"}})";
    EXPECT_FALSE(allows(unless(equals), "kms:DescribeKey", kBody)) << key;
    EXPECT_FALSE(allows(only_if(differs), "kms:DescribeKey", kBody)) << key;
  }
  EXPECT_FALSE(allows(unless(R"({"StringEquals":{"secretsmanager:AddReplicaRegions":"x"}})"),
                      "secretsmanager:DescribeSecret",
                      R"({"SecretId":"s"})"));
  EXPECT_FALSE(allows(only_if(R"({"StringNotEquals":{"ssm:Policies":"x"}})"),
                      "ssm:PutParameter",
                      R"({"Name":"p","Type":"String","Value":"y","Overwrite":true})"));
}

}  // namespace
}  // namespace coffer::dialects::aws
