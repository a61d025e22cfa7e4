#include "policy/vault_compile.h"

#include "policy/test_policies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Error refusal(std::string_view text) {
  const auto policy = compile_policy("p", 1, Language::vault, text);
  if (policy) {
    ADD_FAILURE() << "accepted: " << text;
    return {};
  }
  return policy.error();
}

std::string capabilities_text(const PolicyPtr& policy, std::string_view path) {
  std::string out;
  for (const auto& name : capabilities(path, {}, std::vector{policy})) out += name + " ";
  return out;
}

TEST(VaultCompile, ReadsTheOldSpelling) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"read", "list read "},
      {"write", "create delete list read update "},
      {"sudo", "create delete list read sudo update "},
      {"deny", "deny "},
  };
  for (const auto& [old, names] : cases) {
    const auto policy = vault("path \"a\" { policy = \"" + std::string(old) + "\" }");
    EXPECT_EQ(capabilities_text(policy, "a"), names) << old;
  }
}

TEST(VaultCompile, ReadsEverySpellingOfOnePolicy) {
  for (const std::string_view text :
       {R"(path "a/*" { capabilities = ["read", "list"] })",
        R"(path "/a/*" { capabilities = ["read", "list", "read"] })",
        R"(name = "n" path "a/*" { comment = "c" policy = "read" })",
        R"(path "a/*" { capabilities = ["read"] } path "a/*" { capabilities = ["list"] })",
        R"(path = { "a/*" = { capabilities = ["read", "list"] } })",
        R"({"path": {"a/*": {"capabilities": ["read", "list"]}}})",
        R"({"path": [{"a/*": {"capabilities": ["read"]}}, {"a/*": {"policy": "read"}}]})",
        R"({"name": "n", "path": {"/a/*": {"policy": "read"}}})"}) {
    EXPECT_EQ(capabilities_text(vault(text), "a/b"), "list read ") << text;
  }
  EXPECT_EQ(capabilities_text(vault(""), "a"), "deny ");
}

TEST(VaultCompile, RefusesWhatItDoesNotKnow) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"paths \"a\" {}", "line 1, column 1: is not a key of a policy"},
      {"path \"a\" {\n  capability = []\n}", "line 2, column 3: is not a key"},
      {"path \"a\" { capabilities = [\"raed\"] }", "\"capabilities\": has an unknown capability"},
      {"path \"a\" { capabilities = [\"none\"] }", "has an unknown capability"},
      {"path \"a\" { capabilities = [\"root\"] }", "has an unknown capability"},
      {"path \"a\" { capabilities = [\"Read\"] }", "has an unknown capability"},
      {"path \"a\" { capabilities = \"read\" }", "must be a list of strings"},
      {"path \"a\" { capabilities = [1] }", "must be a list of strings"},
      {"path \"a\" { capabilities = [] capabilities = [] }", "is given twice"},
      {"path \"a\" { capabilities \"x\" {} }", "takes no label"},
      {"path \"a\" { policy = \"all\" }", "must be read, write, sudo or deny"},
      {"path \"a\" { policy = 1 }", "must be a string"},
      {"path \"a\" { mfa_methods = [] }", "is not a key of a path rule"},
      {"path \"a\" { control_group = {} }", "is not a key of a path rule"},
      {"path \"a\" { allowed_parameters = [] }", "must be an object of lists"},
      {"path \"a\" { allowed_parameters = { x = 1 } }", "column 35: must be a list of values"},
      {"path \"a\" { denied_parameters = { x = [] X = [] } }", ": is given twice"},
      {"path \"a\" { required_parameters = \"x\" }", "must be a list of strings"},
      {"path \"a\" { min_wrapping_ttl = \"soon\" }", "must be a duration"},
      {"path \"a\" { min_wrapping_ttl = -1 }", "must be a duration"},
      {"path \"a\" { min_wrapping_ttl = 9 max_wrapping_ttl = 8 }", "max_wrapping_ttl is less"},
      {"path \"a\" \"b\" {}", "takes one path"},
      {"path \"\" {}", "path is empty"},
      {"path \"/\" {}", "path is empty"},
      {"path \"a/+*\" {}", "path has \"+*\""},
      {"path \"a/*/b\" {}", "before its end"},
      {"path \"a/{{x}}\" {}", "unknown template variable"},
      {"path \"a/{{identity.entity.id\" {}", "unbalanced"},
      {"path \"+{{identity.entity.id}}*b\" {}", "before its end"},
      {"path = 1", "must be a block"},
      {"path = [1]", "must be a list of objects"},
      {"path = { a = 1 }", "a path rule must be a block"},
      {R"({"path": {"a": {"capabilities": ["read"]}, "a": {}}})", ""},
      {R"({"path": {"a": null}})", "null"},
      {"path \"a\" {", "expected a key"},
  };
  for (const auto& [text, message] : cases) {
    const Error error = refusal(text);
    EXPECT_EQ(error.code, Code::invalid_argument) << text;
    EXPECT_THAT(error.message, HasSubstr(message)) << text;
  }
}

TEST(VaultCompile, NeverRepeatsWhatWasSent) {
  for (const std::string_view text : {"path \"hunter2*x\" {}",
                                      "path \"a\" { capabilities = [\"hunter2\"] }",
                                      "path \"a\" { policy = \"hunter2\" }",
                                      "path \"a\" { min_wrapping_ttl = \"hunter2\" }",
                                      "path \"hunter2\" { x = 1 }",
                                      "path \"{{hunter2}}\" {}",
                                      "hunter2 = 1",
                                      "path \"a\" { hunter2 = 1 }",
                                      "path \"a\" { allowed_parameters = { hunter2 = 1 } }"}) {
    EXPECT_THAT(refusal(text).message, Not(HasSubstr("hunter2"))) << text;
  }
}

TEST(VaultCompile, HoldsItsLimits) {
  const auto many = [](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "path \"p" + std::to_string(i) + "\" {}\n";
    return out;
  };
  EXPECT_TRUE(compile_policy("p", 1, Language::vault, many(kMaxPolicyRules)));
  EXPECT_EQ(refusal(many(kMaxPolicyRules + 1)).code, Code::too_large);
  EXPECT_EQ(refusal(std::string(256 * 1024 + 1, '\n')).code, Code::too_large);
  EXPECT_TRUE(vault("path \"" + std::string(kMaxPatternSize, 'a') + "\" {}"));
  EXPECT_FALSE(compile_policy(
      "p", 1, Language::vault, "path \"" + std::string(kMaxPatternSize + 1, 'a') + "\" {}"));
}

TEST(VaultCompile, RefusesTheReservedName) {
  for (const std::string_view name : {"root", "Root", " root"}) {
    EXPECT_FALSE(compile_policy(std::string(name), 1, Language::vault, "")) << name;
  }
  const auto policy = vault("", "mine");
  EXPECT_EQ(policy_name(*policy), "mine");
  EXPECT_EQ(policy_revision(*policy), 7U);
}

TEST(Capability, NamesRoundTrip) {
  for (const std::string_view name :
       {"deny", "create", "read", "update", "delete", "list", "sudo", "patch", "scan"}) {
    const auto parsed = parse_capability(name);
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(to_text(*parsed), name);
  }
  EXPECT_FALSE(parse_capability("none"));
  EXPECT_FALSE(parse_capability(""));
  EXPECT_FALSE(parse_capability("READ"));
}

}  // namespace
}  // namespace coffer::policy
