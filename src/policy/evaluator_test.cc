#include "policy/evaluator.h"

#include "policy/test_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using ::testing::ElementsAre;

constexpr Capability kVerbs[] = {Capability::create,
                                 Capability::read,
                                 Capability::update,
                                 Capability::del,
                                 Capability::list,
                                 Capability::patch,
                                 Capability::scan};

TEST(Decide, GrantsExactlyTheCapabilitiesGiven) {
  for (const Capability given : kVerbs) {
    const auto policy = vault(rule("secret/a", {to_text(given)}));
    for (const Capability asked : kVerbs) {
      EXPECT_EQ(allows({policy}, asked, "secret/a"), asked == given);
      EXPECT_FALSE(allows({policy}, asked, "secret/b"));
    }
    EXPECT_FALSE(allows({policy}, Capability::none, "secret/a"));
    EXPECT_FALSE(allows({policy}, Capability::deny, "secret/a"));
  }
}

TEST(Decide, DeniesWithoutPoliciesAndWithMissingOnes) {
  const auto all = vault(rule("*", {"read"}));
  EXPECT_FALSE(allows({}, Capability::read, "a"));
  EXPECT_TRUE(allows({all}, Capability::read, "a"));
  EXPECT_FALSE(allows({all, nullptr}, Capability::read, "a"));
  EXPECT_FALSE(allows({nullptr, root_policy()}, Capability::read, "a"));
}

TEST(Decide, AMissingPolicyLeavesATokenWhatIsAboutItself) {
  Access own;
  own.path = "auth/token/lookup-self";
  own.capability = Capability::read;
  own.about_own_token = true;
  const auto reads = vault(rule("auth/token/*", {"read"}));
  const auto denies = vault(rule("auth/token/lookup-self", {"deny"}));
  const std::vector<PolicyPtr> missing{nullptr};
  const std::vector<PolicyPtr> granted{reads, nullptr};
  const std::vector<PolicyPtr> denied{reads, nullptr, denies};
  EXPECT_TRUE(decide(own, {}, granted).allowed);
  EXPECT_FALSE(decide(own, {}, denied).allowed);
  EXPECT_FALSE(decide(own, {}, missing).allowed);
  EXPECT_FALSE(decide(own, {}, granted, missing).allowed);
  own.about_own_token = false;
  EXPECT_FALSE(decide(own, {}, granted).allowed);
}

TEST(Decide, LetsTheMostSpecificPatternDecide) {
  const auto policy =
      vault(rule("*", {"list"}) + rule("secret/*", {"read"}) + rule("secret/+/conf", {"update"}) +
            rule("secret/app/*", {"delete"}) + rule("secret/app/conf", {"create"}));
  EXPECT_TRUE(allows({policy}, Capability::list, "other"));
  EXPECT_TRUE(allows({policy}, Capability::read, "secret/x"));
  EXPECT_FALSE(allows({policy}, Capability::list, "secret/x/y"));
  EXPECT_TRUE(allows({policy}, Capability::update, "secret/x/conf"));
  EXPECT_FALSE(allows({policy}, Capability::read, "secret/x/conf"));
  EXPECT_TRUE(allows({policy}, Capability::del, "secret/app/x"));
  EXPECT_TRUE(allows({policy}, Capability::create, "secret/app/conf"));
  EXPECT_FALSE(allows({policy}, Capability::del, "secret/app/conf"));
}

TEST(Decide, FindsTheLongestOfManyPrefixes) {
  const auto policy =
      vault(rule("a*", {"read"}) + rule("ab/*", {"list"}) + rule("ab/c*", {"update"}) +
            rule("ab/cd/*", {"delete"}) + rule("ab/x*", {"patch"}) + rule("b*", {"create"}));
  EXPECT_TRUE(allows({policy}, Capability::read, "az"));
  EXPECT_TRUE(allows({policy}, Capability::read, "ab"));
  EXPECT_TRUE(allows({policy}, Capability::list, "ab/zz"));
  EXPECT_TRUE(allows({policy}, Capability::update, "ab/cz"));
  EXPECT_TRUE(allows({policy}, Capability::update, "ab/cd"));
  EXPECT_TRUE(allows({policy}, Capability::del, "ab/cd/e"));
  EXPECT_TRUE(allows({policy}, Capability::list, "ab/d"));
  EXPECT_TRUE(allows({policy}, Capability::create, "bz"));
  EXPECT_FALSE(allows({policy}, Capability::create, "c"));
}

TEST(Decide, UnitesTheSamePatternOverPolicies) {
  const auto reads = vault(rule("secret/*", {"read"}), "reads");
  const auto writes = vault(rule("secret/*", {"update"}), "writes");
  const auto denies = vault(rule("secret/*", {"deny"}), "denies");
  EXPECT_TRUE(allows({reads, writes}, Capability::read, "secret/a"));
  EXPECT_TRUE(allows({reads, writes}, Capability::update, "secret/a"));
  EXPECT_FALSE(allows({reads, writes, denies}, Capability::read, "secret/a"));
  EXPECT_FALSE(allows({denies, reads}, Capability::read, "secret/a"));
}

TEST(Decide, DenyHoldsOnlyForItsPattern) {
  const auto narrow = vault(rule("secret/a", {"read"}));
  const auto broad = vault(rule("secret/*", {"deny"}));
  EXPECT_TRUE(allows({narrow, broad}, Capability::read, "secret/a"));
  EXPECT_FALSE(allows({narrow, broad}, Capability::read, "secret/b"));
}

TEST(Decide, DenyInOneRuleIsAlone) {
  const auto policy =
      vault(rule("a", {"read", "deny", "list"}) + rule("b", {"read"}) + rule("b", {"deny"}));
  EXPECT_FALSE(allows({policy}, Capability::read, "a"));
  EXPECT_FALSE(allows({policy}, Capability::read, "b"));
}

// Security checklist A: every verb, every kind of denying pattern, under a grant of everything.
TEST(Decide, NoVerbGetsAroundADenial) {
  for (const Capability verb : kVerbs) {
    for (const std::string_view denied : {"secret/a", "secret/+", "secret/a*", "+/a", "secret/*"}) {
      const auto policy = vault(rule("*", {to_text(verb)}) + rule(denied, {"deny"}));
      EXPECT_FALSE(allows({policy}, verb, "secret/a")) << to_text(verb) << " " << denied;
      EXPECT_TRUE(allows({policy}, verb, "other/b")) << to_text(verb) << " " << denied;
    }
  }
  for (const std::string_view denied :
       {"secret/a", "secret/a/", "secret/+", "secret/+/", "secret/a*", "+/a", "+/+", "secret/*"}) {
    const auto policy = vault(rule("*", {"list"}) + rule(denied, {"deny"}));
    EXPECT_FALSE(allows({policy}, Capability::list, "secret/a/")) << denied;
    EXPECT_FALSE(allows({policy}, Capability::list, "secret/a")) << denied;
  }
}

TEST(Decide, ListTakesBothSpellingsOfADirectory) {
  const auto bare = vault(rule("secret/a", {"list", "read"}));
  EXPECT_TRUE(allows({bare}, Capability::list, "secret/a/"));
  EXPECT_TRUE(allows({bare}, Capability::list, "secret/a"));
  EXPECT_FALSE(allows({bare}, Capability::read, "secret/a/"));
  const auto slashed = vault(rule("secret/a/", {"list"}) + rule("secret/a", {"deny"}));
  EXPECT_TRUE(allows({slashed}, Capability::list, "secret/a/"));
  const auto below = vault(rule("secret/a/*", {"list"}));
  EXPECT_TRUE(allows({below}, Capability::list, "secret/a"));
  EXPECT_TRUE(allows({below}, Capability::list, "secret/a/"));
  // A "+" that matches the bare spelling only grants nothing more than Vault does.
  EXPECT_FALSE(allows({vault(rule("secret/+", {"list"}))}, Capability::list, "secret/a/"));
  const auto split = vault(rule("secret/+", {"read"}) + rule("secret/*", {"list"}));
  EXPECT_TRUE(allows({split}, Capability::list, "secret/a/"));
  EXPECT_TRUE(allows({vault(rule("*", {"list"}))}, Capability::list, ""));
}

TEST(Decide, SudoNeedsBoth) {
  Access access = vault_access(Capability::update, "sys/seal");
  access.needs_sudo = true;
  const auto decide_with = [&](std::string_view text) {
    return decide(access, {}, std::vector{vault(text)}).allowed;
  };
  EXPECT_FALSE(decide_with(rule("sys/seal", {"update"})));
  EXPECT_FALSE(decide_with(rule("sys/seal", {"sudo"})));
  EXPECT_TRUE(decide_with(rule("sys/seal", {"sudo", "update"})));
  EXPECT_TRUE(decide_with("path \"sys/seal\" { policy = \"sudo\" }"));
}

TEST(Decide, RootGrantsEverythingAndSaysSo) {
  const std::vector policies{vault(rule("*", {"deny"})), root_policy()};
  Access access = vault_access(Capability::update, "sys/seal");
  access.needs_sudo = true;
  const Decision decision = decide(access, {}, policies);
  EXPECT_TRUE(decision.allowed);
  EXPECT_TRUE(decision.root);
  EXPECT_EQ(decision.reasons.at(0).policy, "root");
  EXPECT_FALSE(decide(access, {}, std::vector{vault(rule("*", {"sudo", "update"}))}).root);
}

TEST(Decide, ScanningIsAPermissionOfItsOwn) {
  const auto may = [](Capability capability, std::string_view path, const std::string& rules) {
    return decide(vault_access(capability, path), {}, std::vector{vault(rules)}).allowed;
  };
  const std::string listing = rule("a/*", {"list", "read", "create", "update", "delete", "patch"});
  EXPECT_FALSE(may(Capability::scan, "a/b/", listing));
  EXPECT_FALSE(may(Capability::scan, "a/b/", "path \"a/*\" { policy = \"sudo\" }"));
  EXPECT_TRUE(may(Capability::scan, "a/b/", rule("a/*", {"scan"})));
  EXPECT_FALSE(may(Capability::list, "a/b/", rule("a/*", {"scan"})));
  EXPECT_TRUE(may(Capability::scan, "a/b/", rule("a/b", {"scan"})));
  EXPECT_FALSE(may(Capability::scan, "a/b/", rule("a/*", {"scan"}) + rule("a/b", {"deny"})))
      << "no slash gets around a denial";
}

TEST(Decide, NamesTheRuleThatDecided) {
  const std::vector policies{vault(rule("secret/*", {"read"}), "reads"),
                             vault(rule("secret/*", {"list"}), "lists"),
                             vault(rule("secret/x", {"deny"}), "denies")};
  const auto reason_of = [&](Capability capability, std::string_view path) {
    const auto decision = decide(vault_access(capability, path), {}, policies);
    const Reason& reason = decision.reasons.at(0);
    return reason.policy + "@" + std::to_string(reason.revision) + ": " + reason.text;
  };
  EXPECT_EQ(reason_of(Capability::read, "secret/a"), "reads@7: allowed on secret/*");
  EXPECT_EQ(reason_of(Capability::list, "secret/a/"), "lists@7: allowed on secret/*");
  EXPECT_EQ(reason_of(Capability::update, "secret/a"), "reads@7: capability not given on secret/*");
  EXPECT_EQ(reason_of(Capability::read, "secret/x"), "denies@7: deny on secret/x");
  EXPECT_EQ(reason_of(Capability::read, "other"), "@0: no rule matches");
}

TEST(Capabilities, PrintsAsVaultDoes) {
  const std::vector policies{
      vault(rule("a/*", {"update", "read"}) + rule("a/x", {"deny"})),
      vault(rule("a/*", {"sudo", "delete", "create", "patch"}) + rule("dir", {"list", "read"}))};
  EXPECT_THAT(capabilities("a/b", {}, policies),
              ElementsAre("create", "delete", "patch", "read", "sudo", "update"));
  EXPECT_THAT(capabilities("a/x", {}, policies), ElementsAre("deny"));
  EXPECT_THAT(capabilities("none", {}, policies), ElementsAre("deny"));
  EXPECT_THAT(capabilities("dir/", {}, policies), ElementsAre("list"));
  EXPECT_THAT(capabilities("t", {}, std::vector{vault(rule("t/*", {"scan", "sudo"}))}),
              ElementsAre("scan"))
      << "a folder's, with or without its slash";
  EXPECT_THAT(capabilities("a", {}, std::vector{root_policy()}), ElementsAre("root"));
  EXPECT_THAT(capabilities("a", {}, std::vector{root_policy(), PolicyPtr()}), ElementsAre("deny"));
  EXPECT_THAT(capabilities("a", {}, {}), ElementsAre("deny"));
}

TEST(MaySeeBelow, AnswersForMounts) {
  struct Case {
    std::string text;
    bool seen;
  };

  const Case cases[] = {
      {rule("secret/data/x", {"read"}), true},
      {rule("secret/*", {"list"}), true},
      {rule("*", {"read"}), true},
      {rule("sec*", {"read"}), true},
      {rule("+/data/x", {"read"}), true},
      {rule("secret", {"list"}), true},
      {rule("secret/data/x", {"deny"}), false},
      {rule("secret/data/x", {}), false},
      {rule("kv/*", {"read"}), false},
      {rule("*", {"read"}) + rule("secret/*", {"deny"}), false},
      {rule("secret/*", {"deny"}) + rule("secret/a", {"read"}), true},
      {rule("secret/a*", {"read"}) + rule("secret/a", {"deny"}), true},
      {rule("secret/{{identity.entity.name}}", {"read"}), false},
  };
  for (const auto& [text, seen] : cases) {
    EXPECT_EQ(may_see_below("secret/", {}, std::vector{vault(text)}), seen) << text;
  }
  const std::vector taken_back{vault(rule("secret/a", {"read"})),
                               vault(rule("secret/a", {"deny"}))};
  EXPECT_FALSE(may_see_below("secret/", {}, taken_back));
  EXPECT_TRUE(may_see_below("secret/", {}, std::vector{root_policy()}));
  EXPECT_FALSE(may_see_below("secret/", {}, std::vector{root_policy(), PolicyPtr()}));
  EXPECT_FALSE(may_see_below("secret/", {}, {}));
}

}  // namespace
}  // namespace coffer::policy
