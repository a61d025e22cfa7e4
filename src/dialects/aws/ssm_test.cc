#include "dialects/aws/aws_gate.h"
#include "dialects/aws/home.h"
#include "domain/secrets/kv2.h"
#include "gate/housekeeper.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

class SsmTest : public testing::Test {
 protected:
  TestAnswer ssm(std::string_view operation, std::string_view body) {
    return gate_.json("AmazonSSM." + std::string(operation), body);
  }

  TestAnswer put(std::string_view name, std::string_view value, std::string_view more = "") {
    return ssm("PutParameter",
               R"({"Name":")" + std::string(name) + R"(","Value":")" + std::string(value) + "\"" +
                   std::string(more) + "}");
  }

  TestAnswer get(std::string_view name, bool decrypt = false) {
    return ssm("GetParameter",
               R"({"Name":")" + std::string(name) + R"(","WithDecryption":)" +
                   (decrypt ? "true}" : "false}"));
  }

  static std::string refusal(const TestAnswer& answer) {
    return std::to_string(answer.status) + " " + answer.text("__type") + ": " +
           answer.text("message");
  }

  // The member of each element of a list.
  static std::string all(const TestAnswer& answer, std::string_view list, std::string_view member) {
    const auto body = formats::JsonView::parse(answer.body);
    if (!body || !body->find(list)) return answer.body;
    std::string out;
    for (const auto& element : body->find(list)->elements()) {
      const auto value = element.find(member);
      if (!value) return answer.body;
      out += (out.empty() ? "" : " ") + value->string().value_or(std::string(value->raw()));
    }
    return out;
  }

  AwsGate gate_;
};

constexpr std::string_view kString = R"(,"Type":"String")";
constexpr std::string_view kSecure = R"(,"Type":"SecureString")";
constexpr std::string_view kOverwrite = R"(,"Overwrite":true)";

TEST_F(SsmTest, PutsGetsAndDeletes) {
  const TestAnswer first = put("/a/b", "one", kString);
  EXPECT_EQ(first.body, R"({"Version":1,"Tier":"Standard"})");
  EXPECT_EQ(
      refusal(put("/a/b", "two", kString)),
      "400 ParameterAlreadyExists: The parameter already exists. To overwrite this value, set "
      "the overwrite option in the request to true.");
  EXPECT_EQ(put("/a/b", "two", kOverwrite).text("Version"), "2");
  const TestAnswer got = get("/a/b");
  EXPECT_EQ(got.text("Parameter", "Value"), "two");
  EXPECT_EQ(got.text("Parameter", "Name"), "/a/b");
  EXPECT_EQ(got.text("Parameter", "DataType"), "text");
  EXPECT_EQ(got.text("Parameter", "ARN"), "arn:aws:ssm:us-east-1:123456789012:parameter/a/b");
  EXPECT_EQ(get("arn:aws:ssm:us-east-1:123456789012:parameter/a/b").text("Parameter", "Value"),
            "two");
  EXPECT_EQ(get("/a/b:1").text("Parameter", "Value"), "one");
  EXPECT_EQ(get("/a/b:1").text("Parameter", "Selector"), ":1");
  EXPECT_EQ(
      refusal(get("/a/b:3")),
      "400 ParameterVersionNotFound: Systems Manager could not find version 3 of /a/b. Verify "
      "the version and try again.");
  EXPECT_EQ(refusal(get("/a/b:1:2")), "400 ParameterNotFound: Parameter /a/b:1:2 not found.");
  EXPECT_EQ(refusal(get("/none:2")), "400 ParameterNotFound: Parameter /none:2 not found.");
  EXPECT_EQ(get("arn:aws:ssm:us-east-1:999999999999:parameter/a/b").status, 400);
  EXPECT_EQ(ssm("DeleteParameter", R"({"Name":"/a/b"})").status, 200);
  EXPECT_EQ(refusal(ssm("DeleteParameter", R"({"Name":"/a/b"})")),
            "400 ParameterNotFound: Parameter /a/b not found.");
}

TEST_F(SsmTest, GetsAndDeletesMany) {
  ASSERT_EQ(put("b", "2", kString).status, 200);
  ASSERT_EQ(put("a", "1", kString).status, 200);
  const TestAnswer got = ssm("GetParameters", R"({"Names":["b","a","b","c","a:7","a:1:1"]})");
  EXPECT_EQ(all(got, "Parameters", "Value"), "1 2");
  EXPECT_EQ(got.text("InvalidParameters"), R"(["a:1:1","a:7","c"])");
  const TestAnswer gone = ssm("DeleteParameters", R"({"Names":["a","c"]})");
  EXPECT_EQ(gone.body, R"({"DeletedParameters":["a"],"InvalidParameters":["c"]})");
  EXPECT_EQ(refusal(ssm("GetParameters", R"({"Names":[]})")).substr(0, 24),
            "400 ValidationException:");
}

TEST_F(SsmTest, SecureStringsAreCiphertext) {
  ASSERT_EQ(put("/s", "s3cret", kSecure).status, 200);
  const std::string closed = get("/s").text("Parameter", "Value");
  EXPECT_EQ(closed.find("s3cret"), std::string::npos);
  EXPECT_EQ(get("/s").text("Parameter", "Value"), closed);
  EXPECT_EQ(get("/s", true).text("Parameter", "Value"), "s3cret");
  const std::string large(6000, 'x');
  ASSERT_EQ(put("/l", large, R"(,"Type":"SecureString","Tier":"Advanced")").status, 200);
  EXPECT_EQ(get("/l", true).text("Parameter", "Value"), large);
  EXPECT_EQ(get("/l").text("Parameter", "Value").substr(0, 2), "E.");
  EXPECT_EQ(refusal(put("/x", "v", R"(,"Type":"SecureString","KeyId":"alias/none")")),
            "400 InvalidKeyId: Invalid keyId alias/none");
  const TestAnswer described = ssm(
      "DescribeParameters", R"({"ParameterFilters":[{"Key":"KeyId","Values":["alias/aws/ssm"]}]})");
  EXPECT_EQ(all(described, "Parameters", "Name"), "/l /s");
  const TestAnswer history = ssm("GetParameterHistory", R"({"Name":"/s","WithDecryption":true})");
  EXPECT_EQ(all(history, "Parameters", "Value"), "s3cret");
}

TEST_F(SsmTest, ListsFoldersInPages) {
  for (const char* name : {"/f/a", "/f/b", "/f/b/c", "/f/b/d/e", "/g", "flat"}) {
    ASSERT_EQ(put(name, name, kString).status, 200) << name;
  }
  const auto by_path = [this](std::string_view body) { return ssm("GetParametersByPath", body); };
  EXPECT_EQ(all(by_path(R"({"Path":"/f"})"), "Parameters", "Name"), "/f/a /f/b");
  EXPECT_EQ(all(by_path(R"({"Path":"/f/"})"), "Parameters", "Name"), "/f/a /f/b");
  EXPECT_EQ(all(by_path(R"({"Path":"/"})"), "Parameters", "Name"), "flat /g");
  const TestAnswer first = by_path(R"({"Path":"/f","Recursive":true,"MaxResults":3})");
  EXPECT_EQ(all(first, "Parameters", "Name"), "/f/a /f/b /f/b/c");
  const std::string token = first.text("NextToken");
  const TestAnswer second =
      by_path(R"({"Path":"/f","Recursive":true,"MaxResults":3,"NextToken":")" + token + "\"}");
  EXPECT_EQ(all(second, "Parameters", "Name"), "/f/b/d/e");
  EXPECT_EQ(second.text("NextToken"), "");
  EXPECT_EQ(refusal(by_path(R"({"Path":"/g","Recursive":true,"NextToken":")" + token + "\"}"))
                .substr(0, 21),
            "400 InvalidNextToken:");
  ASSERT_EQ(ssm("LabelParameterVersion", R"({"Name":"/f/b/c","Labels":["live"]})").status, 200);
  EXPECT_EQ(all(by_path(R"({"Path":"/f","Recursive":true,
                            "ParameterFilters":[{"Key":"Label","Values":["live"]}]})"),
                "Parameters",
                "Name"),
            "/f/b/c");
  EXPECT_EQ(refusal(by_path(R"({"Path":"f"})")).substr(0, 24), "400 ValidationException:");
}

TEST_F(SsmTest, LabelsVersionsAndShowsHistory) {
  for (const char* value : {"1", "2", "3"}) {
    ASSERT_EQ(put("a", value, R"(,"Type":"String","Overwrite":true,"Description":"d")").status,
              200);
  }
  EXPECT_EQ(ssm("LabelParameterVersion", R"({"Name":"a","Labels":["live","awsx"]})").body,
            R"({"InvalidLabels":["awsx"],"ParameterVersion":3})");
  EXPECT_EQ(ssm("LabelParameterVersion", R"({"Name":"a","ParameterVersion":1,"Labels":["live"]})")
                .text("ParameterVersion"),
            "1");
  EXPECT_EQ(get("a:live").text("Parameter", "Value"), "1");
  EXPECT_EQ(
      refusal(ssm("LabelParameterVersion", R"({"Name":"a","ParameterVersion":0,"Labels":["x"]})"))
          .substr(0, 29),
      "400 ParameterVersionNotFound:");
  const TestAnswer first = ssm("GetParameterHistory", R"({"Name":"a","MaxResults":2})");
  EXPECT_EQ(all(first, "Parameters", "Value"), "1 2");
  EXPECT_EQ(all(first, "Parameters", "Labels"), R"(["live"] [])");
  const TestAnswer rest =
      ssm("GetParameterHistory", R"({"Name":"a","NextToken":")" + first.text("NextToken") + "\"}");
  EXPECT_EQ(all(rest, "Parameters", "Version"), "3");
  EXPECT_EQ(
      ssm("UnlabelParameterVersion", R"({"Name":"a","ParameterVersion":1,"Labels":["live","x"]})")
          .body,
      R"({"RemovedLabels":["live"],"InvalidLabels":["x"]})");
}

TEST_F(SsmTest, AFilterForLabelsShowsTheNewestVersionThatIsThereOfThoseThatCarryOne) {
  for (const char* value : {"1", "2", "3"}) {
    ASSERT_EQ(put("/f/a", value, R"(,"Type":"String","Overwrite":true)").status, 200);
    ASSERT_EQ(put("/f/b", value, R"(,"Type":"String","Overwrite":true)").status, 200);
  }
  const auto label = [this](std::string_view name, int version, std::string_view text) {
    const TestAnswer done =
        ssm("LabelParameterVersion",
            R"({"Name":")" + std::string(name) + R"(","ParameterVersion":)" +
                std::to_string(version) + R"(,"Labels":[")" + std::string(text) + "\"]}");
    EXPECT_EQ(done.status, 200) << done.body;
  };
  label("/f/a", 1, "live");
  label("/f/a", 2, "test");
  label("/f/b", 1, "live");
  const auto shown = [this](std::string_view filter) {
    const TestAnswer got =
        ssm("GetParametersByPath",
            R"({"Path":"/f","ParameterFilters":[{"Key":"Label",)" + std::string(filter) + "}]}");
    return got.status == 200
               ? all(got, "Parameters", "Name") + ": " + all(got, "Parameters", "Value")
               : refusal(got);
  };
  EXPECT_EQ(shown(R"("Values":["live"])"), "/f/a /f/b: 1 1");
  EXPECT_EQ(shown(R"("Values":["none","live"])"), "/f/a /f/b: 1 1");
  EXPECT_EQ(shown(R"("Values":["live","test"])"), "/f/a /f/b: 2 1");
  EXPECT_EQ(shown(R"("Option":"BeginsWith","Values":["te"])"), "/f/a: 2");
  // Through KV a version goes whatever it carries.
  const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, gate_.clock.now(), *gate_.random);
  const auto home = find_home(view, Home::parameters);
  ASSERT_TRUE(home && *home);
  const std::array<std::int64_t, 1> first{1};
  ASSERT_TRUE(domain::Kv2(view, **home, unsealed->secrets).destroy("f/a", first));
  proof::Event event;
  event.time = gate_.clock.now();
  event.type = proof::EventType::secret_deleted;
  event.outcome = proof::Outcome::allowed;
  event.realm = 1;
  ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  EXPECT_EQ(shown(R"("Values":["live"])"), "/f/b: 1");
  EXPECT_EQ(shown(R"("Values":["live","test"])"), "/f/a /f/b: 2 1");
}

TEST_F(SsmTest, TagsSettingsAndSharing) {
  ASSERT_EQ(put("a", "v", R"(,"Type":"String","Tags":[{"Key":"team","Value":"blue"}])").status,
            200);
  const auto list = R"({"ResourceType":"Parameter","ResourceId":"a"})";
  EXPECT_EQ(ssm("ListTagsForResource", list).body,
            R"({"TagList":[{"Key":"team","Value":"blue"}]})");
  EXPECT_EQ(ssm("AddTagsToResource",
                R"({"ResourceType":"Parameter","ResourceId":"a","Tags":[{"Key":"x","Value":""}]})")
                .status,
            200);
  EXPECT_EQ(ssm("RemoveTagsFromResource",
                R"({"ResourceType":"Parameter","ResourceId":"a","TagKeys":["team"]})")
                .status,
            200);
  EXPECT_EQ(ssm("ListTagsForResource", list).body, R"({"TagList":[{"Key":"x","Value":""}]})");
  EXPECT_EQ(
      refusal(ssm("ListTagsForResource", R"({"ResourceType":"Parameter","ResourceId":"none"})")),
      "400 InvalidResourceId: Invalid Resource Id");
  EXPECT_EQ(refusal(ssm("ListTagsForResource", R"({"ResourceType":"Document","ResourceId":"a"})")),
            "400 InvalidResourceType: Invalid Resource Type");

  const std::string tier = R"({"SettingId":"/ssm/parameter-store/default-parameter-tier")";
  EXPECT_EQ(ssm("GetServiceSetting", tier + "}").text("ServiceSetting", "Status"), "Default");
  EXPECT_EQ(ssm("UpdateServiceSetting", tier + R"(,"SettingValue":"Advanced"})").status, 200);
  EXPECT_EQ(put("b", "v", kString).text("Tier"), "Advanced");
  EXPECT_EQ(ssm("ResetServiceSetting", tier + "}").text("ServiceSetting", "SettingValue"),
            "Advanced");
  EXPECT_EQ(put("c", "v", kString).text("Tier"), "Standard");

  const std::string of = R"({"ResourceArn":"arn:aws:ssm:us-east-1:123456789012:parameter/)";
  const std::string policy =
      R"(","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ssm:GetParameter\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:user/bob\"},\"Resource\":\"*\"}]}")";
  EXPECT_EQ(refusal(ssm("PutResourcePolicy", of + "a" + policy + "}")).substr(0, 44),
            "400 ResourcePolicyInvalidParameterException:");
  const TestAnswer made = ssm("PutResourcePolicy", of + "b" + policy + "}");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string id = made.text("PolicyId");
  EXPECT_EQ(all(ssm("GetResourcePolicies", of + "b\"}"), "Policies", "PolicyId"), id);
  EXPECT_EQ(refusal(ssm("DeleteResourcePolicy",
                        of + R"(b","PolicyId":")" + id + R"(","PolicyHash":"x"})"))
                .substr(0, 36),
            "400 ResourcePolicyConflictException:");
  EXPECT_EQ(
      ssm("DeleteResourcePolicy",
          of + R"(b","PolicyId":")" + id + R"(","PolicyHash":")" + made.text("PolicyHash") + "\"}")
          .status,
      200);
}

TEST_F(SsmTest, RefusesInAwssWords) {
  struct Case {
    std::string name, value, more, refusal;
  };

  for (const Case& c : std::vector<Case>{
           {"a",
            "v",
            "",
            "ValidationException: A parameter type is required when you create a parameter."},
           {"a",
            "v",
            R"(,"Type":"str")",
            "ValidationException: 1 validation error detected: Value 'str' at 'type' failed to "
            "satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, "
            "String]"},
           {"a",
            "v",
            R"(,"Type":"String","DataType":"not_text")",
            "ValidationException: The following data type is not supported: not_text (Data type "
            "names are all lowercase.)"},
           {"ssm_test",
            "v",
            R"(,"Type":"String")",
            "ValidationException: Parameter name: can't be prefixed with \"aws\" or \"ssm\" "
            "(case-insensitive)."},
           {"/aws_test/x",
            "v",
            R"(,"Type":"String")",
            "AccessDeniedException: No access to reserved parameter name: /aws_test/x."},
           {"a",
            "V1",
            R"(,"Type":"String","AllowedPattern":"^[a-z]+$")",
            "ParameterPatternMismatchException: Parameter value, cannot be validated against "
            "allowedPattern: ^[a-z]+$"}}) {
    EXPECT_EQ(refusal(put(c.name, c.value, c.more)), "400 " + c.refusal);
  }
  EXPECT_EQ(refusal(ssm("DescribeParameters",
                        R"({"Filters":[{"Key":"Name","Values":["a"]}],
                            "ParameterFilters":[{"Key":"Name","Values":["a"]}]})")),
            "400 ValidationException: You can use either Filters or ParameterFilters in a single "
            "request.");
  const auto filtered = [this](std::string_view filters) {
    return refusal(
        ssm("DescribeParameters", R"({"ParameterFilters":)" + std::string(filters) + "}"));
  };
  EXPECT_EQ(filtered(R"([{"Key":"key"}])"),
            "400 ValidationException: 1 validation error detected: Value 'key' at "
            "'parameterFilters.1.member.key' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType");
  EXPECT_EQ(filtered(R"([{"Key":"Name","Option":"over 10 chars"},{"Key":"key"}])").substr(0, 54),
            "400 ValidationException: 2 validation errors detected:");
  EXPECT_EQ(filtered(R"([{"Key":"Name"}])"),
            "400 InvalidFilterValue: The following filter values are missing : null for filter key "
            "Name");
  EXPECT_EQ(ssm("ListDocuments", "{}").text("__type"), "UnknownOperationException");
  EXPECT_EQ(refusal(get("/aws/reference/secretsmanager/x")),
            "400 ValidationException: WithDecryption flag must be True for retrieving a Secret "
            "Manager secret.");
  EXPECT_EQ(refusal(get("/aws/reference/secretsmanager/x", true)),
            "400 ParameterNotFound: An error occurred (ParameterNotFound) when referencing Secrets "
            "Manager: Secret /aws/reference/secretsmanager/x not found.");
}

TEST_F(SsmTest, ReadsSecretsByReference) {
  const auto secrets = [this](std::string_view operation, std::string_view body) {
    return gate_.json("secretsmanager." + std::string(operation), body);
  };
  const std::string one = "00000000-0000-4000-8000-000000000001";
  ASSERT_EQ(secrets("CreateSecret",
                    R"({"Name":"app/db","SecretString":"one","ClientRequestToken":")" + one + "\"}")
                .status,
            200);
  ASSERT_EQ(
      secrets(
          "PutSecretValue",
          R"({"SecretId":"app/db","SecretString":"two","ClientRequestToken":"00000000-0000-4000-8000-000000000002"})")
          .status,
      200);
  const std::string reference = "/aws/reference/secretsmanager/app/db";
  const TestAnswer got = get(reference, true);
  EXPECT_EQ(got.text("Parameter", "Value"), "two");
  EXPECT_EQ(got.text("Parameter", "Name"), "app/db");
  EXPECT_EQ(got.text("Parameter", "Type"), "SecureString");
  EXPECT_EQ(got.text("Parameter", "Version"), "0");
  const std::string source = got.text("Parameter", "SourceResult");
  EXPECT_NE(source.find(R"("Name":"app/db","VersionIdsToStages":{")"), std::string::npos) << source;
  EXPECT_EQ(get(reference + ":AWSPREVIOUS", true).text("Parameter", "Value"), "one");
  EXPECT_EQ(get(reference + ":" + one, true).text("Parameter", "Value"), "one");
  EXPECT_EQ(get(reference + ":NOSTAGE", true).text("__type"), "ParameterNotFound");
  const TestAnswer many = ssm(
      "GetParameters",
      R"({"Names":[")" + reference + R"(",")" + reference + R"(-none"],"WithDecryption":true})");
  EXPECT_EQ(all(many, "Parameters", "Value"), "two");
  EXPECT_EQ(many.text("InvalidParameters"), R"([")" + reference + R"(-none"])");
  ASSERT_EQ(secrets("DeleteSecret", R"({"SecretId":"app/db"})").status, 200);
  EXPECT_EQ(get(reference, true).text("__type"), "ParameterNotFound");
}

TEST_F(SsmTest, ExpiredParametersAreRemovedByTheHousekeeper) {
  ASSERT_EQ(
      put("/e",
          "v",
          R"(,"Type":"String","Tier":"Advanced","Policies":"[{\"Type\":\"Expiration\",\"Version\":\"1.0\",\"Attributes\":{\"Timestamp\":\"2024-01-01T00:00:00Z\"}}]")")
          .status,
      200);
  EXPECT_EQ(get("/e").status, 200);
  gate_.clock.advance(std::chrono::hours(24 * 365));
  EXPECT_EQ(refusal(get("/e")), "400 ParameterNotFound: Parameter /e not found.");
  gate::Housekeeper housekeeper(gate_.lifecycle, gate_.clock, *gate_.random, "node");
  ASSERT_TRUE(housekeeper.expire_parameters());
  EXPECT_EQ(put("/e", "again", kString).text("Version"), "1");
}

}  // namespace
}  // namespace coffer::dialects::aws
