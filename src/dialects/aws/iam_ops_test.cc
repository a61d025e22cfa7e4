#include "dialects/aws/aws_gate.h"
#include "domain/auth/aws_session.h"
#include "formats/form.h"
#include "gate/test_signing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

using gate::TestKey;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},)"
    R"("Action":"sts:AssumeRole"}]})";
constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]})";

class IamTest : public testing::Test {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string_view>>;

  static std::string form(std::string_view action, const Fields& fields) {
    std::vector<formats::FormPair> pairs;
    pairs.push_back({"Action", secure::SecureText(action)});
    pairs.push_back({"Version", secure::SecureText("2010-05-08")});
    for (const auto& [name, value] : fields) pairs.push_back({name, secure::SecureText(value)});
    return std::string(formats::write_form(pairs).text());
  }

  TestAnswer ask(std::string_view action, const Fields& fields = {}) {
    return gate.form(form(action, fields));
  }

  // Signed by that key.
  TestAnswer ask_as(const TestKey& key, std::string_view action, const Fields& fields = {}) {
    const std::string body = form(action, fields);
    return gate.call(
        "POST",
        "/",
        body,
        "",
        gate::sign(
            gate,
            key,
            {.service = "iam",
             .body = body,
             .headers = {{"host", "iam.amazonaws.com"},
                         {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}}}));
  }

  void expect_ok(const TestAnswer& answer) { EXPECT_EQ(answer.status, 200) << answer.body; }

  void expect_error(const TestAnswer& answer, int status, std::string_view code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("<Code>" + std::string(code) + "</Code>"));
  }

  // The text of the first element of that name.
  static std::string element(const TestAnswer& answer, std::string_view name) {
    const std::string open = "<" + std::string(name) + ">";
    const std::size_t at = answer.body.find(open);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + open.size();
    return answer.body.substr(begin, answer.body.find("</", begin) - begin);
  }

  AwsGate gate;
};

TEST_F(IamTest, UsersAreMadeReadListedAndDeleted) {
  const TestAnswer made = ask("CreateUser",
                              {{"UserName", "Bob"},
                               {"Path", "/team/"},
                               {"Tags.member.1.Key", "a"},
                               {"Tags.member.1.Value", "b&c"}});
  expect_ok(made);
  EXPECT_EQ(made.content_type, "text/xml");
  EXPECT_THAT(
      made.body,
      HasSubstr("<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"));
  EXPECT_EQ(element(made, "Arn"), "arn:aws:iam::123456789012:user/team/Bob");
  EXPECT_TRUE(element(made, "UserId").starts_with("AIDA"));
  const TestAnswer read = ask("GetUser", {{"UserName", "bob"}});
  EXPECT_EQ(element(read, "UserName"), "Bob");
  EXPECT_EQ(element(read, "Value"), "b&amp;c");
  expect_error(ask("CreateUser", {{"UserName", "BOB"}}), 409, "EntityAlreadyExists");
  expect_ok(ask("CreateUser", {{"UserName", "eve"}}));
  const TestAnswer team = ask("ListUsers", {{"PathPrefix", "/team/"}});
  EXPECT_THAT(team.body, HasSubstr("<UserName>Bob</UserName>"));
  EXPECT_THAT(team.body, Not(HasSubstr("eve")));
  expect_ok(ask("DeleteUser", {{"UserName", "bob"}}));
  const TestAnswer gone = ask("GetUser", {{"UserName", "Bob"}});
  expect_error(gone, 404, "NoSuchEntity");
  EXPECT_EQ(element(gone, "Message"), "The user with name Bob cannot be found.");
}

TEST_F(IamTest, ListingsComeInPages) {
  for (const std::string_view name : {"a", "b", "c"}) {
    expect_ok(ask("CreateUser", {{"UserName", name}}));
  }
  const TestAnswer first = ask("ListUsers", {{"MaxItems", "2"}});
  EXPECT_EQ(element(first, "IsTruncated"), "true");
  const std::string marker = element(first, "Marker");
  const TestAnswer second = ask("ListUsers", {{"Marker", marker}});
  EXPECT_EQ(element(second, "UserName"), "c");
  EXPECT_EQ(element(second, "IsTruncated"), "false");
  expect_error(ask("ListRoles", {{"Marker", marker}}), 400, "InvalidInput");
}

TEST_F(IamTest, AccessKeysShowTheirSecretOnce) {
  expect_ok(ask("CreateUser", {{"UserName", "bob"}}));
  const TestAnswer made = ask("CreateAccessKey", {{"UserName", "bob"}});
  const TestKey key{element(made, "AccessKeyId"), element(made, "SecretAccessKey"), ""};
  EXPECT_TRUE(key.id.starts_with("AKIA"));
  EXPECT_EQ(key.secret.size(), 40U);
  const TestAnswer listed = ask("ListAccessKeys", {{"UserName", "bob"}});
  EXPECT_THAT(listed.body, HasSubstr(key.id));
  EXPECT_THAT(listed.body, Not(HasSubstr(key.secret)));
  EXPECT_EQ(element(ask("GetAccessKeyLastUsed", {{"AccessKeyId", key.id}}), "ServiceName"), "N/A");
  expect_ok(ask("PutUserPolicy",
                {{"UserName", "bob"}, {"PolicyName", "all"}, {"PolicyDocument", kAllowAll}}));
  EXPECT_EQ(element(ask_as(key, "GetUser"), "UserName"), "bob") << "the caller itself";
  EXPECT_EQ(element(ask("GetAccessKeyLastUsed", {{"AccessKeyId", key.id}}), "ServiceName"), "iam");
  expect_ok(ask("UpdateAccessKey",
                {{"UserName", "bob"}, {"AccessKeyId", key.id}, {"Status", "Inactive"}}));
  expect_error(ask_as(key, "GetUser"), 403, "InvalidClientTokenId");
  expect_ok(ask("CreateAccessKey", {{"UserName", "bob"}}));
  expect_error(ask("CreateAccessKey", {{"UserName", "bob"}}), 409, "LimitExceeded");
  expect_error(ask("DeleteUser", {{"UserName", "bob"}}), 409, "DeleteConflict");
  expect_ok(ask("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", key.id}}));
  expect_error(
      ask("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", key.id}}), 404, "NoSuchEntity");
}

TEST_F(IamTest, RolesHaveATrustPolicy) {
  const TestAnswer made =
      ask("CreateRole", {{"RoleName", "reader"}, {"AssumeRolePolicyDocument", kTrust}});
  expect_ok(made);
  EXPECT_EQ(element(made, "Arn"), "arn:aws:iam::123456789012:role/reader");
  EXPECT_TRUE(element(made, "AssumeRolePolicyDocument").starts_with("%7B%22Version%22%3A"));
  EXPECT_EQ(element(made, "MaxSessionDuration"), "3600");
  expect_error(ask("CreateRole", {{"RoleName", "bad"}, {"AssumeRolePolicyDocument", "{}"}}),
               400,
               "MalformedPolicyDocument");
  expect_error(
      ask("UpdateAssumeRolePolicy", {{"RoleName", "reader"}, {"PolicyDocument", kAllowAll}}),
      400,
      "MalformedPolicyDocument");
  expect_ok(ask("UpdateAssumeRolePolicy", {{"RoleName", "reader"}, {"PolicyDocument", kTrust}}));
  expect_ok(ask("UpdateRole", {{"RoleName", "reader"}, {"MaxSessionDuration", "7200"}}));
  EXPECT_EQ(element(ask("GetRole", {{"RoleName", "reader"}}), "MaxSessionDuration"), "7200");
  expect_ok(ask("ListInstanceProfilesForRole", {{"RoleName", "reader"}}));
  expect_ok(ask("DeleteRole", {{"RoleName", "reader"}}));
  expect_error(ask("GetRole", {{"RoleName", "reader"}}), 404, "NoSuchEntity");
}

TEST_F(IamTest, PoliciesAreEmbeddedAndAttached) {
  expect_ok(ask("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}}));
  expect_ok(ask("PutRolePolicy",
                {{"RoleName", "r"}, {"PolicyName", "Own"}, {"PolicyDocument", kAllowAll}}));
  EXPECT_EQ(element(ask("ListRolePolicies", {{"RoleName", "r"}}), "member"), "Own");
  EXPECT_TRUE(
      element(ask("GetRolePolicy", {{"RoleName", "r"}, {"PolicyName", "Own"}}), "PolicyDocument")
          .starts_with("%7B"));
  expect_error(
      ask("GetRolePolicy", {{"RoleName", "r"}, {"PolicyName", "none"}}), 404, "NoSuchEntity");
  const TestAnswer policy =
      ask("CreatePolicy", {{"PolicyName", "App"}, {"PolicyDocument", kAllowAll}});
  const std::string arn = element(policy, "Arn");
  EXPECT_EQ(arn, "arn:aws:iam::123456789012:policy/App");
  for (const std::string& attached : {arn, std::string("arn:aws:iam::aws:policy/ReadOnlyAccess")}) {
    expect_ok(ask("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", attached}}));
    EXPECT_THAT(ask("ListAttachedRolePolicies", {{"RoleName", "r"}}).body, HasSubstr(attached));
  }
  expect_error(ask("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn + "None"}}),
               404,
               "NoSuchEntity");
  for (const std::string_view other : {"arn:aws:iam::123456789012:policy/app",
                                       "arn:aws:iam::123456789012:policy/x/App",
                                       "arn:aws:iam::999999999999:policy/App",
                                       "arn:aws:iam::123456789012:role/App",
                                       "arn:aws:iam::aws:policy/readonlyaccess"}) {
    expect_error(
        ask("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", other}}), 404, "NoSuchEntity");
  }
  EXPECT_EQ(element(ask("GetPolicy", {{"PolicyArn", arn}}), "AttachmentCount"), "1");
  expect_error(ask("DeletePolicy", {{"PolicyArn", arn}}), 409, "DeleteConflict");
  expect_error(ask("DeleteRole", {{"RoleName", "r"}}), 409, "DeleteConflict");
  expect_ok(ask("DetachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn}}));
  expect_ok(ask("DeletePolicy", {{"PolicyArn", arn}}));
  expect_error(ask("GetPolicy", {{"PolicyArn", arn}}), 404, "NoSuchEntity");
}

TEST_F(IamTest, ManagedPoliciesHaveVersions) {
  const std::string arn =
      element(ask("CreatePolicy", {{"PolicyName", "App"}, {"PolicyDocument", kAllowAll}}), "Arn");
  expect_error(ask("CreatePolicy", {{"PolicyName", "app"}, {"PolicyDocument", kAllowAll}}),
               409,
               "EntityAlreadyExists");
  expect_error(ask("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", kAllowAll}}),
               400,
               "InvalidInput");
  const TestAnswer second =
      ask("CreatePolicyVersion",
          {{"PolicyArn", arn}, {"PolicyDocument", kAllowAll}, {"SetAsDefault", "true"}});
  EXPECT_EQ(element(second, "VersionId"), "v2");
  EXPECT_EQ(element(ask("GetPolicy", {{"PolicyArn", arn}}), "DefaultVersionId"), "v2");
  EXPECT_EQ(element(ask("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}}),
                    "IsDefaultVersion"),
            "false");
  expect_error(
      ask("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v3"}}), 404, "NoSuchEntity");
  EXPECT_THAT(ask("ListPolicyVersions", {{"PolicyArn", arn}}).body, HasSubstr("v1"));
  EXPECT_THAT(ask("ListPolicies", {{"Scope", "Local"}}).body, Not(HasSubstr("Administrator")));
  EXPECT_THAT(ask("ListPolicies", {{"Scope", "AWS"}}).body, HasSubstr("AdministratorAccess"));
}

TEST_F(IamTest, NeedsItsOwnPermissionForEachOperation) {
  const TestKey nobody = gate::make_aws_user(gate, "nobody");
  const TestAnswer denied = ask_as(nobody, "CreateUser", {{"UserName", "x"}});
  expect_error(denied, 403, "AccessDenied");
  EXPECT_THAT(denied.body,
              HasSubstr("User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: "
                        "iam:CreateUser on resource: arn:aws:iam::123456789012:user/x"));
  const TestKey reader =
      gate::make_aws_user(gate, "reader", {"arn:aws:iam::aws:policy/ReadOnlyAccess"});
  expect_ok(ask_as(reader, "GetUser", {{"UserName", "nobody"}}));
  expect_error(ask_as(reader, "CreateAccessKey", {{"UserName", "nobody"}}), 403, "AccessDenied");
  const TestKey admin = gate::make_aws_administrator(gate);
  expect_ok(ask_as(admin, "CreateAccessKey", {{"UserName", "nobody"}}));
}

TEST_F(IamTest, SessionsOfUsersAdministrateNobody) {
  gate::make_aws_administrator(gate);
  const gate::UnsealedPtr unsealed = gate.lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, gate.clock.now(), *gate.random);
  const auto user = view.find<domain::AwsUserRow>("admin");
  domain::AwsSession session;
  session.kind = domain::AwsSessionKind::user;
  session.principal = "admin";
  session.principal_id = *(*user)->row.id;
  session.expires = gate.clock.now() + std::chrono::hours(1);
  const auto issued = domain::issue_aws_session(
      *view.keyring(), rows::kRootRealm, *gate.random, std::move(session));
  ASSERT_TRUE(issued);
  const TestKey key{
      issued->access_key_id, std::string(issued->secret.text()), std::string(issued->token.text())};
  expect_error(ask_as(key, "ListUsers"), 403, "AccessDenied");
}

TEST_F(IamTest, TagsAreReplacedByKey) {
  expect_ok(ask("CreateUser", {{"UserName", "bob"}}));
  expect_ok(
      ask("TagUser",
          {{"UserName", "bob"}, {"Tags.member.1.Key", "Team"}, {"Tags.member.1.Value", "red"}}));
  expect_ok(
      ask("TagUser",
          {{"UserName", "bob"}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "blue"}}));
  const TestAnswer tags = ask("ListUserTags", {{"UserName", "bob"}});
  EXPECT_EQ(element(tags, "Value"), "blue");
  EXPECT_THAT(tags.body, Not(HasSubstr("red")));
  expect_ok(ask("UntagUser", {{"UserName", "bob"}, {"TagKeys.member.1", "TEAM"}}));
  EXPECT_THAT(ask("ListUserTags", {{"UserName", "bob"}}).body, Not(HasSubstr("blue")));
}

// Who asks for a limit must not get a user without it.
TEST_F(IamTest, PermissionsBoundariesAreRefused) {
  const std::string_view boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  expect_error(ask("CreateUser", {{"UserName", "bob"}, {"PermissionsBoundary", boundary}}),
               400,
               "InvalidInput");
  expect_error(ask("GetUser", {{"UserName", "bob"}}), 404, "NoSuchEntity");
  expect_error(ask("CreateRole",
                   {{"RoleName", "r"},
                    {"AssumeRolePolicyDocument", kTrust},
                    {"PermissionsBoundary", boundary}}),
               400,
               "InvalidInput");
  expect_error(ask("GetRole", {{"RoleName", "r"}}), 404, "NoSuchEntity");
}

TEST_F(IamTest, TagsOfWhatIsMadeNeedTheirOwnPermission) {
  const auto user_who_may = [&](const std::string& name, const std::string& actions) {
    const TestKey key = gate::make_aws_user(gate, name);
    const std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[)" +
        actions + "]}]}";
    expect_ok(ask("PutUserPolicy",
                  {{"UserName", name}, {"PolicyName", "own"}, {"PolicyDocument", policy}}));
    return key;
  };
  const std::string creates =
      R"("iam:CreateUser","iam:CreateRole","iam:CreateOpenIDConnectProvider")";
  const TestKey creator = user_who_may("creator", creates);
  const TestKey tagger = user_who_may(
      "tagger", creates + R"(,"iam:TagUser","iam:TagRole","iam:TagOpenIDConnectProvider")");
  const Fields user = {{"UserName", "u"}};
  const Fields role = {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}};
  const Fields provider = {{"Url", "https://issuer.example"}};
  const auto with_tag = [](Fields fields) {
    fields.emplace_back("Tags.member.1.Key", "team");
    fields.emplace_back("Tags.member.1.Value", "red");
    return fields;
  };
  const std::pair<std::string_view, Fields> made[] = {
      {"CreateUser", user}, {"CreateRole", role}, {"CreateOpenIDConnectProvider", provider}};
  for (const auto& [operation, fields] : made) {
    expect_error(ask_as(creator, operation, with_tag(fields)), 403, "AccessDenied");
    expect_ok(ask_as(tagger, operation, with_tag(fields)));
  }
  expect_ok(ask_as(creator, "CreateUser", {{"UserName", "plain"}}));
}

TEST_F(IamTest, ListingsCountWhoHasAPolicy) {
  const std::string arn =
      element(ask("CreatePolicy", {{"PolicyName", "App"}, {"PolicyDocument", kAllowAll}}), "Arn");
  expect_ok(ask("CreatePolicy", {{"PolicyName", "Idle"}, {"PolicyDocument", kAllowAll}}));
  expect_ok(ask("CreateUser", {{"UserName", "u"}}));
  expect_ok(ask("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", kTrust}}));
  expect_ok(ask("AttachUserPolicy", {{"UserName", "u"}, {"PolicyArn", arn}}));
  expect_ok(ask("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn}}));
  const TestAnswer attached = ask("ListPolicies", {{"Scope", "Local"}, {"OnlyAttached", "true"}});
  EXPECT_EQ(element(attached, "AttachmentCount"), "2");
  EXPECT_THAT(attached.body, Not(HasSubstr("Idle")));
  EXPECT_THAT(ask("ListPolicies", {{"Scope", "Local"}}).body, HasSubstr("Idle"));
}

}  // namespace
}  // namespace coffer::dialects::aws
