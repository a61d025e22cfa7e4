#include "base/encoding.h"
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kText = "path \"a\" { policy = \"write\" }  # kept\n";
constexpr std::string_view kBody = R"({"policy":"path \"a\" { policy = \"write\" }  # kept\n"})";

TEST(SysPolicies, KeepsTheTextAndShowsItUnderBothPaths) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("PUT", "/v1/sys/policies/acl/Team", kBody).status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policies/acl/team").text("data", "policy"), kText);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policy/team").text("data", "rules"), kText);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policy/team").text("rules"), kText);
  for (const std::string_view target :
       {"/v1/sys/policy", "/v1/sys/policies/acl", "/v1/sys/policies/acl?list=true"}) {
    const std::string keys = gate.as_root("GET", target).text("data", "keys");
    EXPECT_NE(keys.find("\"team\""), std::string::npos) << target << keys;
    EXPECT_NE(keys.find("\"root\""), std::string::npos) << target;
  }
  ASSERT_EQ(gate.as_root("DELETE", "/v1/sys/policy/team").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policy/team").status, 404);
}

TEST(SysPolicies, AcceptsBase64AndTheOlderFieldName) {
  TestGate gate;
  // path "b" { policy = "read" }
  ASSERT_EQ(gate.as_root("PUT",
                         "/v1/sys/policies/acl/b",
                         R"({"policy":"cGF0aCAiYiIgeyBwb2xpY3kgPSAicmVhZCIgfQ=="})")
                .status,
            204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policies/acl/b").text("data", "policy"),
            "path \"b\" { policy = \"read\" }");
  EXPECT_EQ(
      gate.as_root("PUT", "/v1/sys/policy/c", R"({"rules":"path \"c\" { policy = \"read\" }"})")
          .status,
      204);
}

TEST(SysPolicies, RefusesWhatDoesNotCompileAndWhatIsBuiltIn) {
  TestGate gate;
  for (const std::string_view body : {R"({})", R"({"policy":""})", R"({"policy":"path {"})"}) {
    EXPECT_EQ(gate.as_root("PUT", "/v1/sys/policies/acl/x", body).status, 400) << body;
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policies/acl/x").status, 404);
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/policies/acl/ROOT", kBody).status, 400);
  EXPECT_EQ(gate.as_root("DELETE", "/v1/sys/policies/acl/default").status, 400);
}

TEST(SysCapabilities, TellsThoseOfTheCallerAndOfAnotherToken) {
  TestGate gate;
  const std::string token = gate.token_with(
      R"(path "kv/app" { capabilities = ["read", "update"] }
         path "sys/capabilities-self" { capabilities = ["update"] })");
  const TestAnswer own =
      gate.call("POST", "/v1/sys/capabilities-self", R"({"paths":["kv/app","kv/other"]})", token);
  EXPECT_EQ(own.text("data", "kv/app"), R"(["read","update"])") << own.body;
  EXPECT_EQ(own.text("kv/other"), R"(["deny"])");
  const TestAnswer other = gate.as_root(
      "POST", "/v1/sys/capabilities", R"({"path":"kv/app","token":")" + token + R"("})");
  EXPECT_EQ(other.text("capabilities"), R"(["read","update"])") << other.body;
  EXPECT_EQ(
      gate.as_root("POST", "/v1/sys/capabilities-self", R"({"path":"x"})").text("capabilities"),
      R"(["root"])");
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/capabilities", R"({"path":"x","token":"hvs.no"})").status,
            400);
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/capabilities-self", "{}").status, 400);
}

TEST(SysAudit, KeepsDevicesAsNamesAndSaysSo) {
  TestGate gate;
  const TestAnswer enabled = gate.as_root(
      "PUT", "/v1/sys/audit/f", R"({"type":"file","options":{"file_path":"/nowhere/x"}})");
  ASSERT_EQ(enabled.status, 200) << enabled.body;
  EXPECT_NE(enabled.text("warnings"), "null");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/audit").text("f/", "options", "file_path"), "/nowhere/x");
  EXPECT_TRUE(gate.as_root("POST", "/v1/sys/audit-hash/f", R"({"input":"x"})")
                  .text("hash")
                  .starts_with("hmac-sha256:"));
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/audit-hash/x", R"({"input":"x"})").error(),
            "unknown audit backend: \"x/\"");
}

TEST(SysPasswordPolicies, MakePasswords) {
  TestGate gate;
  const std::string path = "/v1/sys/policies/password/db";
  const std::string text =
      R"(length = 16\nrule \"charset\" { charset = \"abc123\" min-chars = 1 })";
  const std::string plain = "length = 16\nrule \"charset\" { charset = \"abc123\" min-chars = 1 }";
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/policies/password").status, 404);
  ASSERT_EQ(gate.as_root("POST", path, R"({"policy":")" + text + R"("})").status, 204);
  EXPECT_EQ(gate.as_root("GET", path).text("data", "policy"), plain);
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/policies/password").text("data", "keys"), R"(["db"])");
  const std::string made = gate.as_root("GET", path + "/generate").text("data", "password");
  EXPECT_EQ(made.size(), 16U);
  EXPECT_EQ(made.find_first_not_of("abc123"), std::string::npos) << made;
  EXPECT_NE(gate.as_root("GET", path + "/generate").text("data", "password"), made);
  const std::string coded = base64_encode(as_bytes(plain));
  ASSERT_EQ(gate.as_root("POST", path, R"({"policy":")" + coded + R"("})").status, 204);
  EXPECT_EQ(gate.as_root("GET", path).text("data", "policy"), plain);
  for (const std::string_view bad : {R"({"policy":"length = 2"})", R"({"policy":""})", "{}"}) {
    EXPECT_EQ(gate.as_root("POST", path, bad).status, 400) << bad;
  }
  const std::string reader =
      gate.token_with(R"(path "sys/policies/password/db" { capabilities = ["read"] })");
  EXPECT_EQ(gate.call("GET", path + "/generate", "", reader).status, 403);
  EXPECT_EQ(gate.as_root("DELETE", path).status, 204);
  EXPECT_EQ(gate.as_root("GET", path).status, 404);
  EXPECT_EQ(gate.as_root("GET", path + "/generate").status, 404);
}

}  // namespace
}  // namespace coffer::dialects::vault
