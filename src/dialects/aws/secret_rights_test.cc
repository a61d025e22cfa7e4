// Secrets Manager: what callers need rights for beyond the operation itself, and what is refused
// whichever way it is asked.
#include "dialects/aws/secret_test.h"
#include "dialects/aws/signed_call.h"

namespace coffer::dialects::aws {
namespace {

using gate::TestKey;

class SecretRights : public SecretGate {
 protected:
  TestAnswer ask_as(const TestKey& key,
                    std::string_view operation,
                    std::string_view body,
                    std::string_view region = "us-east-1") {
    return signed_call(
        gate_, key, "secretsmanager", "secretsmanager." + std::string(operation), body, region);
  }

  // A user whose one policy has these statements.
  TestKey user_with(const std::string& name, const std::string& statements) {
    const TestKey key = gate::make_aws_user(gate_, name);
    gate::change_iam(gate_, [&](domain::AwsIdentities& iam) {
      return iam.embed(domain::AwsOwner::user,
                       name,
                       "inline",
                       R"({"Version":"2012-10-17","Statement":[)" + statements + "]}");
    });
    return key;
  }

  static std::string allow(const std::string& actions, const std::string& condition = "{}") {
    return R"({"Effect":"Allow","Resource":"*","Action":[)" + actions + R"(],"Condition":)" +
           condition + "}";
  }

  std::string key_of(std::string_view secret) {
    return get("DescribeSecret", R"({"SecretId":")" + std::string(secret) + "\"}", "KmsKeyId");
  }

  void create_under(const std::string& name, const std::string& key) {
    get("CreateSecret",
        R"({"Name":")" + name + R"(","SecretString":"one","KmsKeyId":")" + key +
            R"(","ClientRequestToken":")" + token(1) + "\"}");
  }

  // Whether such a policy gives access to everybody.
  bool is_open(const std::string& condition) {
    std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
        R"("Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":)" +
        condition + "}]}";
    std::string quoted;
    for (const char c : policy) {
      if (c == '"') quoted += '\\';
      quoted += c;
    }
    return get("ValidateResourcePolicy",
               R"({"ResourcePolicy":")" + quoted + "\"}",
               "PolicyValidationPassed") == "false";
  }
};

TEST_F(SecretRights, WhoMayNotDecryptMovesNoSecretFromItsKey) {
  const std::string old = make_key("old");
  const std::string other = make_key("new");
  create_under("s", old);
  const std::string writes = "path \"secret/data/*\" { capabilities = [\"update\"] }\n";
  const auto may = [](const std::string& path) {
    return "path \"transit/" + path + "\" { capabilities = [\"update\"] }\n";
  };
  const auto update = [&](const std::string& policy, const std::string& key) {
    return gate_
        .json_as(gate_.token_with(writes + policy),
                 "secretsmanager.UpdateSecret",
                 R"({"SecretId":"s","KmsKeyId":")" + key + "\"}")
        .text("__type");
  };
  const std::string sealing = may("encrypt/old") + may("encrypt/new");
  EXPECT_EQ(update(sealing, ""), "AccessDeniedException");
  EXPECT_EQ(update(sealing, "alias/aws/secretsmanager"), "AccessDeniedException");
  EXPECT_EQ(update(sealing + may("decrypt/new"), other), "AccessDeniedException");
  EXPECT_EQ(update(sealing + may("decrypt/old"), other), "AccessDeniedException");
  EXPECT_EQ(key_of("s"), old);
  EXPECT_EQ(update(sealing + may("decrypt/old") + may("decrypt/new"), other), "");
  EXPECT_EQ(key_of("s"), other);
  EXPECT_EQ(update(sealing + may("decrypt/new"), ""), "");
  EXPECT_EQ(key_of("s"), "");
}

TEST_F(SecretRights, UsersNeedDecryptToMoveASecretFromItsKey) {
  const std::string key = make_key("k");
  create_under("s", key);
  const TestKey seals = user_with("seals", allow(R"("secretsmanager:*","kms:GenerateDataKey")"));
  const std::string free = R"({"SecretId":"s","KmsKeyId":""})";
  EXPECT_EQ(ask_as(seals, "UpdateSecret", free).text("__type"), "AccessDeniedException");
  EXPECT_EQ(key_of("s"), key);
  // What leaves the key alone needs no more than before.
  EXPECT_EQ(ask_as(seals, "UpdateSecret", R"({"SecretId":"s","Description":"d"})").status, 200);
  const TestKey opens =
      user_with("opens", allow(R"("secretsmanager:*","kms:GenerateDataKey","kms:Decrypt")"));
  EXPECT_EQ(ask_as(opens, "UpdateSecret", free).status, 200);
  EXPECT_EQ(key_of("s"), "");
}

TEST_F(SecretRights, ForcedDeletionSparesWhatHasReplicasToo) {
  create("s");
  get("ReplicateSecretToRegions",
      R"({"SecretId":"s","AddReplicaRegions":[{"Region":"eu-west-1"}]})");
  const TestKey user = user_with("u", allow(R"("secretsmanager:*")"));
  const std::string force = R"({"SecretId":"s","ForceDeleteWithoutRecovery":true})";
  EXPECT_EQ(ask_as(user, "DeleteSecret", force, "eu-west-1").text("__type"),
            "InvalidRequestException");
  EXPECT_EQ(ask_as(user, "DeleteSecret", force).text("__type"), "InvalidParameterException");
  EXPECT_EQ(value("s"), "one");
  get("RemoveRegionsFromReplication", R"({"SecretId":"s","RemoveReplicaRegions":["eu-west-1"]})");
  EXPECT_EQ(ask_as(user, "DeleteSecret", force).status, 200);
  EXPECT_EQ(ask_as(user, "DeleteSecret", force).status, 200) << "none of the name";
}

// A batch reads what is current, whatever its body has beside.
TEST_F(SecretRights, BatchesSayWhatTheyRead) {
  create("s");
  const auto user = [this](const std::string& name, const std::string& stage) {
    return user_with(
        name,
        allow(R"("secretsmanager:BatchGetSecretValue")") + "," +
            allow(R"("secretsmanager:GetSecretValue")",
                  R"({"StringEquals":{"secretsmanager:VersionStage":")" + stage + "\"}}"));
  };
  const TestKey current = user("current", "AWSCURRENT");
  const TestKey previous = user("previous", "AWSPREVIOUS");
  const std::string plain = R"({"SecretIdList":["s"]})";
  const std::string claims = R"({"SecretIdList":["s"],"VersionStage":"AWSPREVIOUS"})";
  for (const std::string& body : {plain, claims}) {
    EXPECT_TRUE(ask_as(current, "BatchGetSecretValue", body).body.contains("one")) << body;
    EXPECT_FALSE(ask_as(previous, "BatchGetSecretValue", body).body.contains("one")) << body;
  }
}

TEST_F(SecretRights, TagsAndReplicasOfNewSecretsNeedTheirOwn) {
  const auto body = [](const std::string& name, const std::string& more) {
    return R"({"Name":")" + name + R"(","SecretString":"x","ClientRequestToken":")" + token(1) +
           '"' + more + "}";
  };
  const std::string tags = R"(,"Tags":[{"Key":"team","Value":"red"}])";
  const std::string regions = R"(,"AddReplicaRegions":[{"Region":"eu-west-1"}])";
  const TestKey bare = user_with("bare", allow(R"("secretsmanager:CreateSecret")"));
  EXPECT_EQ(ask_as(bare, "CreateSecret", body("a", tags)).text("__type"), "AccessDeniedException");
  EXPECT_EQ(ask_as(bare, "CreateSecret", body("a", regions)).text("__type"),
            "AccessDeniedException");
  EXPECT_EQ(ask_as(bare, "CreateSecret", body("a", R"(,"Tags":[])")).status, 200);
  const TestKey tagger = user_with(
      "tagger",
      allow(R"("secretsmanager:CreateSecret")") + "," +
          allow(R"("secretsmanager:TagResource","secretsmanager:ReplicateSecretToRegions")"));
  EXPECT_EQ(ask_as(tagger, "CreateSecret", body("b", tags + regions)).status, 200);
  const TestKey blue = user_with("blue",
                                 allow(R"("secretsmanager:CreateSecret")") + "," +
                                     allow(R"("secretsmanager:TagResource")",
                                           R"({"StringEquals":{"aws:RequestTag/team":"blue"}})"));
  EXPECT_EQ(ask_as(blue, "CreateSecret", body("c", tags)).text("__type"), "AccessDeniedException");
}

TEST_F(SecretRights, OnlyConditionsAboutWhoAsksKeepAPolicyFromBeingPublic) {
  for (const std::string open :
       {R"({})",
        R"({"Bool":{"aws:SecureTransport":"true"}})",
        R"({"StringLike":{"aws:PrincipalArn":"*"}})",
        R"({"StringLike":{"aws:PrincipalArn":["arn:aws:iam::123456789012:role/x","*"]}})",
        R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}})",
        R"({"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}})",
        R"({"StringEqualsIfExists":{"aws:PrincipalAccount":"123456789012"}})",
        R"({"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/"}})",
        R"({"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}})",
        R"({"StringEquals":{"aws:RequestedRegion":"us-east-1"}})",
        R"({"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}})",
        R"({"Null":{"aws:userid":"false"}})",
        R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})",
        R"({"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}})",
        R"({"IpAddress":{"aws:SourceIp":"2000::/3"}})",
        R"({"StringEquals":{"aws:username":"${aws:username}"}})",
        R"({"StringLike":{"aws:userid":"*:*"}})",
        R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"}) {
    EXPECT_TRUE(is_open(open)) << open;
  }
  for (const std::string narrow :
       {R"({"StringEquals":{"AWS:principalaccount":"123456789012"}})",
        R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/app-*"}})",
        R"({"StringLike":{"aws:userid":"AROAEXAMPLE:*"}})",
        R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})",
        R"({"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}})",
        R"({"StringEquals":{"aws:SourceVpce":"vpce-1"}})",
        R"({"StringLike":{"aws:PrincipalTag/mail":"*@example.org"}})",
        R"({"IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]}})",
        R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:SecureTransport":"true"}})"}) {
    EXPECT_FALSE(is_open(narrow)) << narrow;
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
