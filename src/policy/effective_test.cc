#include "policy/effective.h"

#include "policy/test_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "pattern: capability,capability"
std::vector<std::string> shown(const std::vector<PolicyPtr>& policies, const Facts& facts = {}) {
  std::vector<std::string> out;
  for (const EffectiveRule& rule : effective_rules(facts, policies)) {
    std::string line = rule.pattern + ":";
    for (const std::string& capability : rule.capabilities) line += " " + capability;
    out.push_back(std::move(line));
  }
  return out;
}

TEST(EffectiveRules, UniteThoseOfOnePattern) {
  EXPECT_THAT(shown({vault(rule("b/*", {"read"}) + rule("a", {"update", "create"})),
                     vault(rule("b/*", {"scan", "list"}) + rule("b/+/c", {"sudo"}))}),
              ElementsAre("a: create update", "b/*: list read scan", "b/+/c: sudo"));
  EXPECT_THAT(shown({vault(rule("a", {"read"})), vault(rule("a", {"deny"}))}),
              ElementsAre("a: deny"));
}

TEST(EffectiveRules, MergeTheirConstraints) {
  const auto limited = [](const std::string& key, const std::string& value) {
    return vault("path \"a\" { capabilities = [\"update\"] " + key + " = " + value + " }");
  };
  const auto rules =
      effective_rules({},
                      std::vector{limited("allowed_parameters", R"({ "x" = ["1"] })"),
                                  limited("allowed_parameters", R"({ "x" = ["2"], "y" = [] })"),
                                  limited("required_parameters", R"(["z"])")});
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].constraints.allowed.at("x").size(), 2U);
  EXPECT_THAT(rules[0].constraints.required, ElementsAre("z"));
}

TEST(EffectiveRules, ResolveTemplates) {
  Facts facts;
  facts.entity_name = "ann";
  const std::vector policies{vault(rule("u/{{identity.entity.name}}", {"read"}) +
                                   rule("i/{{identity.entity.id}}", {"read"}))};
  EXPECT_THAT(shown(policies, facts), ElementsAre("u/ann: read"));
}

TEST(EffectiveRules, AMissingPolicyLeavesNothing) {
  EXPECT_THAT(shown({vault(rule("a", {"read"})), nullptr}), IsEmpty());
  EXPECT_THAT(shown({root_policy()}), IsEmpty());
}

}  // namespace
}  // namespace coffer::policy
