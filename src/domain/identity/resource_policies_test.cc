#include "domain/identity/resource_policies.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

std::string text_of(std::string_view effect) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + std::string(effect) +
         R"(","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]})";
}

// Whether somebody without policies of his own may read under it.
bool allows(const policy::PolicyPtr& compiled) {
  policy::Access access{.path = "secret/data/a", .capability = policy::Capability::read};
  access.iam.emplace();
  access.iam->action = "secretsmanager:GetSecretValue";
  access.iam->resource = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf";
  access.iam->resource_policy = compiled;
  policy::Facts facts;
  facts.iam.emplace();
  facts.iam->account = "123456789012";
  facts.iam->arn = "arn:aws:iam::123456789012:user/bob";
  return policy::decide(access, facts, {}).allowed;
}

TEST(ResourcePolicies, CompilesEachOnce) {
  ResourcePolicies policies;
  const auto first = policies.compiled("a", 1, text_of("Allow"));
  ASSERT_TRUE(first);
  EXPECT_EQ(*policies.compiled("a", 1, text_of("Allow")), *first);
}

// Whatever differs makes another policy, also under a revision that was seen with another text.
TEST(ResourcePolicies, NeverAnswersWithAnother) {
  ResourcePolicies policies;
  const auto first = *policies.compiled("a", 1, text_of("Allow"));
  EXPECT_NE(*policies.compiled("a", 2, text_of("Allow")), first);
  EXPECT_NE(*policies.compiled("b", 1, text_of("Allow")), first);
  const auto denying = *policies.compiled("a", 1, text_of("Deny"));
  EXPECT_NE(denying, first);
  EXPECT_TRUE(allows(first));
  EXPECT_FALSE(allows(denying));
}

TEST(ResourcePolicies, KeepsNothingThatDoesNotCompile) {
  ResourcePolicies policies;
  for (int round = 0; round < 2; ++round) EXPECT_FALSE(policies.compiled("a", 1, "{}"));
  EXPECT_TRUE(policies.compiled("a", 1, text_of("Allow")));
}

TEST(ResourcePolicies, ForgetsAllWhenThereAreTooMany) {
  ResourcePolicies policies;
  const auto first = *policies.compiled("a", 0, text_of("Allow"));
  const auto is_kept = [&] { return *policies.compiled("a", 0, text_of("Allow")) == first; };
  for (std::uint64_t i = 1; i < ResourcePolicies::kMost; ++i) {
    ASSERT_TRUE(policies.compiled("a", i, text_of("Allow")));
  }
  EXPECT_TRUE(is_kept());
  ASSERT_TRUE(policies.compiled("a", ResourcePolicies::kMost, text_of("Allow")));
  EXPECT_FALSE(is_kept());
}

TEST(ResourcePolicies, ForgetsAllWhenTheyAreTooLarge) {
  ResourcePolicies policies;
  const std::string large = text_of("Allow") + std::string(10'000, ' ');
  const std::uint64_t most = ResourcePolicies::kMostOctets / (large.size() + 1);
  ASSERT_LT(most, ResourcePolicies::kMost);
  const auto first = *policies.compiled("a", 0, large);
  const auto is_kept = [&] { return *policies.compiled("a", 0, large) == first; };
  for (std::uint64_t i = 1; i < most; ++i) ASSERT_TRUE(policies.compiled("a", i, large));
  EXPECT_TRUE(is_kept());
  ASSERT_TRUE(policies.compiled("a", most, large));
  EXPECT_FALSE(is_kept());
}

}  // namespace
}  // namespace coffer::domain
