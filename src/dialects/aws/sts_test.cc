// STS with callers that sign: who they are, roles, and temporary credentials.

#include "dialects/aws/sts_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

using gate::make_aws_user;
using gate::TestKey;

std::string aws(std::string_view arn) {
  return R"({"AWS":")" + std::string(arn) + "\"}";
}

TestAnswer assume(StsGate& gate,
                  const TestKey& key,
                  const std::string& role,
                  StsGate::Parameters more = {}) {
  more.emplace_back("RoleArn", role_arn(role));
  more.emplace_back("RoleSessionName", "job");
  return gate.ask(key, "AssumeRole", more);
}

std::string arn_behind(StsGate& gate, const TestKey& key) {
  return element_of(gate.ask(key, "GetCallerIdentity"), "Arn");
}

TEST(Sts, TellsEverybodyWhoTheyAre) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.allow_user(
      "bob",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})");
  const TestAnswer answer = gate.ask(bob, "GetCallerIdentity");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, "text/xml");
  EXPECT_TRUE(answer.body.starts_with(
      "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"));
  EXPECT_EQ(element_of(answer, "Arn"), user_arn("bob"));
  EXPECT_EQ(element_of(answer, "Account"), kStsAccount);
  EXPECT_TRUE(element_of(answer, "UserId").starts_with("AIDA"));
  EXPECT_EQ(gate.ask({}, "GetCallerIdentity").status, 403);
}

TEST(Sts, AnswersPresignedRequests) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  const std::vector<formats::SignedHeader> headers{{"host", "sts.elsewhere.example"}};
  const std::string nothing = hex_encode(crypto::sha256(as_bytes(std::string_view())));
  const auto target =
      formats::presign_target({.method = "GET",
                               .target = "/?Action=GetCallerIdentity&Version=2011-06-15",
                               .headers = headers,
                               .body_sha256 = nothing},
                              {bob.id, bob.secret, ""},
                              {.region = "eu-west-1", .service = "sts", .now = gate.clock.now()},
                              std::chrono::seconds(60));
  ASSERT_TRUE(target);
  const auto get = [&] {
    return gate.call("GET", target->text(), "", "", {{"host", "sts.elsewhere.example"}});
  };
  EXPECT_EQ(element_of(get(), "Arn"), user_arn("bob"));
  gate.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(get().status, 403);
}

TEST(Sts, RolesAreAssumedByWhomTheyTrust) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  const TestKey eve = make_aws_user(gate, "eve");
  gate.add_role("deploy", trusting(aws(user_arn("bob"))));
  const TestAnswer given = assume(gate, bob, "deploy");
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(element_of(given, "Arn"), "arn:aws:sts::123456789012:assumed-role/deploy/job");
  EXPECT_TRUE(element_of(given, "AssumedRoleId").starts_with("AROA"));
  EXPECT_TRUE(element_of(given, "AssumedRoleId").ends_with(":job"));
  EXPECT_TRUE(element_of(given, "Expiration").ends_with("Z"));
  EXPECT_EQ(element_of(given, "Expiration").find('.'), std::string::npos);
  const TestKey session = credentials_in(given);
  EXPECT_TRUE(session.id.starts_with("ASIA"));
  EXPECT_EQ(arn_behind(gate, session), "arn:aws:sts::123456789012:assumed-role/deploy/job");
  const TestAnswer refused = assume(gate, eve, "deploy");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(element_of(refused, "Code"), "AccessDenied");
  EXPECT_EQ(element_of(refused, "Message"),
            "User: " + user_arn("eve") +
                " is not authorized to perform: sts:AssumeRole on resource: " + role_arn("deploy"));
  // A role that is not there is refused in the same words.
  EXPECT_EQ(element_of(assume(gate, bob, "nothing"), "Code"), "AccessDenied");
}

TEST(Sts, TrustInTheAccountNeedsAPolicyOfTheCaller) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("deploy", trusting(aws("arn:aws:iam::123456789012:root")));
  EXPECT_EQ(assume(gate, bob, "deploy").status, 403);
  gate.allow_user("bob", allowing(R"("sts:AssumeRole")"));
  EXPECT_EQ(assume(gate, bob, "deploy").status, 200);
}

TEST(Sts, ConditionsOfTrustAreHeld) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role(
      "deploy",
      trusting(aws(user_arn("bob")),
               R"("sts:AssumeRole")",
               R"({"StringEquals":{"sts:ExternalId":"e-1","sts:RoleSessionName":"job"}})"));
  EXPECT_EQ(assume(gate, bob, "deploy").status, 403);
  EXPECT_EQ(assume(gate, bob, "deploy", {{"ExternalId", "e-2"}}).status, 403);
  EXPECT_EQ(assume(gate, bob, "deploy", {{"ExternalId", "e-1"}}).status, 200);
}

// The errors of aws-errors-observed.md.
TEST(Sts, RefusesInTheWordsOfAws) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("deploy", trusting(aws(user_arn("bob")), R"("sts:AssumeRole","sts:TagSession")"));
  const auto error = [](const TestAnswer& answer) {
    return element_of(answer, "Code") + ": " + element_of(answer, "Message");
  };
  for (const auto* const arn : {"arn::b:::something/test-role",
                                "arn:a::::something/test-role",
                                "arn:a:::something/test-role",
                                "arn:a:a::aaaaaaaaaa:",
                                "nothing-valid-in-here"}) {
    const TestAnswer answer =
        gate.ask(bob, "AssumeRole", {{"RoleArn", arn}, {"RoleSessionName", "job"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(error(answer), "ValidationError: " + std::string(arn) + " is invalid");
  }
  EXPECT_EQ(
      error(gate.ask(
          bob, "AssumeRole", {{"RoleArn", role_arn("deploy")}, {"RoleSessionName", "Session1:2"}})),
      "ValidationError: 1 validation error detected: Value &#39;Session1:2&#39; at "
      "&#39;roleSessionName&#39; failed to satisfy constraint: Member must satisfy regular "
      "expression pattern: [\\w+=,.@-]*");
  EXPECT_EQ(error(assume(gate,
                         bob,
                         "deploy",
                         {{"Tags.member.1.Key", "a"},
                          {"Tags.member.1.Value", "x"},
                          {"Tags.member.2.Key", "A"},
                          {"Tags.member.2.Value", "y"}})),
            "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
            "insensitive.");
  EXPECT_EQ(error(assume(gate, bob, "deploy", {{"TransitiveTagKeys.member.1", "a"}})),
            "InvalidParameterValue: The specified transitive tag key must be included in the "
            "requested tags.");
  EXPECT_EQ(element_of(assume(gate, bob, "deploy", {{"Policy", "{}"}}), "Code"),
            "MalformedPolicyDocument");
  EXPECT_EQ(element_of(assume(gate, bob, "deploy", {{"DurationSeconds", "18000"}}), "Code"),
            "ValidationError");
}

TEST(Sts, SessionPoliciesLimit) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("deploy", trusting(aws(user_arn("bob"))), allowing(R"("sts:*","iam:*")"));
  const auto may_list = [&gate](const TestKey& key) {
    return gate.ask(key, "ListOpenIDConnectProviders", {}, "iam").status == 200;
  };
  EXPECT_TRUE(may_list(credentials_in(assume(gate, bob, "deploy"))));
  EXPECT_FALSE(
      may_list(credentials_in(assume(gate, bob, "deploy", {{"Policy", allowing(R"("sts:*")")}}))));
  EXPECT_TRUE(
      may_list(credentials_in(assume(gate, bob, "deploy", {{"Policy", allowing(R"("iam:*")")}}))));
}

TEST(Sts, TagsAreHandedOn) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  const std::string both = R"("sts:AssumeRole","sts:TagSession")";
  const std::string first = trusting(aws(user_arn("bob")), both);
  gate.add_role("first", first, allowing(R"("sts:*")"));
  gate.add_role(
      "second",
      trusting(
          aws(role_arn("first")), both, R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})"));
  gate.add_role("untagged", trusting(aws(user_arn("bob"))));
  const StsGate::Parameters tags = {{"Tags.member.1.Key", "team"},
                                    {"Tags.member.1.Value", "red"},
                                    {"TransitiveTagKeys.member.1", "Team"}};
  EXPECT_EQ(assume(gate, bob, "untagged", tags).status, 403);
  EXPECT_EQ(assume(gate, credentials_in(assume(gate, bob, "first")), "second").status, 403);
  const TestKey tagged = credentials_in(assume(gate, bob, "first", tags));
  const TestAnswer chained = assume(gate, tagged, "second");
  ASSERT_EQ(chained.status, 200) << chained.body;
  const TestAnswer again = assume(
      gate, tagged, "second", {{"Tags.member.1.Key", "TEAM"}, {"Tags.member.1.Value", "blue"}});
  EXPECT_EQ(element_of(again, "Message"),
            "One of the specified transitive tag keys can&#39;t be set because it conflicts with a "
            "transitive tag key from the calling session.");
}

TEST(Sts, ChainsAreHeldToAnHour) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("first", trusting(aws(user_arn("bob"))), allowing(R"("sts:*")"));
  gate.add_role("second", trusting(aws(role_arn("first"))));
  EXPECT_EQ(assume(gate, bob, "first", {{"DurationSeconds", "7200"}}).status, 200);
  const TestKey session = credentials_in(assume(gate, bob, "first"));
  EXPECT_EQ(assume(gate, session, "second", {{"DurationSeconds", "3600"}}).status, 200);
  EXPECT_EQ(element_of(assume(gate, session, "second", {{"DurationSeconds", "3601"}}), "Code"),
            "ValidationError");
}

TEST(Sts, SessionsEndWithTheirTimeAndTheirParents) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.add_role("deploy", trusting(aws(user_arn("bob"))));
  const TestKey old = credentials_in(assume(gate, bob, "deploy", {{"DurationSeconds", "900"}}));
  EXPECT_FALSE(arn_behind(gate, old).empty());
  gate.clock.advance(std::chrono::seconds(901));
  EXPECT_EQ(element_of(gate.ask(old, "GetCallerIdentity"), "Code"), "ExpiredToken");
  const TestKey session = credentials_in(assume(gate, bob, "deploy"));
  gate::change_iam(
      gate, [&](domain::AwsIdentities& iam) { return iam.set_key_active("bob", bob.id, false); });
  EXPECT_EQ(element_of(gate.ask(session, "GetCallerIdentity"), "Code"), "InvalidClientTokenId");
}

TEST(Sts, UsersGetSessionsOfTheirOwn) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  const TestAnswer given = gate.ask(bob, "GetSessionToken", {{"DurationSeconds", "900"}});
  ASSERT_EQ(given.status, 200) << given.body;
  const TestKey session = credentials_in(given);
  EXPECT_EQ(arn_behind(gate, session), user_arn("bob"));
  EXPECT_EQ(element_of(gate.ask(session, "GetSessionToken"), "Code"), "AccessDenied");
  EXPECT_EQ(gate.ask(bob, "GetSessionToken", {{"DurationSeconds", "899"}}).status, 400);
  EXPECT_EQ(gate.ask(bob,
                     "GetSessionToken",
                     {{"SerialNumber", "arn:aws:iam::0:mfa/x"}, {"TokenCode", "123456"}})
                .status,
            403);
}

TEST(Sts, FederatedUsersHaveWhatTheyWereGiven) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  EXPECT_EQ(gate.ask(bob, "GetFederationToken", {{"Name", "fed"}}).status, 403);
  gate.allow_user("bob", allowing(R"("sts:GetFederationToken","iam:*")"));
  const TestAnswer given =
      gate.ask(bob, "GetFederationToken", {{"Name", "fed"}, {"Policy", allowing(R"("iam:*")")}});
  ASSERT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(element_of(given, "FederatedUserId"), "123456789012:fed");
  const TestKey session = credentials_in(given);
  EXPECT_EQ(arn_behind(gate, session), "arn:aws:sts::123456789012:federated-user/fed");
  EXPECT_EQ(gate.ask(session, "ListOpenIDConnectProviders", {}, "iam").status, 200);
  const TestKey bare = credentials_in(gate.ask(bob, "GetFederationToken", {{"Name", "fed"}}));
  EXPECT_EQ(gate.ask(bare, "ListOpenIDConnectProviders", {}, "iam").status, 403);
  EXPECT_EQ(gate.ask(session, "GetFederationToken", {{"Name", "fed"}}).status, 403);
}

// Whoever may do no more than its policy says does not get a role's rights.
TEST(Sts, FederatedUsersAssumeNoRoles) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  gate.allow_user("bob", allowing(R"("sts:*")"));
  gate.add_role("deploy", trusting(aws("arn:aws:iam::123456789012:root")));
  EXPECT_EQ(assume(gate, bob, "deploy").status, 200);
  const TestKey session = credentials_in(
      gate.ask(bob, "GetFederationToken", {{"Name", "fed"}, {"Policy", allowing(R"("sts:*")")}}));
  const TestAnswer refused = assume(gate, session, "deploy");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(element_of(refused, "Code"), "AccessDenied");
}

TEST(Sts, SaysWhoseAnAccessKeyIs) {
  StsGate gate;
  const TestKey bob = make_aws_user(gate, "bob");
  EXPECT_EQ(gate.ask(bob, "GetAccessKeyInfo", {{"AccessKeyId", bob.id}}).status, 403);
  gate.allow_user("bob", allowing(R"("sts:GetAccessKeyInfo")"));
  EXPECT_EQ(element_of(gate.ask(bob, "GetAccessKeyInfo", {{"AccessKeyId", bob.id}}), "Account"),
            kStsAccount);
  EXPECT_EQ(gate.ask(bob, "GetAccessKeyInfo", {{"AccessKeyId", "AKIAAAAAAAAAAAAAAAAA"}}).status,
            400);
}

// Credentials that would outlive the token that asked for them are not given out.
TEST(Sts, TokensOfOtherDialectsAssumeNothing) {
  StsGate gate;
  gate.add_role("deploy", trusting("\"*\""));
  const TestAnswer answer =
      gate.form("Action=AssumeRole&Version=2011-06-15&RoleSessionName=job&RoleArn=" +
                url_encoded(role_arn("deploy")));
  EXPECT_EQ(answer.status, 403) << answer.body;
  EXPECT_EQ(gate.form("Action=GetSessionToken&Version=2011-06-15").status, 403);
  EXPECT_EQ(element_of(gate.form("Action=GetCallerIdentity&Version=2011-06-15"), "Arn"),
            "arn:aws:iam::123456789012:root");
}

}  // namespace
}  // namespace coffer::dialects::aws
