// What IAM policy documents are accepted and refused, and what statements cover.

#include "policy/test_iam.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::policy {
namespace {

TEST(IamPolicy, AcceptsWhatAwsAccepts) {
  for (
      const std::string& text : std::vector<std::string>{
          allow(R"("Action":"*","Resource":"*")"),
          allow(R"("Action":["kms:Decrypt","secretsmanager:Get*"],"Resource":["*"])"),
          allow(R"("NotAction":"iam:*","NotResource":"arn:aws:s3:::bucket")"),
          allow(R"("Sid":"A1","Action":"kms:?ecrypt","Resource":"arn:aws:kms:*:1:key/*")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:a:::${aws:PrincipalTag/t, 'none'}${$}")"),
          conditional(R"({"Bool":{"aws:SecureTransport":true}})"),
          conditional(R"({"NumericLessThan":{"kms:RotationPeriodInDays":[90, "91"]}})"),
          conditional(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}})"),
          conditional(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-01"}})"),
          conditional(R"({"DateLessThan":{"aws:EpochTime":"1700000000"}})"),
          conditional(R"({"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a*"]}})"),
          conditional(
              R"({"Null":{"aws:TokenIssueTime":"true"},"IpAddress":{"aws:SourceIp":"::1"}})"),
          R"({"Id":"x","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
          R"({"Version":"2008-10-17","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
      }) {
    EXPECT_TRUE(compile_policy("p", 1, Language::iam, text)) << text;
  }
}

TEST(IamPolicy, RefusesWhatDoesNotSayWhatItDoes) {
  for (
      const std::string& text : std::vector<std::string>{
          "",
          "null",
          "[]",
          "{}",
          R"({"Version":"2012-10-17"})",
          R"({"Version":"2012-10-17","Statement":[]})",
          R"({"Version":"2012-10-17","Statement":"x"})",
          R"({"Version":"2012-10-17","Statement":["x"]})",
          R"({"Version":"2012-10-18","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
          R"({"Version":20121017,"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
          R"({"version":"2012-10-17","Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
          R"({"Extra":1,"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"}})",
          R"({"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*"},"Statement":[]})",
          R"({"Statement":[{"Sid":"a","Effect":"Deny","Action":"a:b","Resource":"*"},)"
          R"({"Sid":"a","Effect":"Deny","Action":"a:b","Resource":"*"}]})",
          statement(R"("Action":"a:b","Resource":"*")"),
          statement(R"("Effect":"allow","Action":"a:b","Resource":"*")"),
          statement(R"("Effect":["Allow"],"Action":"a:b","Resource":"*")"),
          allow(R"("Resource":"*")"),
          allow(R"("Action":"a:b")"),
          allow(R"("Action":"a:b","NotAction":"a:c","Resource":"*")"),
          allow(R"("Action":"a:b","Resource":"*","NotResource":"*")"),
          allow(R"("Action":"a:b","Action":"a:c","Resource":"*")"),
          allow(R"("action":"a:b","Resource":"*")"),
          allow(R"("Action":"a:b","Resource":"*","Comment":"x")"),
          allow(R"("Action":"a:b","Resource":"*","Principal":"*")"),
          allow(R"("Action":"a:b","Resource":"*","NotPrincipal":{"AWS":"111122223333"}")"),
          allow(R"("Action":[],"Resource":"*")"),
          allow(R"("Action":7,"Resource":"*")"),
          allow(R"("Action":"","Resource":"*")"),
          allow(R"("Action":"Decrypt","Resource":"*")"),
          allow(R"("Action":"kms:","Resource":"*")"),
          allow(R"("Action":"*:Decrypt","Resource":"*")"),
          allow(R"("Action":"k*:Decrypt","Resource":"*")"),
          allow(R"("Action":"kms:${aws:username}","Resource":"*")"),
          allow(R"("Action":"a:b","Resource":"secret/*")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:kms")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:kms:us-east-1:1")"),
          allow(R"("Action":"a:b","Resource":"arn:aws::us-east-1:1:key/x")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:kms:us-east-1:1:")"),
          allow(R"("Action":"a:b","Resource":"*rn:aws:kms:us-east-1:1:key/x")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:s3:::${aws:username")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:s3:::${}")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:s3:::${username}")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:s3:::${aws:username, none}")"),
          allow(R"("Action":"a:b","Resource":"arn:aws:s3:::\u0001")"),
          allow(R"("Sid":"a b","Action":"a:b","Resource":"*")"),
          allow(R"("Sid":1,"Action":"a:b","Resource":"*")"),
          conditional(R"("x")"),
          conditional(R"({"StringMatches":{"aws:username":"x"}})"),
          conditional(R"({"stringequals":{"aws:username":"x"}})"),
          conditional(R"({"ForEachValue:StringEquals":{"aws:username":"x"}})"),
          conditional(R"({"ForAllValues:Null":{"aws:username":"true"}})"),
          conditional(R"({"NullIfExists":{"aws:username":"true"}})"),
          conditional(R"({"IfExists":{"aws:username":"true"}})"),
          conditional(R"({"StringEquals":"x"})"),
          conditional(R"({"StringEquals":{"username":"x"}})"),
          conditional(R"({"StringEquals":{"aws:username":[]}})"),
          conditional(R"({"StringEquals":{"aws:username":[["x"]]}})"),
          conditional(R"({"StringEquals":{"aws:username":{"a":"b"}}})"),
          conditional(R"({"StringEquals":{"aws:username":null}})"),
          conditional(R"({"StringEquals":{"aws:username":"x","AWS:UserName":"y"}})"),
          conditional(R"({"NumericEquals":{"kms:x":"ten"}})"),
          conditional(R"({"NumericEquals":{"kms:x":"inf"}})"),
          conditional(R"({"DateEquals":{"aws:CurrentTime":"yesterday"}})"),
          conditional(R"({"DateEquals":{"aws:CurrentTime":"7258118401"}})"),
          conditional(R"({"DateEquals":{"aws:CurrentTime":"9223372037"}})"),
          conditional(R"({"DateEquals":{"aws:CurrentTime":"9999999999"}})"),
          conditional(R"({"Bool":{"aws:SecureTransport":"yes"}})"),
          conditional(R"({"BinaryEquals":{"a:b":"*"}})"),
          conditional(R"({"IpAddress":{"aws:SourceIp":"10.0.0.1/8"}})"),
          conditional(R"({"IpAddress":{"aws:SourceIp":"${aws:SourceIp}"}})"),
          conditional(R"({"ArnLike":{"aws:PrincipalArn":"bob"}})"),
      }) {
    EXPECT_FALSE(compile_policy("p", 1, Language::iam, text)) << text;
  }
}

TEST(IamPolicy, SaysWhereAndNotWhat) {
  const auto refused =
      compile_policy("p", 1, Language::iam, "{\"Statement\":\n {\"Effect\":\"Sesame\"}}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("Sesame"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("line 2"), 0U) << refused.error().message;
  const auto unknown = compile_policy(
      "p", 1, Language::iam, allow(R"("Action":"a:b","Resource":"*","Canary":"canary")"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message.find("anary"), std::string::npos);
}

TEST(IamPolicy, HoldsToTheSizesOfAws) {
  const auto sized = [](IamKind kind, std::size_t size) {
    const bool named = kind == IamKind::resource || kind == IamKind::key || kind == IamKind::trust;
    std::string text = R"({"Statement":{"Effect":"Deny","Action":"sts:b")";
    if (kind != IamKind::trust) text += R"(,"Resource":"*")";
    if (named) text += R"(,"Principal":"*")";
    text += R"(},"Id":")";
    text += std::string(size - text.size() - 2, 'x') + "\"}";
    return compile_iam_policy("p", 1, kind, text + std::string(1000, ' ')).has_value();
  };
  const std::array<std::pair<IamKind, std::size_t>, 6> limits{{{IamKind::managed, 6144},
                                                               {IamKind::embedded, 10'240},
                                                               {IamKind::session, 2048},
                                                               {IamKind::resource, 20'480},
                                                               {IamKind::key, 32'768},
                                                               {IamKind::trust, 4096}}};
  for (const auto& [kind, limit] : limits) {
    EXPECT_TRUE(sized(kind, limit)) << limit;
    EXPECT_FALSE(sized(kind, limit + 1)) << limit;
  }
}

TEST(IamPolicy, ActionsHaveNoCaseAndWildcards) {
  for (const auto* const action : {"*",
                                   "secretsmanager:*",
                                   "SecretsManager:getsecretvalue",
                                   "secretsmanager:Get*",
                                   "secretsmanager:G?tSecretValue",
                                   "secretsmanager:*Value"}) {
    EXPECT_TRUE(reads(allow(R"("Resource":"*","Action":")" + std::string(action) + "\"")))
        << action;
  }
  for (const auto* const action :
       {"secretsmanager:Get", "secretsmanager:GetSecretValue?", "kms:*", "secretsmanager:Put*"}) {
    EXPECT_FALSE(reads(allow(R"("Resource":"*","Action":")" + std::string(action) + "\"")))
        << action;
  }
}

// NotAction with Allow gives everything else, and is no denial of what it names.
TEST(IamPolicy, NotActionAllowsTheRestAndDeniesNothing) {
  EXPECT_TRUE(reads(allow(R"("NotAction":"iam:*","Resource":"*")")));
  EXPECT_FALSE(reads(allow(R"("NotAction":"secretsmanager:*","Resource":"*")")));
  const std::string excluded = allow(R"("NotAction":"secretsmanager:*","Resource":"*")");
  const std::vector both{iam(excluded), iam(allow(R"("Action":"*","Resource":"*")"))};
  EXPECT_TRUE(
      decide(access_to("secretsmanager:GetSecretValue", kSecret), facts_of(bob()), both).allowed);
  EXPECT_TRUE(denies(statement(R"("Effect":"Deny","NotAction":"kms:*","Resource":"*")"),
                     access_to("secretsmanager:GetSecretValue", kSecret),
                     facts_of(bob())));
}

TEST(IamPolicy, ResourcesAreMatchedPartByPart) {
  const auto covers = [](std::string_view pattern) {
    return reads(allow(R"("Action":"*","Resource":")" + std::string(pattern) + "\""));
  };
  EXPECT_TRUE(covers("*"));
  EXPECT_TRUE(covers("arn:aws:secretsmanager:*:*:secret:prod/*"));
  EXPECT_TRUE(covers("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-??????"));
  EXPECT_TRUE(covers("arn:*:*:*:*:*"));
  EXPECT_FALSE(covers("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db"));
  EXPECT_FALSE(covers("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-?????"));
  EXPECT_FALSE(covers("arn:aws:secretsmanager:us-east-1:*2:secret:*"));
  EXPECT_FALSE(covers("arn:aws:secretsmanager:us-east-1:*:Secret:*"));
  // A wildcard does not run over the end of its part.
  EXPECT_FALSE(covers("arn:aws:*:secret:prod/db-AbCdEf:x"));
  EXPECT_FALSE(covers("arn:aws:secretsmanager::*:secret:*"));
}

TEST(IamPolicy, WhatHasNoResourceNeedsTheStar) {
  const Access lists = access_to("kms:ListKeys", "*");
  EXPECT_TRUE(allowed(allow(R"("Action":"kms:*","Resource":"*")"), lists, facts_of(bob())));
  EXPECT_FALSE(
      allowed(allow(R"("Action":"kms:*","Resource":"arn:aws:kms:*:*:*")"), lists, facts_of(bob())));
}

TEST(IamVariables, StandForTheirValueLetterByLetter) {
  const std::string own = allow(
      R"("Action":"*","Resource":"arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/Team}/*")");
  const auto with_tag = [&own](std::string tag, std::string_view name) {
    IamPrincipal who = bob();
    who.tags = {{"team", std::move(tag)}};
    const std::string arn =
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:" + std::string(name);
    return allowed(own, access_to("secretsmanager:GetSecretValue", arn), facts_of(who));
  };
  EXPECT_TRUE(with_tag("red", "red/x"));
  EXPECT_FALSE(with_tag("red", "blue/x"));
  EXPECT_FALSE(with_tag("*", "blue/x"));
  EXPECT_TRUE(with_tag("*", "*/x"));
  EXPECT_FALSE(with_tag("b?ue", "blue/x"));
  EXPECT_FALSE(with_tag("blue/x", "blue/x/y"));  // another folder than "a team's"
  EXPECT_FALSE(with_tag("", "/x"));
  EXPECT_FALSE(with_tag("${*}", "blue/x"));
}

TEST(IamVariables, WithoutAValueAllowNothingAndExemptNobody) {
  IamPrincipal nameless = bob();
  nameless.username.clear();
  const auto arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:bob/x";
  const Access access = access_to("secretsmanager:GetSecretValue", arn);
  const std::string pattern = R"("arn:aws:secretsmanager:*:*:secret:${aws:username}/*")";
  const std::string own = R"("Action":"*","Resource":)" + pattern;
  const std::string others = R"("Action":"*","NotResource":)" + pattern;
  EXPECT_TRUE(allowed(allow(own), access, facts_of(bob())));
  EXPECT_FALSE(allowed(allow(own), access, facts_of(nameless)));
  EXPECT_FALSE(allowed(allow(others), access, facts_of(nameless)));
  EXPECT_FALSE(denies(statement(R"("Effect":"Deny",)" + own), access, facts_of(nameless)));
  EXPECT_TRUE(denies(statement(R"("Effect":"Deny",)" + own), access, facts_of(bob())));
  EXPECT_TRUE(denies(statement(R"("Effect":"Deny",)" + others), access, facts_of(nameless)));
  // A token without an IAM principal: nobody can say.
  Facts stranger = facts_of(bob());
  stranger.iam.reset();
  EXPECT_FALSE(allowed(allow(own), access, stranger));
  EXPECT_TRUE(denies(statement(R"("Effect":"Deny",)" + own), access, stranger));
  // A default is a value.
  const std::string with_default =
      R"("Action":"*","Resource":"arn:aws:secretsmanager:*:*:secret:${aws:username, 'bob'}/*")";
  EXPECT_TRUE(allowed(allow(with_default), access, facts_of(nameless)));
}

TEST(IamVariables, AreTextInTheOldVersion) {
  const std::string old = R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*",)"
                          R"("Resource":"arn:aws:secretsmanager:*:*:secret:${aws:username}/*"}})";
  EXPECT_FALSE(reads(old, "arn:aws:secretsmanager:us-east-1:111122223333:secret:bob/x"));
  EXPECT_TRUE(reads(old, "arn:aws:secretsmanager:us-east-1:111122223333:secret:${aws:username}/x"));
}

struct ConditionCase {
  std::string_view condition;
  bool allows;  // an Allow with it allows
  bool denies;  // a Deny with it denies
};

Access with_context() {
  Access access = access_to("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/k");
  IamContext& context = access.iam->context;
  context.set("kms:EncryptionContext:App", {"web"});
  context.set("kms:EncryptionContextKeys", {"App", "Zone"});
  context.set("kms:RotationPeriodInDays", {"90"});
  context.set("aws:ResourceTag/team", {"red"});
  context.set("kms:ViaService", {"odd"});
  context.set("kms:RequestAlias", {});
  return access;
}

void check(std::initializer_list<ConditionCase> cases) {
  for (const ConditionCase& one : cases) {
    const std::string condition = "{" + std::string(one.condition) + "}";
    EXPECT_EQ(allowed(conditional(condition), with_context(), facts_of(bob())), one.allows)
        << condition;
    EXPECT_EQ(denies(conditional(condition, "Deny"), with_context(), facts_of(bob())), one.denies)
        << condition;
  }
}

TEST(IamConditions, OperatorsCompareAsTheyAreCalled) {
  check({{R"("StringEquals":{"KMS:encryptioncontext:APP":"web"})", true, true},
         {R"("StringEquals":{"kms:EncryptionContext:App":["x","web"]})", true, true},
         {R"("StringEquals":{"kms:EncryptionContext:App":"Web"})", false, false},
         {R"("StringEquals":{"kms:EncryptionContext:App":"w*"})", false, false},
         {R"("StringNotEquals":{"kms:EncryptionContext:App":["x","web"]})", false, false},
         {R"("StringNotEquals":{"kms:EncryptionContext:App":["x","y"]})", true, true},
         {R"("StringEqualsIgnoreCase":{"kms:EncryptionContext:App":"WEB"})", true, true},
         {R"("StringNotEqualsIgnoreCase":{"kms:EncryptionContext:App":"WEB"})", false, false},
         {R"("StringLike":{"kms:EncryptionContext:App":"w?b"})", true, true},
         {R"("StringNotLike":{"kms:EncryptionContext:App":"w*"})", false, false},
         {R"("StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"})", true, true},
         {R"("NumericEquals":{"kms:RotationPeriodInDays":"90.0"})", true, true},
         {R"("NumericNotEquals":{"kms:RotationPeriodInDays":90})", false, false},
         {R"("NumericLessThan":{"kms:RotationPeriodInDays":90})", false, false},
         {R"("NumericLessThanEquals":{"kms:RotationPeriodInDays":90})", true, true},
         {R"("NumericGreaterThan":{"kms:RotationPeriodInDays":89})", true, true},
         {R"("NumericGreaterThanEquals":{"kms:RotationPeriodInDays":91})", false, false},
         {R"("DateGreaterThan":{"aws:CurrentTime":"2023-11-14T22:00:00Z"})", true, true},
         {R"("DateLessThan":{"aws:CurrentTime":"2023-11-14"})", false, false},
         {R"("DateEquals":{"aws:EpochTime":"1700000000"})", true, true},
         {R"("Bool":{"aws:SecureTransport":"true"})", true, true},
         {R"("Bool":{"aws:SecureTransport":"false"})", false, false},
         {R"("IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]})", true, true},
         {R"("NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"})", false, false},
         {R"("ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/team/*"})", true, true},
         {R"("ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/*"})", true, true},
         {R"("ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"})", true, true},
         {R"("StringEquals":{"aws:PrincipalType":"User","aws:username":"bob"})", true, true},
         {R"("StringEquals":{"aws:PrincipalType":"User","aws:username":"eve"})", false, false},
         {R"("StringEquals":{"kms:CallerAccount":"111122223333"})", true, true}});
}

TEST(IamConditions, AbsentKeysAreAsWithAws) {
  check({{R"("StringEquals":{"aws:RequestTag/x":"y"})", false, false},
         {R"("StringNotEquals":{"aws:RequestTag/x":"y"})", true, true},
         {R"("StringEqualsIfExists":{"aws:RequestTag/x":"y"})", true, true},
         {R"("NumericLessThan":{"sts:DurationSeconds":"1"})", false, false},
         {R"("Bool":{"aws:MultiFactorAuthPresent":"false"})", false, false},
         {R"("BoolIfExists":{"aws:MultiFactorAuthPresent":"false"})", true, true},
         {R"("Null":{"aws:TokenIssueTime":"true"})", true, true},
         {R"("Null":{"aws:TokenIssueTime":"false"})", false, false},
         {R"("Null":{"aws:username":"false"})", true, true},
         {R"("Null":{"kms:RequestAlias":"true"})", true, true},
         {R"("ForAllValues:StringEquals":{"aws:TagKeys":"y"})", true, true},
         {R"("ForAnyValue:StringEquals":{"aws:TagKeys":"y"})", false, false},
         {R"("ForAnyValue:StringNotEquals":{"aws:TagKeys":"y"})", false, false}});
}

TEST(IamConditions, QuantifiersLookAtEveryValue) {
  check({{R"("ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["App","Zone","x"]})",
          true,
          true},
         {R"("ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["App"]})", false, false},
         {R"("ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":["App"]})", true, true},
         {R"("ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":["x"]})", false, false},
         {R"("ForAllValues:StringNotEquals":{"kms:EncryptionContextKeys":["x"]})", true, true},
         {R"("ForAllValues:StringNotEquals":{"kms:EncryptionContextKeys":["App"]})", false, false},
         {R"("ForAnyValue:StringNotEquals":{"kms:EncryptionContextKeys":["App"]})", true, true}});
}

// Neither allows, and nothing that denies is kept from it.
TEST(IamConditions, WhatIsNotKnownAllowsNothingAndDenies) {
  check({{R"("StringEquals":{"aws:SourceVpc":"v"})", false, true},
         {R"("StringNotEquals":{"aws:SourceVpc":"v"})", false, true},
         {R"("StringEqualsIfExists":{"aws:PrincipalOrgID":"o"})", false, true},
         {R"("Null":{"aws:SourceVpce":"true"})", false, true},
         {R"("ForAllValues:StringEquals":{"ec2:Region":"v"})", false, true},
         {R"("NumericLessThan":{"kms:ViaService":"5"})", false, true},
         {R"("ArnNotLike":{"kms:ViaService":"arn:aws:iam::*:role/x"})", false, true},
         {R"("StringEquals":{"kms:EncryptionContextKeys":["App","Zone"]})", false, true},
         {R"("StringNotEquals":{"aws:username":"${aws:SourceIdentity}"})", false, true},
         {R"("StringEquals":{"aws:username":"${aws:SourceIdentity}"})", false, true},
         // One that surely fails outweighs it.
         {R"("StringEquals":{"aws:SourceVpc":"v","aws:username":"eve"})", false, false}});
  Facts blind = facts_of(bob());
  blind.source_ip.reset();
  blind.secure_transport.reset();
  for (const auto* const condition : {R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})",
                                      R"({"Bool":{"aws:SecureTransport":"false"}})",
                                      R"({"BoolIfExists":{"aws:SecureTransport":"true"}})"}) {
    EXPECT_FALSE(allowed(conditional(condition), with_context(), blind)) << condition;
    EXPECT_TRUE(denies(conditional(condition, "Deny"), with_context(), blind)) << condition;
  }
}

// The context comes with the request: it never says who is asking.
TEST(IamConditions, TheContextDoesNotSpeakForThePrincipal) {
  Access access = with_context();
  access.iam->context.set("aws:username", {"eve"});
  access.iam->context.set("aws:PrincipalTag/admin", {"true"});
  const Facts facts = facts_of(bob());
  EXPECT_FALSE(allowed(conditional(R"({"StringEquals":{"aws:username":"eve"}})"), access, facts));
  EXPECT_FALSE(
      allowed(conditional(R"({"StringEquals":{"aws:PrincipalTag/admin":"true"}})"), access, facts));
}

TEST(IamConditions, TagsThatDifferInCaseOnlyAreNotOneValue) {
  IamPrincipal who = bob();
  who.tags = {{"team", "red"}, {"Team", "blue"}};
  EXPECT_FALSE(allowed(conditional(R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})"),
                       with_context(),
                       facts_of(who)));
}

TEST(IamConditions, WhatAnOperationCannotSayIsUnknown) {
  Access access = access_to("kms:Sign", kSecret);
  access.iam->context.leave_unknown("kms:SigningAlgorithm");
  for (const std::string condition : {R"({"StringEquals":{"kms:SigningAlgorithm":"x"}})",
                                      R"({"StringNotEquals":{"kms:SigningAlgorithm":"x"}})",
                                      R"({"Null":{"kms:SigningAlgorithm":"true"}})"}) {
    EXPECT_FALSE(allowed(conditional(condition), access, facts_of(bob()))) << condition;
    EXPECT_TRUE(denies(conditional(condition, "Deny"), access, facts_of(bob()))) << condition;
  }
}

// A moment that no clock of this server can show is unreadable, and weakens nothing.
TEST(IamConditions, MomentsOutOfReachAreUnknown) {
  const std::string before = R"({"DateLessThan":{"kms:ValidTo":"2030-01-01"}})";
  const std::string after = R"({"DateGreaterThan":{"kms:ValidTo":"2030-01-01"}})";
  for (const std::string moment : {"7258118401", "9223372037", "9999999999"}) {
    Access access = access_to("kms:ImportKeyMaterial", kSecret);
    access.iam->context.set("kms:ValidTo", {moment});
    for (const std::string& condition : {before, after}) {
      EXPECT_FALSE(allowed(conditional(condition), access, facts_of(bob()))) << moment;
      EXPECT_TRUE(denies(conditional(condition, "Deny"), access, facts_of(bob()))) << moment;
    }
  }
  Access access = access_to("kms:ImportKeyMaterial", kSecret);
  access.iam->context.set("kms:ValidTo", {"7258118400"});
  EXPECT_TRUE(allowed(conditional(after), access, facts_of(bob())));
  EXPECT_FALSE(denies(conditional(before, "Deny"), access, facts_of(bob())));
}

}  // namespace
}  // namespace coffer::policy
