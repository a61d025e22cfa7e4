#include "base/encoding.h"
#include "dialects/aws/secret_test.h"

#include <set>

namespace coffer::dialects::aws {
namespace {

using SecretOperations = SecretGate;

TEST_F(SecretOperations, AnswersAreShapedAsTheModelSays) {
  const std::string arn = create("app/db", R"({\"a\":1})");
  const std::string prefix = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-";
  ASSERT_EQ(arn.substr(0, prefix.size()), prefix);
  EXPECT_EQ(arn.size(), prefix.size() + 6);
  const TestAnswer read = ask("GetSecretValue", R"({"SecretId":"app/db"})");
  EXPECT_EQ(read.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(read.text("ARN"), arn);
  EXPECT_EQ(read.text("Name"), "app/db");
  EXPECT_EQ(read.text("VersionId"), token(1));
  EXPECT_EQ(read.text("SecretString"), R"({"a":1})");
  EXPECT_EQ(read.text("VersionStages"), R"(["AWSCURRENT"])");
  EXPECT_EQ(read.text("SecretBinary"), "");
  EXPECT_NE(read.text("CreatedDate"), "");
  const TestAnswer described = ask("DescribeSecret", R"({"SecretId":"app/db"})");
  EXPECT_EQ(described.text("VersionIdsToStages"), "{\"" + token(1) + R"(":["AWSCURRENT"]})");
  EXPECT_EQ(described.text("KmsKeyId"), "");
  EXPECT_EQ(described.text("DeletedDate"), "");
  EXPECT_NE(described.text("LastAccessedDate"), "");
}

TEST_F(SecretOperations, IdsAreNamesArnsAndPartialArns) {
  const std::string arn = create("plain");
  EXPECT_EQ(value(arn), "one");
  EXPECT_EQ(value(arn.substr(0, arn.size() - 7)), "one");
  const std::string wrong = arn.substr(0, arn.size() - 1) + (arn.back() == 'x' ? 'y' : 'x');
  const std::string missing =
      "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
  EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + wrong + "\"}"), missing);
  const std::string other =
      "arn:aws:secretsmanager:us-east-1:999999999999:secret:plain" + arn.substr(arn.size() - 7);
  EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + other + "\"}"), missing);
  // A name that looks like a whole ARN's end is found by name and by its whole ARN alone.
  const std::string odd = create("Invalid/_+=.@-Name-a1b2c3");
  EXPECT_EQ(value(odd), "one");
  EXPECT_EQ(value("Invalid/_+=.@-Name-a1b2c3"), "one");
  EXPECT_EQ(error("GetSecretValue", R"({"SecretId":")" + odd.substr(0, odd.size() - 7) + "\"}"),
            missing);
}

// Reference: aws-errors-observed.md, Secrets Manager, in its order.
TEST_F(SecretOperations, RecordedErrorsOfAws) {
  create("s");
  create("gone");
  ask("DeleteSecret", R"({"SecretId":"gone"})");

  struct Case {
    std::string_view operation;
    std::string body;
    std::string_view error;
  };

  const std::string with_token = R"("ClientRequestToken":")" + token(9) + '"';
  const Case cases[] = {
      {"RotateSecret",
       R"({"SecretId":"s","RotationLambdaARN":"arn:aws:lambda:us-east-1:1:function:x",)" +
           with_token + "}",
       "AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. Ensure "
       "that the function policy grants access to the principal secretsmanager.amazonaws.com."},
      {"RotateSecret",
       R"({"SecretId":"s"})",
       "InvalidParameterException: You must provide a ClientRequestToken value. We recommend a "
       "UUID-type value."},
      {"RotateSecret",
       R"({"SecretId":"s",)" + with_token + "}",
       "InvalidRequestException: No Lambda rotation function ARN is associated with this secret."},
      {"CreateSecret",
       R"({"Name":"gone","SecretString":"x",)" + with_token + "}",
       "InvalidRequestException: You can't create this secret because a secret with this name is "
       "already scheduled for deletion."},
      {"TagResource",
       R"({"SecretId":"gone","Tags":[{"Key":"a","Value":"b"}]})",
       "InvalidRequestException: You can't perform this operation on the secret because it was "
       "marked for deletion."},
      {"UntagResource",
       R"({"SecretId":"gone","TagKeys":["a"]})",
       "InvalidRequestException: You can't perform this operation on the secret because it was "
       "marked for deletion."},
      {"CreateSecret",
       R"({"Name":"n","SecretString":"x"})",
       "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
       "UUID-type value."},
      {"PutSecretValue",
       R"({"SecretId":"s","SecretString":"x"})",
       "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
       "UUID-type value."},
      {"UpdateSecret",
       R"({"SecretId":"s","SecretString":"x"})",
       "InvalidRequestException: You must provide a ClientRequestToken value. We recommend a "
       "UUID-type value."},
      {"GetSecretValue",
       R"({"SecretId":"s","VersionId":")" + token(1) + R"(","VersionStage":"AWSPREVIOUS"})",
       "InvalidRequestException: You provided a VersionStage that is not associated to the "
       "provided VersionId."},
      {"CreateSecret",
       R"({"Name":"s","SecretString":"x",)" + with_token + "}",
       "ResourceExistsException: The operation failed because the secret s already exists."},
      {"GetSecretValue",
       R"({"SecretId":"s","VersionStage":"AWSPREVIOUS"})",
       "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
       "staging label: AWSPREVIOUS"},
      {"GetSecretValue",
       R"({"SecretId":"none"})",
       "ResourceNotFoundException: Secrets Manager can't find the specified secret."},
      {"CreateSecret",
       R"({"Name":"Inv Name","SecretString":"x",)" + with_token + "}",
       "ValidationException: Invalid name. Must be a valid name containing alphanumeric "
       "characters, or any of the following: -/_+=.@!"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(error(one.operation, one.body), one.error) << one.operation << " " << one.body;
  }
}

TEST_F(SecretOperations, FurtherRefusals) {
  create("s");
  const std::string with_token = R"(,"ClientRequestToken":")" + token(9) + "\"}";
  EXPECT_EQ(
      error("PutSecretValue", R"({"SecretId":"s","SecretString":"x","ClientRequestToken":"a"})"),
      "InvalidParameterException: ClientRequestToken must be 32-64 characters long.");
  EXPECT_EQ(error("GetSecretValue", R"({"SecretId":"s","VersionId":")" + token(8) + "\"}"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for "
            "VersionId: " +
                token(8));
  EXPECT_NE(error("PutSecretValue",
                  R"({"SecretId":"s","SecretString":"x","SecretBinary":"eA==")" + with_token),
            "");
  EXPECT_NE(error("PutSecretValue", R"({"SecretId":"s")" + with_token), "");
  EXPECT_EQ(error("DeleteSecret",
                  R"({"SecretId":"s","RecoveryWindowInDays":7,"ForceDeleteWithoutRecovery":true})"),
            "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction "
            "with RecoveryWindowInDays.");
  for (const std::string_view days : {"6", "31", "0", "-1"}) {
    EXPECT_EQ(error("DeleteSecret",
                    R"({"SecretId":"s","RecoveryWindowInDays":)" + std::string(days) + "}"),
              "InvalidParameterException: RecoveryWindowInDays value must be between 7 and 30 days "
              "(inclusive).");
  }
  for (const std::string_view days : {"0", "1001"}) {
    EXPECT_EQ(error("RotateSecret",
                    R"({"SecretId":"s","RotationLambdaARN":"f","RotationRules":{)"
                    R"("AutomaticallyAfterDays":)" +
                        std::string(days) + "}" + with_token),
              "InvalidParameterException: RotationRules.AutomaticallyAfterDays must be within "
              "1-1000.");
  }
  EXPECT_EQ(error("BatchGetSecretValue", "{}"),
            "InvalidParameterException: Either 'SecretIdList' or 'Filters' must be provided, but "
            "not both.");
  EXPECT_EQ(error("GetRandomPassword", R"({"PasswordLength":3})"),
            "InvalidParameterException: Password length 3 too short based on the required types.");
  EXPECT_EQ(error("PutSecretValue", R"({"SecretString":"x")" + with_token).substr(0, 19),
            "ValidationException");
  EXPECT_EQ(error("ListSecrets", R"({"NextToken":"bogus"})").substr(0, 25),
            "InvalidNextTokenException");
}

TEST_F(SecretOperations, ValuesAreKeptOctetForOctet) {
  const std::string odd = R"( {\"k\" : 1, \"k\":2}  <>\u0000)";
  create("odd", odd);
  EXPECT_EQ(ask("GetSecretValue", R"({"SecretId":"odd"})").text("SecretString"),
            std::string(" {\"k\" : 1, \"k\":2}  <>") + '\0');
  get("CreateSecret",
      R"({"Name":"bin","SecretBinary":"/wAB","ClientRequestToken":")" + token(1) + "\"}");
  const TestAnswer binary = ask("GetSecretValue", R"({"SecretId":"bin"})");
  EXPECT_EQ(binary.text("SecretBinary"), "/wAB");
  EXPECT_EQ(binary.text("SecretString"), "");
}

TEST_F(SecretOperations, LifeOfASecret) {
  create("s");
  ASSERT_EQ(put("s", "two", 2), "");
  EXPECT_EQ(value("s"), "two");
  EXPECT_EQ(value("s", R"(,"VersionStage":"AWSPREVIOUS")"), "one");
  ASSERT_EQ(put("s", "three", 3, R"(["AWSPENDING"])"), "");
  EXPECT_EQ(value("s"), "two");
  EXPECT_EQ(error("UpdateSecretVersionStage",
                  R"({"SecretId":"s","VersionStage":"AWSCURRENT","MoveToVersionId":")" + token(3) +
                      R"(","RemoveFromVersionId":")" + token(2) + "\"}"),
            "");
  EXPECT_EQ(ask("GetSecretValue", R"({"SecretId":"s"})").text("VersionStages"),
            R"(["AWSCURRENT","AWSPENDING"])");
  const TestAnswer versions = ask("ListSecretVersionIds", R"({"SecretId":"s"})");
  EXPECT_FALSE(versions.body.contains(token(1))) << "it has no stage";
  EXPECT_TRUE(ask("ListSecretVersionIds", R"({"SecretId":"s","IncludeDeprecated":true})")
                  .body.contains(token(1)));
  EXPECT_TRUE(versions.body.contains("DefaultEncryptionKey"));
  EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"s","RecoveryWindowInDays":7})"), "");
  EXPECT_NE(ask("DescribeSecret", R"({"SecretId":"s"})").text("DeletedDate"), "");
  EXPECT_EQ(get("ListSecrets", "{}", "SecretList"), "[]");
  EXPECT_NE(get("ListSecrets", R"({"IncludePlannedDeletion":true})", "SecretList"), "[]");
  EXPECT_EQ(error("RestoreSecret", R"({"SecretId":"s"})"), "");
  EXPECT_EQ(value("s"), "three");
  EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"s","ForceDeleteWithoutRecovery":true})"), "");
  EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"s","ForceDeleteWithoutRecovery":true})"), "");
  EXPECT_NE(error("GetSecretValue", R"({"SecretId":"s"})"), "");
}

TEST_F(SecretOperations, OneSecretTwoDialects) {
  create("app/db", R"({\"user\":\"u\"})");
  AwsGate& gate = gate_;
  gate.events();
  value("app/db");
  const auto events = gate.events();
  ASSERT_EQ(events.size(), 2U) << "the reading, and that the root token was used";
  EXPECT_EQ(events.back().type, proof::EventType::secret_accessed);
  EXPECT_EQ(events.back().dialect, "aws");
  ASSERT_FALSE(events.back().accesses.empty());
  EXPECT_EQ(events.back().accesses.front().resource, "secret/data/app/db");
}

TEST_F(SecretOperations, TagsAndDescriptions) {
  get("CreateSecret",
      R"({"Name":"t","Description":"d","Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})");
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"t"})", "Tags"),
            R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"t"})", "VersionIdsToStages"), "");
  get("TagResource",
      R"({"SecretId":"t","Tags":[{"Key":"a","Value":"3"},{"Key":"c","Value":"4"}]})");
  get("UntagResource", R"({"SecretId":"t","TagKeys":["b"]})");
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"t"})", "Tags"),
            R"([{"Key":"a","Value":"3"},{"Key":"c","Value":"4"}])");
  get("UpdateSecret", R"({"SecretId":"t","Description":"e"})");
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"t"})", "Description"), "e");
}

TEST_F(SecretOperations, ListsByPagesAndFilters) {
  for (int i = 0; i < 7; ++i) create("l/" + std::to_string(i));
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const std::string body =
        token.empty() ? R"({"MaxResults":3})" : R"({"MaxResults":3,"NextToken":")" + token + "\"}";
    const TestAnswer page = ask("ListSecrets", body);
    ASSERT_EQ(page.status, 200) << page.body;
    const auto parsed = formats::JsonView::parse(page.body);
    for (const auto& entry : parsed->find("SecretList")->elements()) {
      seen.insert(*entry.find("Name")->string());
    }
    token = page.text("NextToken");
    ++pages;
  } while (!token.empty() && pages < 9);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 7U);
  const TestAnswer first =
      ask("ListSecrets", R"({"MaxResults":1,"SortBy":"name","SortOrder":"desc"})");
  EXPECT_TRUE(first.body.contains("l/6")) << first.body;
  const std::string other = R"({"MaxResults":1,"NextToken":")" + first.text("NextToken") + "\"}";
  EXPECT_EQ(error("ListSecrets", other).substr(0, 25), "InvalidNextTokenException")
      << "another request's token";
  EXPECT_TRUE(
      get("ListSecrets", R"({"Filters":[{"Key":"name","Values":["l/3","l/4"]}]})", "SecretList")
          .contains("l/4"));
  EXPECT_FALSE(get("ListSecrets", R"({"Filters":[{"Key":"name","Values":["!l/3"]}]})", "SecretList")
                   .contains("l/3"));
}

TEST_F(SecretOperations, BatchesTellWhatFailed) {
  create("a");
  create("b", "two");
  const TestAnswer batch = ask("BatchGetSecretValue", R"({"SecretIdList":["a","none","b"]})");
  ASSERT_EQ(batch.status, 200) << batch.body;
  const auto parsed = formats::JsonView::parse(batch.body);
  EXPECT_EQ(parsed->find("SecretValues")->elements().size(), 2U);
  const auto errors = parsed->find("Errors")->elements();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(*errors[0].find("SecretId")->string(), "none");
  EXPECT_EQ(*errors[0].find("ErrorCode")->string(), "ResourceNotFoundException");
  const TestAnswer filtered =
      ask("BatchGetSecretValue", R"({"Filters":[{"Key":"name","Values":["b"]}]})");
  EXPECT_TRUE(filtered.body.contains("two"));
  EXPECT_FALSE(filtered.body.contains("one"));
}

TEST_F(SecretOperations, BatchNeedsPermissionForEachValue) {
  create("open/a");
  create("closed/b", "two");
  const std::string token = gate_.token_with(
      "path \"secret/metadata/\" { capabilities = [\"list\"] }\n"
      "path \"secret/data/open/*\" { capabilities = [\"read\"] }");
  const TestAnswer batch = gate_.json_as(
      token, "secretsmanager.BatchGetSecretValue", R"({"SecretIdList":["open/a","closed/b"]})");
  ASSERT_EQ(batch.status, 200) << batch.body;
  EXPECT_TRUE(batch.body.contains("one"));
  EXPECT_FALSE(batch.body.contains("two"));
  EXPECT_TRUE(batch.body.contains("AccessDeniedException")) << batch.body;
  const TestAnswer denied =
      gate_.json_as(token, "secretsmanager.GetSecretValue", R"({"SecretId":"closed/b"})");
  EXPECT_EQ(denied.text("__type"), "AccessDeniedException");
}

TEST_F(SecretOperations, PoliciesOfSecrets) {
  create("s");
  EXPECT_EQ(get("GetResourcePolicy", R"({"SecretId":"s"})", "ResourcePolicy"), "");
  const std::string open =
      R"({\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",)"
      R"(\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]})";
  EXPECT_EQ(error("PutResourcePolicy",
                  R"({"SecretId":"s","BlockPublicPolicy":true,"ResourcePolicy":")" + open + "\"}")
                .substr(0, 21),
            "PublicPolicyException");
  EXPECT_EQ(error("PutResourcePolicy", R"({"SecretId":"s","ResourcePolicy":"{"})").substr(0, 32),
            "MalformedPolicyDocumentException");
  EXPECT_EQ(error("PutResourcePolicy", R"({"SecretId":"s","ResourcePolicy":")" + open + "\"}"), "");
  EXPECT_TRUE(
      get("GetResourcePolicy", R"({"SecretId":"s"})", "ResourcePolicy").contains("GetSecretValue"));
  EXPECT_EQ(get("ValidateResourcePolicy",
                R"({"ResourcePolicy":")" + open + "\"}",
                "PolicyValidationPassed"),
            "false");
  EXPECT_EQ(error("DeleteResourcePolicy", R"({"SecretId":"s"})"), "");
  EXPECT_EQ(get("GetResourcePolicy", R"({"SecretId":"s"})", "ResourcePolicy"), "");
}

TEST_F(SecretOperations, ReplicasAreNotesOnTheSecret) {
  create("s");
  const TestAnswer made = ask("ReplicateSecretToRegions",
                              R"({"SecretId":"s","AddReplicaRegions":[{"Region":"eu-west-1"}]})");
  EXPECT_TRUE(made.body.contains("InSync")) << made.body;
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"s"})", "PrimaryRegion"), "us-east-1");
  EXPECT_NE(error("DeleteSecret", R"({"SecretId":"s"})"), "");
  EXPECT_EQ(error("StopReplicationToReplica", R"({"SecretId":"s"})").substr(0, 23),
            "InvalidRequestException");
  EXPECT_EQ(error("RemoveRegionsFromReplication",
                  R"({"SecretId":"s","RemoveReplicaRegions":["eu-west-1"]})"),
            "");
  EXPECT_EQ(error("DeleteSecret", R"({"SecretId":"s"})"), "");
}

TEST_F(SecretOperations, CustomersKeysNeedTheirOwnPermission) {
  const std::string key = make_key("k");
  get("CreateSecret",
      R"({"Name":"s","SecretString":"one","KmsKeyId":")" + key + R"(","ClientRequestToken":")" +
          token(1) + "\"}");
  EXPECT_EQ(value("s"), "one");
  EXPECT_EQ(get("DescribeSecret", R"({"SecretId":"s"})", "KmsKeyId"), key);
  const std::string ask = R"({"SecretId":"s"})";
  const std::string without =
      gate_.token_with("path \"secret/data/*\" { capabilities = [\"read\"] }");
  EXPECT_EQ(gate_.json_as(without, "secretsmanager.GetSecretValue", ask).text("__type"),
            "AccessDeniedException");
  const std::string with = gate_.token_with(
      "path \"secret/data/*\" { capabilities = [\"read\"] }\n"
      "path \"transit/decrypt/k\" { capabilities = [\"update\"] }");
  EXPECT_EQ(gate_.json_as(with, "secretsmanager.GetSecretValue", ask).text("SecretString"), "one");
  keys_unit([](domain::MasterKeys& keys) -> Result<bool> {
    COFFER_TRY(const domain::KeyPtr found, keys.find("k"));
    COFFER_CHECK(keys.set_enabled(found->row, false));
    return true;
  });
  EXPECT_EQ(error("GetSecretValue", ask), "DecryptionFailure: the key is disabled");
  EXPECT_NE(put("s", "two", 2), "");
  EXPECT_EQ(
      error("CreateSecret",
            R"({"Name":"t","SecretString":"x","KmsKeyId":"alias/none","ClientRequestToken":")" +
                token(1) + "\"}")
          .substr(0, 17),
      "EncryptionFailure");
}

TEST_F(SecretOperations, EveryOperationIsThere) {
  for (const std::string_view name : {"BatchGetSecretValue",
                                      "CancelRotateSecret",
                                      "CreateSecret",
                                      "DeleteResourcePolicy",
                                      "DeleteSecret",
                                      "DescribeSecret",
                                      "GetRandomPassword",
                                      "GetResourcePolicy",
                                      "GetSecretValue",
                                      "ListSecretVersionIds",
                                      "ListSecrets",
                                      "PutResourcePolicy",
                                      "PutSecretValue",
                                      "RemoveRegionsFromReplication",
                                      "ReplicateSecretToRegions",
                                      "RestoreSecret",
                                      "RotateSecret",
                                      "StopReplicationToReplica",
                                      "TagResource",
                                      "UntagResource",
                                      "UpdateSecret",
                                      "UpdateSecretVersionStage",
                                      "ValidateResourcePolicy"}) {
    EXPECT_NE(ask(name, "{}").text("__type"), "UnknownOperationException") << name;
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
