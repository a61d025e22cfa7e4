// Which condition keys a request has: callers whose policies ask for them.

#include "dialects/aws/sts_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace coffer::dialects::aws
