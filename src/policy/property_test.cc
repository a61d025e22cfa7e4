// Properties over random policies and paths from a small alphabet, with fixed seeds.

#include "policy/path_pattern.h"
#include "policy/test_policies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace coffer::policy {
namespace {

constexpr std::array kVerbs{Capability::create,
                            Capability::read,
                            Capability::update,
                            Capability::del,
                            Capability::list,
                            Capability::patch,
                            Capability::scan};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string path() {
    std::string out = segment();
    for (auto n = below(3); n > 0; --n) out += "/" + segment();
    if (below(4) == 0) out += "/";
    return out;
  }

  std::string pattern() {
    std::string out = below(3) == 0 ? "+" : segment();
    for (auto n = below(3); n > 0; --n) out += below(3) == 0 ? "/+" : "/" + segment();
    if (below(4) == 0) return out + "/";
    if (below(3) == 0 && !out.ends_with('+')) out += "*";
    return below(20) == 0 ? "*" : out;
  }

  std::string granting_rule() {
    std::string names;
    for (const Capability verb : kVerbs) {
      if (below(2) == 0) names += "\"" + std::string(to_text(verb)) + "\",";
    }
    return "path \"" + pattern() + "\" { capabilities = [" + names + "] }\n";
  }

  PolicyPtr policy() {
    std::string text;
    for (auto n = below(6); n > 0; --n) {
      text += below(5) == 0 ? rule(pattern(), {"deny"}) : granting_rule();
    }
    return vault(text);
  }

  std::vector<PolicyPtr> policies() {
    std::vector<PolicyPtr> out;
    for (auto n = 1 + below(3); n > 0; --n) out.push_back(policy());
    return out;
  }

 private:
  std::string segment() { return std::string(1, static_cast<char>('a' + below(3))); }

  std::mt19937 random_;
};

TEST(PolicyProperty, AddingADenialNeverWidens) {
  World world(1);
  int narrowed = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto before = world.policies();
    auto after = before;
    after.push_back(vault(rule(world.pattern(), {"deny"})));
    for (int j = 0; j < 5; ++j) {
      const std::string path = world.path();
      for (const Capability verb : kVerbs) {
        const bool was = allows(before, verb, path);
        const bool is = allows(after, verb, path);
        ASSERT_FALSE(is && !was) << path << " " << to_text(verb);
        narrowed += was && !is ? 1 : 0;
      }
    }
  }
  EXPECT_GT(narrowed, 1000);
}

// Explanation and look-up give what enforcement gives.
TEST(PolicyProperty, CapabilitiesAreWhatIsEnforced) {
  World world(2);
  int granted = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto policies = world.policies();
    const std::string path = world.path();
    const auto names = capabilities(path, {}, policies);
    EXPECT_TRUE(std::ranges::is_sorted(names));
    for (const Capability verb : kVerbs) {
      const Decision decision = decide(vault_access(verb, path), {}, policies);
      ASSERT_EQ(decision.allowed, std::ranges::find(names, to_text(verb)) != names.end()) << path;
      ASSERT_FALSE(decision.reasons.empty());
      granted += decision.allowed ? 1 : 0;
      if (decision.allowed) ASSERT_TRUE(decision.reasons[0].text.starts_with("allowed on "));
    }
  }
  EXPECT_GT(granted, 1000);
}

TEST(PolicyProperty, OrderOfPoliciesDoesNotMatter) {
  World world(3);
  for (int i = 0; i < 3000; ++i) {
    auto policies = world.policies();
    const std::string path = world.path();
    const auto names = capabilities(path, {}, policies);
    std::ranges::reverse(policies);
    ASSERT_EQ(capabilities(path, {}, policies), names) << path;
  }
}

// The indexed look-up against the definition: the best of all patterns that match.
TEST(PolicyProperty, LookupFindsTheBestPattern) {
  World world(5);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> patterns;
    std::string text;
    for (std::size_t n = 8; n > 0; --n) {
      patterns.push_back(world.pattern());
      text += rule(patterns.back(), {"read"});
    }
    const std::vector policies{vault(text)};
    const std::string path = world.path();
    PathPattern best;
    for (const auto& candidate : patterns) {
      const PathPattern pattern(candidate);
      if (pattern.matches(path) && (best.text().empty() || pattern > best)) best = pattern;
    }
    const auto decision = decide(vault_access(Capability::read, path), {}, policies);
    ASSERT_EQ(decision.reasons.at(0).rule, best.text()) << path << " under " << text;
  }
}

TEST(PolicyProperty, WhatIsAllowedIsSeen) {
  World world(4);
  int seen = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto policies = world.policies();
    const std::string path = world.path();
    const bool any =
        std::ranges::any_of(kVerbs, [&](Capability verb) { return allows(policies, verb, path); });
    if (!any) continue;
    ++seen;
    ASSERT_TRUE(may_see_below(path, {}, policies)) << path;
  }
  EXPECT_GT(seen, 500);
}

}  // namespace
}  // namespace coffer::policy
