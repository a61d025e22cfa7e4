#include "domain/identity/policies.h"

#include "domain/identity/identity.h"
#include "domain/identity/names.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

constexpr std::string_view kRead = "path \"secret/data/a\" { capabilities = [\"read\"] }";
constexpr std::string_view kList = "path \"secret/data/a\" { capabilities = [\"list\"] }";

bool allows(const policy::PolicyPtr& policy, policy::Capability capability) {
  const std::vector<policy::PolicyPtr> policies = {policy};
  return policy::decide({.path = "secret/data/a", .capability = capability}, {}, policies).allowed;
}

TEST(Names, PolicyNames) {
  EXPECT_EQ(*canonical_policy_name("Dev-Team"), "dev-team");
  for (const char* bad : {"", " root", "root ", "r\xc3\xb6ot", "a\tb", "a\nb", "\x7f"}) {
    EXPECT_FALSE(canonical_policy_name(bad)) << bad;
  }
  EXPECT_FALSE(canonical_policy_name(std::string(kMaxName + 1, 'a')));
  EXPECT_EQ(*canonical_policy_names({"b", "A", "", "a"}), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(grantable_policy_names({"dev", "rOOt"}));
}

TEST(Names, LoginAndRoleNames) {
  for (const char* spelling : {"bob", " Bob", "BOB\t"}) {
    EXPECT_EQ(*canonical_login_name(spelling), "bob") << spelling;
  }
  for (const char* bad : {"", "  ", "a/b", "a\1", "jos\xc3\xa9"}) {
    EXPECT_FALSE(canonical_login_name(bad)) << bad;
  }
  EXPECT_EQ(*canonical_role_name("Web.App-1"), "web.app-1");
  for (const char* bad : {"", "-a", "a-", "a b", "a/b"}) {
    EXPECT_FALSE(canonical_role_name(bad)) << bad;
  }
}

TEST(Policies, AMissingOneIsANullThatDenies) {
  work::TestWorld world;
  PolicyCache cache;
  work::View view = world.view();
  const auto loaded = world.value(Policies(view, cache).load({"gone", "root"}));
  EXPECT_FALSE(loaded[0]);
  EXPECT_TRUE(allows(loaded[1], policy::Capability::read));
}

TEST(Policies, AVersionNeverMeansTwoTexts) {
  work::TestWorld world;
  PolicyCache cache;
  const auto write = [&](std::string_view text) {
    work::View view = world.view();
    ASSERT_TRUE(Policies(view, cache).write("Dev", policy::Language::vault, text));
    ASSERT_TRUE(world.commit(view));
  };
  const auto current = [&] {
    work::View view = world.view();
    return world.value(Policies(view, cache).load({"dev"})).front();
  };
  write(kRead);
  EXPECT_TRUE(allows(current(), policy::Capability::read));
  work::View view = world.view();
  ASSERT_TRUE(Policies(view, cache).remove("DEV", policy::Language::vault));
  ASSERT_TRUE(world.commit(view));
  EXPECT_FALSE(current());
  write(kList);
  EXPECT_FALSE(allows(current(), policy::Capability::read));
  EXPECT_EQ(policy::policy_revision(*current()), 2U);
}

TEST(Policies, BuiltInOnesAreProtected) {
  work::TestWorld world;
  PolicyCache cache;
  work::View view = world.view();
  Policies policies(view, cache);
  ASSERT_TRUE(policies.install_defaults());
  for (const char* name : {"root", "Root", "ROOT", " root", "root "}) {
    EXPECT_FALSE(policies.write(name, policy::Language::vault, kRead)) << name;
    EXPECT_FALSE(policies.remove(name, policy::Language::vault)) << name;
  }
  EXPECT_FALSE(policies.remove("Default", policy::Language::vault));
  EXPECT_FALSE(policies.write("dev", policy::Language::vault, "path {"));
  ASSERT_TRUE(world.commit(view));
  work::View later = world.view();
  EXPECT_EQ(world.value(Policies(later, cache).list(std::nullopt)),
            (std::vector<std::string>{"default", "root"}));
}

// Each API lists and removes policies of its own language only.
TEST(Policies, AreToldApartByLanguage) {
  work::TestWorld world;
  PolicyCache cache;
  work::View view = world.view();
  Policies policies(view, cache);
  constexpr std::string_view kIam =
      R"({"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}})";
  ASSERT_TRUE(policies.write("readers", policy::Language::vault, kRead));
  ASSERT_TRUE(policies.write("iam:keys", policy::Language::iam, kIam));
  EXPECT_FALSE(policies.write("keys", policy::Language::iam, kIam));
  EXPECT_FALSE(policies.write("iam:keys", policy::Language::vault, kRead));
  EXPECT_FALSE(policies.write("iam:bad", policy::Language::iam, kRead));
  ASSERT_TRUE(policies.remove("iam:keys", policy::Language::vault));
  ASSERT_TRUE(policies.remove("readers", policy::Language::iam));
  ASSERT_TRUE(world.commit(view));
  work::View later = world.view();
  Policies found(later, cache);
  EXPECT_EQ(world.value(found.list(policy::Language::vault)),
            (std::vector<std::string>{"readers", "root"}));
  EXPECT_EQ(world.value(found.list(policy::Language::iam)), (std::vector<std::string>{"iam:keys"}));
  EXPECT_TRUE(world.value(found.list(policy::Language::document)).empty());
  // A token may carry it beside others.
  policy::Access access;
  access.iam.emplace();
  access.iam->action = "kms:Decrypt";
  access.iam->resource = "arn:aws:kms:us-east-1:000000000000:key/k";
  const auto loaded = world.value(found.load({"readers", "iam:keys"}));
  EXPECT_TRUE(policy::decide(access, {}, loaded).allowed);
  access.iam->action = "kms:Encrypt";
  EXPECT_FALSE(policy::decide(access, {}, loaded).allowed);
}

TEST(Entities, OneAliasForEverySpelling) {
  work::TestWorld world;
  work::View view = world.view();
  Entities entities(view);
  const std::string bob = world.value(entities.at_login("userpass_1", "bob", {}));
  EXPECT_EQ(world.value(entities.at_login("userpass_1", " BOB ", {})), bob);
  EXPECT_NE(world.value(entities.at_login("userpass_2", "bob", {})), bob);
  ASSERT_TRUE(entities.set_policies(bob, {"Ops"}));
  const Identity identity = world.value(entities.identity_of(bob));
  EXPECT_EQ(identity.policies, (std::vector<std::string>{"ops"}));
  EXPECT_EQ(identity.facts.aliases.at("userpass_1").name, "bob");
  EXPECT_EQ(entities.identity_of("gone").error().code, Code::permission_denied);
}

}  // namespace
}  // namespace coffer::domain
