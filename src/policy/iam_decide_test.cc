// How IAM policies of principals, resources, keys, roles and sessions make one decision.

#include "policy/test_iam.h"

#include <gtest/gtest.h>

#include <random>

namespace coffer::policy {
namespace {

constexpr std::string_view kKey = "arn:aws:kms:us-east-1:111122223333:key/k";
constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/ops/deploy";
constexpr std::string_view kAccount = R"({"AWS":"arn:aws:iam::111122223333:root"})";
constexpr std::string_view kBob = R"({"AWS":"arn:aws:iam::111122223333:user/team/bob"})";

std::string for_principal(std::string_view effect, std::string_view principal) {
  return statement(R"("Effect":")" + std::string(effect) +
                   R"(","Action":"*","Resource":"*","Principal":)" + std::string(principal));
}

PolicyPtr resource_policy(std::string_view effect, std::string_view principal) {
  return iam(for_principal(effect, principal), IamKind::resource, "resource policy");
}

PolicyPtr key_policy(std::string_view effect, std::string_view principal) {
  return iam(for_principal(effect, principal), IamKind::key, "key policy");
}

PolicyPtr trust(std::string_view rest) {
  return iam(statement(rest), IamKind::trust, "trust policy");
}

IamPrincipal session_of_deploy() {
  IamPrincipal out;
  out.type = IamPrincipal::Type::assumed_role;
  out.account = "111122223333";
  out.arn = "arn:aws:sts::111122223333:assumed-role/deploy/job";
  out.role_arn = kRole;
  out.userid = "AROAEXAMPLE:job";
  return out;
}

const std::string kAllowAll = allow(R"("Action":"*","Resource":"*")");
const std::string kDenyDecrypt =
    statement(R"("Sid":"No","Effect":"Deny","Action":"kms:Decrypt","Resource":"*")");

struct Case {
  std::vector<PolicyPtr> identity;
  std::vector<PolicyPtr> session;
  std::optional<PolicyPtr> resource;
  std::optional<PolicyPtr> consent;
  std::string grant;
};

Decision decrypt(const Case& one, const Facts& facts = facts_of(bob())) {
  Access access = access_to("kms:Decrypt", kKey);
  access.iam->resource_policy = one.resource;
  access.iam->consent_policy = one.consent;
  access.iam->grant = one.grant;
  return decide(access, facts, one.identity, one.session);
}

TEST(IamPrincipals, AcceptsAndRefusesNames) {
  const auto compiles = [](std::string_view principal, std::string_view effect = "Deny") {
    return compile_iam_policy("p", 1, IamKind::resource, for_principal(effect, principal))
        .has_value();
  };
  for (const auto* const good :
       {R"("*")",
        R"({"AWS":"*"})",
        R"({"AWS":["111122223333","arn:aws:iam::111122223333:root"]})",
        R"({"AWS":"arn:aws-cn:iam::111122223333:role/a/b/c"})",
        R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"})",
        R"({"AWS":"arn:aws:sts::111122223333:federated-user/f"})",
        R"({"Service":["lambda.amazonaws.com"],"Federated":"accounts.google.com"})",
        R"({"Federated":"arn:aws:iam::111122223333:oidc-provider/a.example/x"})"}) {
    EXPECT_TRUE(compiles(good, "Allow")) << good;
  }
  for (const auto* const bad : {R"({})",
                                R"([])",
                                R"("bob")",
                                R"("arn:aws:iam::111122223333:root")",
                                R"({"AWS":[]})",
                                R"({"AWS":""})",
                                R"({"AWS":"11112222333"})",
                                R"({"AWS":"bob"})",
                                R"({"AWS":"arn:aws:iam::111122223333:user/*"})",
                                R"({"AWS":"arn:aws:iam::111122223333:role/dev-?"})",
                                R"({"AWS":"arn:aws:iam::*:root"})",
                                R"({"AWS":"arn:aws:iam::111122223333:*"})",
                                R"({"AWS":"arn:aws:iam::111122223333:user/${aws:username}"})",
                                R"({"AWS":"arn:aws:iam::111122223333:group/g"})",
                                R"({"AWS":"arn:aws:iam::111122223333:user/"})",
                                R"({"AWS":"arn:aws:iam::111122223333:user//bob"})",
                                R"({"AWS":"arn:aws:iam:us-east-1:111122223333:user/bob"})",
                                R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r"})",
                                R"({"AWS":"arn:aws:s3::111122223333:user/bob"})",
                                R"({"AWS":"arn:evil:iam::111122223333:user/bob"})",
                                R"({"AWS":"arn:aws:iam::111122223333:user/bob "})",
                                R"({"Service":"*"})",
                                R"({"Federated":"*"})",
                                R"({"CanonicalUser":"x"})",
                                R"({"aws":"*"})",
                                R"({"AWS":{"a":"b"}})"}) {
    EXPECT_FALSE(compiles(bad)) << bad;
  }
}

TEST(IamPrincipals, AreWhereTheyBelong) {
  const std::string without = allow(R"("Action":"*","Resource":"*")");
  for (const IamKind kind : {IamKind::managed, IamKind::embedded, IamKind::session}) {
    EXPECT_FALSE(compile_iam_policy("p", 1, kind, for_principal("Allow", R"("*")")));
    EXPECT_TRUE(compile_iam_policy("p", 1, kind, without));
  }
  for (const IamKind kind : {IamKind::resource, IamKind::key}) {
    EXPECT_TRUE(compile_iam_policy("p", 1, kind, for_principal("Allow", R"("*")")));
    EXPECT_FALSE(compile_iam_policy("p", 1, kind, without));
    EXPECT_FALSE(compile_iam_policy(
        "p", 1, kind, statement(R"("Effect":"Allow","Action":"*","Principal":"*")")));
    // It would allow everybody whom nobody thought of.
    EXPECT_FALSE(compile_iam_policy(
        "p",
        1,
        kind,
        statement(
            R"("Effect":"Allow","Action":"*","Resource":"*","NotPrincipal":{"AWS":"111122223333"})")));
  }
  const auto trusts = [](std::string_view rest) {
    return compile_iam_policy("p", 1, IamKind::trust, statement(rest)).has_value();
  };
  EXPECT_TRUE(
      trusts(R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"})"));
  EXPECT_FALSE(trusts(R"("Effect":"Allow","Action":"sts:AssumeRole")"));
  EXPECT_FALSE(trusts(R"("Effect":"Allow","Action":"*","Principal":"*")"));
  EXPECT_FALSE(trusts(R"("Effect":"Allow","Action":"kms:Decrypt","Principal":"*")"));
  EXPECT_FALSE(trusts(R"("Effect":"Allow","NotAction":"sts:x","Principal":"*")"));
  EXPECT_FALSE(
      trusts(R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Principal":"*")"));
}

TEST(IamDecision, NothingAllowsUnlessSomethingDoes) {
  EXPECT_EQ(decrypt({}).denial, Denial::nothing_allows);
  const Decision given = decrypt({.identity = {iam(kAllowAll)}});
  EXPECT_TRUE(given.allowed);
  EXPECT_EQ(given.denial, Denial::none);
  ASSERT_EQ(given.reasons.size(), 1U);
  EXPECT_EQ(given.reasons[0].policy, "i");
  EXPECT_EQ(given.reasons[0].revision, 3U);
  EXPECT_EQ(given.reasons[0].rule, "statement 1");
  EXPECT_EQ(given.reasons[0].text, "allowed by statement 1");
}

TEST(IamDecision, ADenialAnywhereDenies) {
  const auto all = iam(kAllowAll);
  const auto no = iam(kDenyDecrypt, IamKind::managed, "no");
  const Decision by_identity = decrypt({.identity = {all, no}});
  EXPECT_EQ(by_identity.denial, Denial::by_identity);
  EXPECT_EQ(by_identity.reasons.at(0).policy, "no");
  EXPECT_EQ(by_identity.reasons.at(0).rule, "No");
  EXPECT_EQ(decrypt({.identity = {all}, .session = {all, no}}).denial, Denial::by_session);
  EXPECT_EQ(decrypt({.identity = {all}, .resource = resource_policy("Deny", "\"*\"")}).denial,
            Denial::by_resource);
  EXPECT_EQ(decrypt({.identity = {all}, .consent = key_policy("Deny", kBob)}).denial,
            Denial::by_resource);
  // Against a grant, a resource policy and Vault's and the documents' allowances.
  EXPECT_FALSE(decrypt({.identity = {no}, .grant = "g"}).allowed);
  EXPECT_FALSE(decrypt({.identity = {no}, .resource = resource_policy("Allow", kBob)}).allowed);
  Access access = access_to("kms:Decrypt", kKey);
  access.path = "transit/decrypt/k";
  access.capability = Capability::update;
  const auto grants = vault(rule("transit/decrypt/*", {"update"}));
  EXPECT_TRUE(decide(access, facts_of(bob()), std::vector{grants}).allowed);
  EXPECT_FALSE(decide(access, facts_of(bob()), std::vector{grants, no}).allowed);
}

// An IAM policy says nothing about what has no IAM spelling.
TEST(IamDecision, ConcernsOnlyAccessesWithItsSpelling) {
  const auto grants = vault(rule("sys/x", {"read"}));
  const auto deny_all = iam(statement(R"("Effect":"Deny","Action":"*","Resource":"*")"));
  const Access access = vault_access(Capability::read, "sys/x");
  EXPECT_TRUE(decide(access, {}, std::vector{grants, deny_all}).allowed);
  EXPECT_FALSE(decide(access, {}, std::vector{iam(kAllowAll)}).allowed);
}

TEST(IamDecision, MissingAndMisplacedPoliciesDeny) {
  const auto all = iam(kAllowAll);
  EXPECT_EQ(decrypt({.identity = {all, nullptr}}).denial, Denial::missing_policy);
  EXPECT_EQ(decrypt({.identity = {all}, .session = {nullptr}}).denial, Denial::missing_policy);
  EXPECT_EQ(decrypt({.identity = {all}, .resource = PolicyPtr()}).denial, Denial::missing_policy);
  EXPECT_EQ(decrypt({.identity = {all}, .consent = PolicyPtr()}).denial, Denial::missing_policy);
  const auto of_resource = resource_policy("Allow", "\"*\"");
  EXPECT_FALSE(decrypt({.identity = {all, of_resource}}).allowed);
  EXPECT_FALSE(decrypt({.identity = {all}, .session = {of_resource}}).allowed);
  EXPECT_FALSE(decrypt({.identity = {all}, .consent = of_resource}).allowed);
  EXPECT_FALSE(decrypt({.identity = {all}, .resource = all}).allowed);
}

TEST(IamDecision, ResourcePoliciesAddWhatTheyAllowByName) {
  EXPECT_TRUE(decrypt({.resource = resource_policy("Allow", kBob)}).allowed);
  EXPECT_TRUE(decrypt({.resource = resource_policy("Allow", "\"*\"")}).allowed);
  // The account alone leaves it to the principal's own policies.
  EXPECT_FALSE(decrypt({.resource = resource_policy("Allow", kAccount)}).allowed);
  EXPECT_FALSE(
      decrypt({.resource = resource_policy("Allow", R"({"Service":"lambda.amazonaws.com"})")})
          .allowed);
}

// The principal's policies are asked about the folder, the resource's about what lies in it.
TEST(IamDecision, AResourcesPolicyIsAskedAboutItsOwnArn) {
  constexpr std::string_view kFolder = "arn:aws:ssm:us-east-1:111122223333:parameter/app";
  constexpr std::string_view kInside = "arn:aws:ssm:us-east-1:111122223333:parameter/app/db";
  const auto own = [&](std::string_view effect, std::string_view resource) {
    return iam(
        statement(R"("Effect":")" + std::string(effect) +
                  R"(","Action":"*","Principal":"*","Resource":")" + std::string(resource) + "\""),
        IamKind::resource,
        "own");
  };
  const auto of_folder = iam(allow(R"("Action":"*","Resource":")" + std::string(kFolder) + "\""));
  const auto read = [&](const PolicyPtr& resource, std::vector<PolicyPtr> identity) {
    Access access = access_to("ssm:GetParametersByPath", kFolder);
    access.iam->resource_policy = resource;
    access.iam->policy_resource = kInside;
    return decide(access, facts_of(bob()), identity);
  };
  EXPECT_EQ(read(own("Deny", kInside), {of_folder}).denial, Denial::by_resource);
  EXPECT_TRUE(read(own("Deny", kFolder), {of_folder}).allowed);
  EXPECT_TRUE(read(own("Allow", kInside), {}).allowed);
  EXPECT_FALSE(read(own("Allow", kFolder), {}).allowed);
  Access access = access_to("ssm:GetParametersByPath", kFolder);
  access.iam->policy_resource = kInside;
  EXPECT_TRUE(denial_text(access, facts_of(bob()), Denial::by_resource).contains(kInside));
  EXPECT_FALSE(denial_text(access, facts_of(bob()), Denial::by_identity).contains(kInside));
}

// A key listens to its own policy first: identity policies alone give nothing.
TEST(IamDecision, KeysNeedTheirPolicysConsent) {
  const auto all = iam(kAllowAll);
  const auto eve = key_policy("Allow", R"({"AWS":"arn:aws:iam::111122223333:user/eve"})");
  EXPECT_EQ(decrypt({.identity = {all}, .consent = eve}).denial, Denial::no_consent);
  EXPECT_FALSE(
      decrypt({.identity = {all}, .consent = key_policy("Allow", R"({"AWS":"999999999999"})")})
          .allowed);
  EXPECT_TRUE(decrypt({.consent = key_policy("Allow", kBob)}).allowed);
  EXPECT_EQ(decrypt({.consent = key_policy("Allow", kAccount)}).denial, Denial::nothing_allows);
  const Decision both = decrypt({.identity = {all}, .consent = key_policy("Allow", kAccount)});
  EXPECT_TRUE(both.allowed);
  ASSERT_EQ(both.reasons.size(), 2U);
  EXPECT_EQ(both.reasons[1].policy, "key policy");
  EXPECT_TRUE(decrypt({.consent = eve, .grant = "g-1"}).allowed);
  // What a resource policy says does not stand in for consent.
  EXPECT_FALSE(decrypt({.resource = resource_policy("Allow", kBob), .consent = eve}).allowed);
}

TEST(IamDecision, TokensOfOtherDialectsBelongToTheAccount) {
  Access access = access_to("kms:Decrypt", kKey);
  access.path = "transit/decrypt/k";
  access.capability = Capability::update;
  const std::vector policies{vault(rule("transit/decrypt/*", {"update"}))};
  const auto with = [&](PolicyPtr consent) {
    access.iam->consent_policy = std::move(consent);
    return decide(access, {}, policies).allowed;
  };
  EXPECT_TRUE(decide(access, {}, policies).allowed);
  EXPECT_TRUE(with(key_policy("Allow", kAccount)));
  EXPECT_FALSE(with(key_policy("Allow", kBob)));
  EXPECT_FALSE(with(key_policy("Allow", R"({"AWS":"999999999999"})")));
  EXPECT_FALSE(with(key_policy("Deny", "\"*\"")));
  EXPECT_FALSE(with(key_policy("Deny", kAccount)));
  // "*" names nobody who has no other right.
  access.iam->consent_policy = key_policy("Allow", "\"*\"");
  EXPECT_FALSE(decide(access, {}, {}).allowed);
}

TEST(IamDecision, SessionsAreLimited) {
  const auto all = iam(kAllowAll);
  const auto only_kms = iam(allow(R"("Action":"kms:*","Resource":"*")"), IamKind::session);
  const auto only_sts = iam(allow(R"("Action":"sts:*","Resource":"*")"), IamKind::session);
  EXPECT_TRUE(decrypt({.identity = {all}, .session = {only_kms}}).allowed);
  EXPECT_TRUE(decrypt({.identity = {all}, .session = {only_sts, only_kms}}).allowed);
  EXPECT_EQ(decrypt({.identity = {all}, .session = {only_sts}}).denial, Denial::beyond_session);
  EXPECT_EQ(decrypt({.session = {only_kms}}).denial, Denial::nothing_allows);
  EXPECT_FALSE(decrypt({.session = {only_sts}, .grant = "g"}).allowed);
  EXPECT_FALSE(decrypt({.session = {only_sts}, .consent = key_policy("Allow", kBob)}).allowed);
  EXPECT_FALSE(decrypt({.identity = {root_policy()}, .session = {only_sts}}).allowed);
  EXPECT_FALSE(
      decrypt({.identity = {root_policy()}, .session = {only_kms, iam(kDenyDecrypt)}}).allowed);
  EXPECT_TRUE(decrypt({.identity = {root_policy()}, .session = {only_kms}}).root);
  EXPECT_TRUE(decrypt({.identity = {all}, .session = {root_policy()}}).allowed);
  // What has no IAM spelling is beyond every limit.
  const auto access = vault_access(Capability::read, "sys/x");
  EXPECT_FALSE(decide(access, {}, std::vector{root_policy()}, std::vector{only_kms}).allowed);
}

TEST(IamDecision, RootNeedsNoConsent) {
  EXPECT_TRUE(decrypt({.identity = {root_policy()}, .consent = key_policy("Deny", "\"*\"")}).root);
}

TEST(IamDecision, RolesStandForTheirSessions) {
  const Facts session = facts_of(session_of_deploy());
  const auto named = [&session](std::string_view arn) {
    return decrypt({.resource = resource_policy("Allow", R"({"AWS":")" + std::string(arn) + "\"}")},
                   session)
        .allowed;
  };
  EXPECT_TRUE(named(kRole));
  EXPECT_TRUE(named("arn:aws:sts::111122223333:assumed-role/deploy/job"));
  EXPECT_FALSE(named("arn:aws:sts::111122223333:assumed-role/deploy/other"));
  EXPECT_FALSE(named("arn:aws:iam::111122223333:role/deploy"));  // another role: the path counts
  EXPECT_FALSE(named("arn:aws:iam::111122223333:user/ops/deploy"));
}

TEST(IamDecision, NotPrincipalSparesOnlyWhoIsNamedInFull) {
  const auto all = iam(kAllowAll);
  const auto denies_but = [&all](std::string_view names, const Facts& facts) {
    const std::string text =
        statement(R"("Effect":"Deny","Action":"*","Resource":"*","NotPrincipal":{"AWS":[)" +
                  std::string(names) + "]}");
    return !decrypt({.identity = {all}, .resource = iam(text, IamKind::resource)}, facts).allowed;
  };
  const Facts user = facts_of(bob());
  const Facts session = facts_of(session_of_deploy());
  const std::string bobs = R"("arn:aws:iam::111122223333:user/team/bob","111122223333")";
  const std::string role = R"("arn:aws:iam::111122223333:role/ops/deploy","111122223333")";
  EXPECT_FALSE(denies_but(bobs, user));
  EXPECT_TRUE(denies_but(bobs, session));
  EXPECT_TRUE(denies_but(R"("111122223333")", user));
  EXPECT_TRUE(denies_but(R"("arn:aws:iam::111122223333:user/team/bob")", user));
  EXPECT_TRUE(denies_but(role, session));
  EXPECT_FALSE(
      denies_but(role + R"(,"arn:aws:sts::111122223333:assumed-role/deploy/job")", session));
  EXPECT_TRUE(denies_but(bobs, Facts{}));
}

TEST(IamDecision, TrustPoliciesConsentToTheirRole) {
  Access access = access_to("sts:AssumeRole", kRole);
  access.iam->context.set("sts:ExternalId", {"e-1"});
  const auto assumes = [&access](const PolicyPtr& policy, const std::vector<PolicyPtr>& own = {}) {
    access.iam->consent_policy = policy;
    return decide(access, facts_of(bob()), own).allowed;
  };
  const std::string grants = R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":)";
  EXPECT_TRUE(assumes(trust(grants + std::string(kBob))));
  EXPECT_FALSE(assumes(trust(grants + std::string(kAccount))));
  EXPECT_TRUE(assumes(trust(grants + std::string(kAccount)), {iam(kAllowAll)}));
  EXPECT_FALSE(assumes(trust(grants + R"({"Service":"ec2.amazonaws.com"})"), {iam(kAllowAll)}));
  const std::string asks = R"(,"Condition":{"StringEquals":{"sts:ExternalId":)";
  EXPECT_TRUE(assumes(trust(grants + std::string(kBob) + asks + R"("e-1"}})")));
  EXPECT_FALSE(assumes(trust(grants + std::string(kBob) + asks + R"("e-2"}})")));
}

TEST(IamDecision, OnlyProvidersNameTheFederated) {
  constexpr std::string_view kProvider = "arn:aws:iam::111122223333:oidc-provider/issuer.example";
  IamPrincipal who;
  who.type = IamPrincipal::Type::federated;
  who.account = "111122223333";
  who.arn = "arn:aws:iam::111122223333:oidc-provider/issuer.example";
  who.provider = kProvider;
  Access access = access_to("sts:AssumeRoleWithWebIdentity", kRole);
  access.iam->context.set("issuer.example:sub", {"system:serviceaccount:a:b"});
  const auto assumes = [&](std::string_view principal, std::string_view rest = "") {
    access.iam->consent_policy =
        trust(R"("Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":)" +
              std::string(principal) + std::string(rest));
    return decide(access, facts_of(who), {}).allowed;
  };
  const std::string named = R"({"Federated":")" + std::string(kProvider) + "\"}";
  EXPECT_TRUE(assumes(named));
  EXPECT_TRUE(
      assumes(named, R"(,"Condition":{"StringLike":{"issuer.example:sub":"system:*:a:*"}})"));
  EXPECT_FALSE(assumes(named, R"(,"Condition":{"StringEquals":{"issuer.example:sub":"other"}})"));
  // A claim that the token does not have is no reason to let it in.
  EXPECT_FALSE(assumes(named, R"(,"Condition":{"StringNotEquals":{"issuer.example:aud":"x"}})"));
  EXPECT_FALSE(
      assumes(R"({"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer.example/"})"));
  EXPECT_FALSE(assumes("\"*\""));
  EXPECT_FALSE(assumes(kAccount));
}

TEST(IamDecision, IsToldInTheWordsOfAws) {
  const Access access = access_to("kms:Decrypt", kKey);
  EXPECT_EQ(
      denial_text(access, facts_of(bob()), Denial::nothing_allows),
      "User: arn:aws:iam::111122223333:user/team/bob is not authorized to perform: kms:Decrypt on "
      "resource: arn:aws:kms:us-east-1:111122223333:key/k because no identity-based policy allows "
      "the kms:Decrypt action");
  EXPECT_TRUE(denial_text(access, facts_of(bob()), Denial::by_session)
                  .ends_with("with an explicit deny in a session policy"));
}

// Random policies over a small alphabet.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string pick(std::initializer_list<std::string_view> from) {
    return std::string(*(from.begin() + below(from.size())));
  }

  std::string statement(std::string_view effect, std::string_view principal) {
    std::string out = R"({"Effect":")" + std::string(effect) + "\"";
    out += below(4) == 0 ? R"(,"NotAction":)" : R"(,"Action":)";
    out += pick({"\"*\"", "\"kms:*\"", "\"kms:Decrypt\"", R"(["a:b","kms:?ncrypt"])"});
    out += below(4) == 0 ? R"(,"NotResource":)" : R"(,"Resource":)";
    out += pick({"\"*\"",
                 R"("arn:aws:kms:*:*:key/*")",
                 R"("arn:aws:kms:*:*:key/${aws:username}")",
                 R"("arn:aws:kms:*:*:key/${aws:SourceIdentity}")",
                 R"("arn:aws:kms:*:*:alias/a")"});
    out += principal;
    if (below(2) == 0) {
      out += R"(,"Condition":)" +
             pick({R"({"StringEquals":{"aws:username":["k","${aws:SourceIdentity}"]}})",
                   R"({"StringNotEquals":{"aws:RequestTag/a":"b"}})",
                   R"({"Bool":{"aws:SecureTransport":"true"}})",
                   R"({"Null":{"aws:SourceVpc":"true"}})",
                   R"({"ForAllValues:StringEquals":{"aws:TagKeys":["x"]}})"});
    }
    return out + "}";
  }

  std::string policy(std::string_view principal = "") {
    std::string out = R"({"Version":"2012-10-17","Statement":[)";
    for (auto n = 1 + below(3); n > 0; --n) {
      out += statement(below(5) == 0 ? "Deny" : "Allow", principal) + (n > 1 ? "," : "");
    }
    return out + "]}";
  }

  Facts facts() {
    IamPrincipal who = bob();
    who.username = pick({"", "k", "*", "a/b"});
    who.source_identity = pick({"", "k", "?"});
    Facts out = facts_of(who);
    if (below(3) == 0) out.secure_transport.reset();
    if (below(6) == 0) out.iam.reset();
    return out;
  }

  Access access() {
    Access out =
        access_to(pick({"kms:Decrypt", "kms:Encrypt", "a:b"}),
                  "arn:aws:kms:us-east-1:111122223333:" + pick({"key/k", "key/x", "alias/a"}));
    if (below(2) == 0) out.iam->context.set("aws:TagKeys", {"x", "y"});
    if (below(3) == 0) out.iam->grant = "g";
    return out;
  }

 private:
  std::mt19937 random_;
};

TEST(IamProperty, AddingADenialNeverAllowsMore) {
  World world(6);
  const std::string principal = R"(,"Principal":{"AWS":"111122223333"})";
  int narrowed = 0;
  for (int i = 0; i < 2000; ++i) {
    const Facts facts = world.facts();
    Access access = world.access();
    if (world.below(2) == 0)
      access.iam->consent_policy = iam(world.policy(principal), IamKind::key);
    std::vector policies{iam(world.policy()), iam(world.policy())};
    std::vector<PolicyPtr> session;
    if (world.below(3) == 0) session.push_back(iam(world.policy(), IamKind::session));
    const bool before = decide(access, facts, policies, session).allowed;
    const std::string denial = R"({"Version":"2012-10-17","Statement":[)";
    switch (world.below(3)) {
      case 0:
        policies.push_back(iam(denial + world.statement("Deny", "") + "]}"));
        break;
      case 1:
        session.push_back(iam(denial + world.statement("Deny", "") + "]}", IamKind::session));
        break;
      default:
        access.iam->resource_policy =
            iam(denial + world.statement("Deny", principal) + "]}", IamKind::resource);
    }
    const bool after = decide(access, facts, policies, session).allowed;
    ASSERT_FALSE(after && !before) << i;
    narrowed += before && !after ? 1 : 0;
  }
  EXPECT_GT(narrowed, 150);
}

// Whatever a principal's name and tags are: with them it reaches no key but those that its literal
// name names.
TEST(IamProperty, NamesNeverAddWildcardsOrFolders) {
  World world(7);
  const auto own =
      iam(allow(R"("Action":"*","Resource":"arn:aws:kms:*:*:key/${aws:PrincipalTag/t}")"));
  int reached = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string name;
    for (auto n = world.below(4); n > 0; --n)
      name += world.pick({"a", "b", "*", "?", "/", ":", "$", "${*}"});
    std::string key;
    for (auto n = world.below(4); n > 0; --n) key += world.pick({"a", "b", "*", "/", ":"});
    IamPrincipal who = bob();
    who.tags = {{"t", name}};
    const Access access = access_to("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/" + key);
    const bool allowed = decide(access, facts_of(who), std::vector{own}).allowed;
    ASSERT_EQ(allowed, name == key && !name.empty() && name.find('/') == std::string::npos)
        << name << " reaches " << key;
    reached += allowed ? 1 : 0;
  }
  EXPECT_GT(reached, 20);
}

}  // namespace
}  // namespace coffer::policy
