#include "policy/path_document.h"

#include "policy/test_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using ::testing::HasSubstr;

using Segments = std::vector<std::string>;

// A document with these further members.
PolicyPtr covering(std::string_view pattern, std::string_view members = "") {
  return document(R"({"version": "1.0", "allowed_secrets": [")" + std::string(pattern) + "\"]" +
                  std::string(members) + "}");
}

bool permits(const std::vector<PolicyPtr>& policies,
             std::string_view action,
             const Segments& segments,
             const Facts& facts = {}) {
  return decide(secret_access(action, segments), facts, policies).allowed;
}

TEST(PathDocument, MatchesSegments) {
  struct Case {
    std::string_view pattern;
    Segments path;
    bool matches;
  };

  const Case cases[] = {
      {"prod.db", {"prod", "db"}, true},
      {"prod.db", {"prod"}, false},
      {"prod.db", {"prod", "db", "x"}, false},
      {"prod.db", {"prod.db"}, false},
      {"prod.*", {"prod", "db"}, true},
      {"prod.*", {"prod", "a.b"}, true},
      {"prod.*", {"prod"}, false},
      {"prod.*", {"prod", "a", "b"}, false},
      {"*.db", {"prod", "db"}, true},
      {"**", {"a"}, true},
      {"**", {"a", "b", "c"}, true},
      {"prod.**", {"prod"}, true},
      {"prod.**", {"prod", "a", "b"}, true},
      {"prod.**", {"production"}, false},
      {"**.key", {"key"}, true},
      {"**.key", {"a", "key", "b", "key"}, true},
      {"**.key", {"a", "key", "b"}, false},
      {"a.**.b.**.c", {"a", "b", "x", "b", "y", "c"}, true},
      {"a.**.b.**.c", {"a", "x", "c"}, false},
      {"a.**.*.c", {"a", "c"}, false},
      {"a.**.*.c", {"a", "x", "c"}, true},
      {"*", {}, false},
      {"**", {}, true},  // the root of a mount
      {"a.**", {}, false},
  };
  for (const auto& [pattern, path, matches] : cases) {
    EXPECT_EQ(permits({covering(pattern)}, "secret.read", path), matches)
        << pattern << " on " << ::testing::PrintToString(path);
  }
}

TEST(PathDocument, CoversOperationsByTheLastWord) {
  struct Case {
    std::string_view operations;
    std::string_view action;
    bool covered;
  };

  const Case cases[] = {
      {R"(["read"])", "secret.read", true},
      {R"(["read"])", "secret.write", false},
      {R"(["read"])", "secret.read.not", false},
      {R"(["write"])", "secret.write", true},
      {R"(["write"])", "secret.create", true},
      {R"(["write"])", "secret.patch", true},
      {R"(["write"])", "secret.delete", false},
      {R"(["create"])", "secret.write", false},
      {R"(["update"])", "secret.patch", true},
      {R"(["update"])", "secret.create", false},
      {R"(["list", "delete"])", "secret.list", true},
      {R"(["list", "delete"])", "secret.delete", true},
      {R"(["list"])", "secret.scan", true},
      {R"(["read"])", "secret.scan", false},
      {R"(["destroy"])", "secret.delete", false},
      {R"(["rotate"])", "rotate", true},
  };
  for (const auto& [operations, action, covered] : cases) {
    const auto policy = covering("**", R"(, "allowed_operations": )" + std::string(operations));
    EXPECT_EQ(permits({policy}, action, {"a"}), covered) << operations << action;
  }
  EXPECT_TRUE(permits({covering("**")}, "secret.read", {"a"}));
  EXPECT_FALSE(permits({covering("**")}, "secret.list", {"a"}));
}

TEST(PathDocument, AnyDenialWins) {
  const auto allow = covering("**", R"(, "allowed_operations": ["read", "list"])");
  const auto deny = covering("prod.**", R"(, "deny": true, "reason": "frozen")");
  const auto deny_read = covering("**", R"(, "deny_policy": true, "allowed_operations": ["read"])");
  EXPECT_TRUE(permits({allow, deny}, "secret.read", {"dev", "a"}));
  EXPECT_FALSE(permits({allow, deny}, "secret.read", {"prod", "a"}));
  EXPECT_FALSE(permits({deny, allow}, "secret.list", {"prod", "a"})) << "denies every operation";
  EXPECT_FALSE(permits({allow, deny_read}, "secret.read", {"a"}));
  EXPECT_TRUE(permits({allow, deny_read}, "secret.list", {"a"}));
  const auto rules = vault(rule("*", {"read"}));
  EXPECT_FALSE(permits({rules, deny}, "secret.read", {"prod", "a"}));
  EXPECT_TRUE(permits({rules, deny}, "secret.read", {"dev", "a"}));
  EXPECT_TRUE(permits({root_policy(), deny}, "secret.read", {"prod", "a"}));
  const auto decision =
      decide(secret_access("secret.read", {"prod", "a"}), {}, std::vector{allow, deny});
  EXPECT_EQ(decision.reasons.at(0).text, "denied by prod.**: frozen");
}

TEST(PathDocument, StandsBesideVaultRules) {
  const auto allow = covering("app.**");
  const auto rules = vault(rule("secret/data/x", {"deny"}));
  EXPECT_TRUE(permits({rules, allow}, "secret.read", {"app", "x"}));
  Access sudo = secret_access("secret.read", {"app", "x"});
  sudo.needs_sudo = true;
  EXPECT_FALSE(decide(sudo, {}, std::vector{allow}).allowed);
  EXPECT_TRUE(may_see_below("secret/", {}, std::vector{allow}));
  EXPECT_FALSE(may_see_below("secret/", {}, std::vector{covering("a", R"(, "deny": true)")}));
}

TEST(PathDocument, SaysWhichConditionFailed) {
  const auto allow = covering("**", R"(, "conditions": {"ip_ranges": ["10.0.0.0/8"]})");
  const auto decision = decide(secret_access("secret.read", {"a"}), {}, std::vector{allow});
  ASSERT_EQ(decision.reasons.size(), 2U);
  EXPECT_EQ(decision.reasons[1].policy, "d");
  EXPECT_EQ(decision.reasons[1].rule, "**");
  EXPECT_EQ(decision.reasons[1].text, "condition not met: ip_ranges");
}

TEST(PathDocument, RefusesMalformedDocuments) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"path \"a\" {}", "not a JSON object"},
      {"{}", "no \"version\""},
      {R"({"version": "1.0"})", "no \"allowed_secrets\""},
      {R"({"version": "2.0", "allowed_secrets": ["a"]})", "\"version\": must be"},
      {R"({"version": "1.0", "allowed_secrets": "a"})", "list of strings"},
      {R"({"version": "1.0", "allowed_secrets": []})", "names no secret"},
      {R"({"version": "1.0", "allowed_secrets": [""]})", "empty segment"},
      {R"({"version": "1.0", "allowed_secrets": ["a..b"]})", "empty segment"},
      {R"({"version": "1.0", "allowed_secrets": ["a.b*"]})", "inside a segment"},
      {R"({"version": "1.0", "allowed_secrets": ["***"]})", "inside a segment"},
      {R"({"version": "1.0", "allowed_secrets": ["a/b"]})", "may not have"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "allowed_operations": []})", "names no"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "allowed_operations": ["*"]})", "unknown"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "allowed_operations": ["Read"]})",
       "unknown"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "deny": "yes"})", "true or false"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "deny": true, "deny_policy": true})",
       "both"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "deny": true, "max_ttl_seconds": 1})",
       "narrow"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "max_ttl_seconds": "1h"})",
       "number of seconds"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "entity_bindings": []})", "not a key"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "allowed_secret": ["b"]})", "not a key"},
      {R"({"version": "1.0", "allowed_secrets": ["a"], "allowed_secrets": ["b"]})", ""},
  };
  for (const auto& [text, message] : cases) {
    const auto policy = compile_policy("d", 1, Language::document, text);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().code, Code::invalid_argument) << text;
    EXPECT_THAT(policy.error().message, HasSubstr(message)) << text;
  }
  EXPECT_FALSE(covering("a", R"(, "name": "n", "description": "d", "reason": "r")") == nullptr);
  EXPECT_TRUE(covering(std::string(512, 'a')));
  EXPECT_FALSE(
      compile_policy("d",
                     1,
                     Language::document,
                     R"({"version": 1, "allowed_secrets": [")" + std::string(513, 'a') + "\"]}"));
}

}  // namespace
}  // namespace coffer::policy
