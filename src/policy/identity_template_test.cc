#include "policy/identity_template.h"

#include "policy/path_pattern.h"
#include "policy/test_policies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace coffer::policy {
namespace {

using Use = IdentityTemplate::Use;

Facts alice() {
  Facts facts;
  facts.entity_id = "e-1";
  facts.entity_name = "alice";
  facts.entity_metadata = {{"team", "blue"}, {"dotted.key", "d"}};
  facts.aliases["acc_1"] = {"al-1", "alice@corp", {{"ou", "ops"}}};
  facts.aliases["acc_2"] = {"al-2", "other", {{"ou", "sales"}}};
  facts.groups["g-1"] = {"ops", {{"site", "east"}}};
  return facts;
}

TEST(IdentityTemplate, ResolvesEveryVariable) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"s/{{identity.entity.id}}/*", "s/e-1/*"},
      {"s/{{ identity.entity.name }}", "s/alice"},
      {"s/{{identity.entity.metadata.team}}/+/x", "s/blue/+/x"},
      {"s/{{identity.entity.metadata.dotted.key}}", "s/d"},
      {"s/{{identity.entity.aliases.acc_1.id}}", "s/al-1"},
      {"s/{{identity.entity.aliases.acc_1.name}}", "s/alice@corp"},
      {"s/{{identity.entity.aliases.acc_2.metadata.ou}}", "s/sales"},
      {"s/{{identity.groups.ids.g-1.name}}", "s/ops"},
      {"s/{{identity.groups.ids.g-1.metadata.site}}/*", "s/east/*"},
      {"s/{{identity.groups.names.ops.id}}", "s/g-1"},
      {"s/{{identity.groups.names.ops.metadata.site}}", "s/east"},
      {"{{identity.entity.id}}-{{identity.entity.name}}", "e-1-alice"},
  };
  for (const auto& [text, resolved] : cases) {
    const auto parsed = IdentityTemplate::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->resolve(alice(), Use::grants), resolved) << text;
  }
}

TEST(IdentityTemplate, AGroupThatTheEntityIsNotInGivesNothing) {
  for (const std::string_view text : {"s/{{identity.groups.ids.g-2.name}}",
                                      "s/{{identity.groups.names.admins.id}}",
                                      "s/{{identity.groups.names.ops.metadata.floor}}"}) {
    const auto parsed = IdentityTemplate::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->resolve(alice(), Use::grants), std::nullopt) << text;
    EXPECT_EQ(parsed->resolve(alice(), Use::denies), std::nullopt) << text;
  }
}

TEST(IdentityTemplate, RefusesUnknownVariables) {
  for (const std::string_view bad : {"{{}}",
                                     "{{identity.entity.id",
                                     "identity.entity.id}}",
                                     "{{identity.entity}}",
                                     "{{identity.entity.}}",
                                     "{{identity.entity.ids}}",
                                     "{{identity.entity.metadata.}}",
                                     "{{identity.entity.aliases.acc}}",
                                     "{{identity.entity.aliases..id}}",
                                     "{{identity.entity.aliases.acc.metadata.}}",
                                     "{{identity.entity.aliases.acc.secret}}",
                                     "{{identity.groups}}",
                                     "{{identity.groups.ids.g.id}}",
                                     "{{identity.groups.names.g.name}}",
                                     "{{identity.groups.names.g}}",
                                     "{{identity.groups.names..id}}",
                                     "{{identity.groups.ids.g.metadata.}}",
                                     "{{time.now}}"}) {
    EXPECT_FALSE(IdentityTemplate::parse(bad)) << bad;
  }
}

TEST(IdentityTemplate, GivesNothingForMissingFacts) {
  for (const std::string_view text : {"{{identity.entity.id}}",
                                      "{{identity.entity.name}}",
                                      "{{identity.entity.metadata.x}}",
                                      "{{identity.entity.aliases.acc.id}}",
                                      "{{identity.entity.aliases.acc.metadata.x}}"}) {
    const auto parsed = IdentityTemplate::parse(text);
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->resolve(Facts{}, Use::grants)) << text;
    EXPECT_FALSE(parsed->resolve(Facts{}, Use::denies)) << text;
  }
}

// GHSA-59w7-v8rr-pr4p.
TEST(IdentityTemplate, GrantsNothingForValuesThatChangeTheShape) {
  const auto parsed = IdentityTemplate::parse("s/{{identity.entity.name}}/x");
  ASSERT_TRUE(parsed);
  for (const std::string_view bad :
       {"*", "a*", "+", "a+b", "a/b", "/", "a,b", "..", "a..b", ".", "a\nb", "a\x7f", "\x01"}) {
    Facts facts;
    facts.entity_name = bad;
    EXPECT_FALSE(parsed->resolve(facts, Use::grants)) << bad;
    EXPECT_TRUE(parsed->resolve(facts, Use::denies)) << bad;
  }
}

TEST(IdentityTemplate, NoValueEverAddsSegmentsOrWildcards) {
  std::mt19937 random(1);
  constexpr std::string_view kAlphabet = "ab*+/.,{} \n%\\";
  const auto parsed =
      IdentityTemplate::parse("s/+/{{identity.entity.name}}/p{{identity.entity.id}}*");
  ASSERT_TRUE(parsed);
  const auto value = [&] {
    std::string out;
    for (auto n = random() % 5; n > 0; --n) out += kAlphabet[random() % kAlphabet.size()];
    return out;
  };
  int resolved_count = 0;
  for (int i = 0; i < 20'000; ++i) {
    Facts facts;
    facts.entity_name = value();
    facts.entity_id = value();
    const auto text = parsed->resolve(facts, Use::grants);
    if (!text) continue;
    ++resolved_count;
    EXPECT_EQ(std::ranges::count(*text, '/'), 3) << *text;
    EXPECT_EQ(std::ranges::count(*text, '*'), 1) << *text;
    EXPECT_EQ(std::ranges::count(*text, '+'), 1) << *text;
    EXPECT_TRUE(PathPattern(*text).matches("s/any/" + facts.entity_name + "/p" + facts.entity_id));
  }
  EXPECT_GT(resolved_count, 1000);
}

TEST(IdentityTemplate, DecidesInPolicies) {
  const auto own = vault(rule("secret/{{identity.entity.name}}/*", {"read"}));
  EXPECT_TRUE(allows({own}, Capability::read, "secret/alice/x", alice()));
  EXPECT_FALSE(allows({own}, Capability::read, "secret/bob/x", alice()));
  EXPECT_FALSE(allows({own}, Capability::read, "secret/alice/x"));
  Facts mallory;
  mallory.entity_name = "+";
  EXPECT_FALSE(allows({own}, Capability::read, "secret/alice/x", mallory));
}

// A template and a plain rule that come to the same pattern are one pattern.
TEST(IdentityTemplate, MergesWithThePlainSpelling) {
  const auto own = vault(rule("secret/{{identity.entity.name}}", {"read"}));
  const auto plain = vault(rule("secret/alice", {"update"}));
  const auto denial = vault(rule("secret/alice", {"deny"}));
  EXPECT_TRUE(allows({own, plain}, Capability::read, "secret/alice", alice()));
  EXPECT_TRUE(allows({own, plain}, Capability::update, "secret/alice", alice()));
  EXPECT_FALSE(allows({own, denial}, Capability::read, "secret/alice", alice()));
}

// An odd name does not switch off the rule that keeps its bearer out.
TEST(IdentityTemplate, DenialsOutlastOddValues) {
  const auto policy =
      vault(rule("secret/*", {"read"}) + rule("secret/{{identity.entity.name}}/*", {"deny"}));
  Facts odd;
  odd.entity_name = "a..b";
  EXPECT_FALSE(allows({policy}, Capability::read, "secret/a..b/x", odd));
  EXPECT_TRUE(allows({policy}, Capability::read, "secret/c/x", odd));
}

}  // namespace
}  // namespace coffer::policy
