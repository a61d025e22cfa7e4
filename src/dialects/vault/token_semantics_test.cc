// What clients rely on when they make, renew and end tokens, as Vault does it.
#include "dialects/vault/test_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

using testing::StartsWith;

class TokenSemantics : public testing::Test {
 protected:
  TokenSemantics() {
    gate.as_root("POST",
                 "/v1/sys/policies/acl/dev",
                 R"({"policy":"path \"auth/token/create*\" { capabilities = [\"update\"] }"})");
  }

  TestAnswer create(const std::string& token, std::string_view body, std::string_view path = "") {
    return gate.call("POST", "/v1/auth/token/create" + std::string(path), body, token);
  }

  std::string made(std::string_view body) {
    return create(gate.root(), body).text("auth", "client_token");
  }

  TestAnswer about(std::string_view what, std::string_view token) {
    return gate.as_root("POST",
                        "/v1/auth/token/" + std::string(what),
                        R"({"token":")" + std::string(token) + R"("})");
  }

  TestGate gate;
};

TEST_F(TokenSemantics, ARenewalWithoutIncrementGivesWhatTheCreationAskedFor) {
  const std::string token = made(R"({"policies":["default"],"ttl":"1h"})");
  EXPECT_EQ(
      gate.call("POST", "/v1/auth/token/renew-self", "{}", token).text("auth", "lease_duration"),
      "3600");
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", R"({"increment":"2h"})", token)
                .text("auth", "lease_duration"),
            "7200");
  EXPECT_EQ(about("renew", token).text("auth", "lease_duration"), "3600");
  const std::string plain = made(R"({"policies":["default"]})");
  EXPECT_EQ(about("renew", plain).text("auth", "lease_duration"), "2764799")
      << "since its creation";
}

TEST_F(TokenSemantics, ChildrenGetTheDefaultPolicyOfTheirParentAlone) {
  const std::string bare = made(R"({"policies":["dev"],"no_default_policy":true})");
  EXPECT_EQ(create(bare, "{}").text("auth", "policies"), R"(["dev"])");
  EXPECT_EQ(create(bare, R"({"policies":["dev"]})").text("auth", "policies"), R"(["dev"])");
  const std::string both = made(R"({"policies":["dev"]})");
  EXPECT_EQ(create(both, "{}").text("auth", "policies"), R"(["default","dev"])");
  EXPECT_EQ(create(both, R"({"policies":["dev"]})").text("auth", "policies"),
            R"(["default","dev"])");
  EXPECT_EQ(create(both, R"({"no_default_policy":true})").text("auth", "policies"), R"(["dev"])");
  EXPECT_EQ(
      create(both, R"({"policies":["dev"],"no_default_policy":true})").text("auth", "policies"),
      R"(["dev"])");
}

TEST_F(TokenSemantics, RolesKeepTheDefaultPolicyFromWhoDoesNotWantIt) {
  gate.as_root("POST", "/v1/auth/token/roles/r", R"({"allowed_policies":["dev"]})");
  const auto policies = [this](std::string_view body) {
    return create(gate.root(), body, "/r").text("auth", "policies");
  };
  EXPECT_EQ(policies("{}"), R"(["default","dev"])");
  EXPECT_EQ(policies(R"({"no_default_policy":true})"), R"(["dev"])");
}

TEST_F(TokenSemantics, WhatIsGoneNeedsNoRevocation) {
  const std::string token = made(R"({"policies":["default"]})");
  EXPECT_EQ(about("revoke", token).status, 204);
  EXPECT_EQ(about("revoke", token).status, 204);
  EXPECT_EQ(about("lookup", token).status, 403);
  EXPECT_EQ(about("renew", token).error(), "token not found");
  EXPECT_EQ(about("revoke-orphan", token).error(), "token to revoke not found");
}

TEST_F(TokenSemantics, AMountSaysWhichTokensItsLoginsGive) {
  gate.as_root("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
  gate.as_root("POST", "/v1/auth/people/users/plain", R"({"password":"right"})");
  gate.as_root(
      "POST", "/v1/auth/people/users/batch", R"({"password":"right","token_type":"batch"})");
  const auto token = [this](std::string_view user) {
    return gate
        .call("POST", "/v1/auth/people/login/" + std::string(user), R"({"password":"right"})", "")
        .text("auth", "client_token");
  };
  const auto tune = [this](const std::string& type) {
    EXPECT_EQ(
        gate.as_root("POST", "/v1/sys/auth/people/tune", R"({"token_type":")" + type + R"("})")
            .status,
        204);
  };
  EXPECT_THAT(token("plain"), StartsWith("hvs."));
  EXPECT_THAT(token("batch"), StartsWith("hvb."));
  tune("batch");
  EXPECT_THAT(token("plain"), StartsWith("hvb."));
  tune("service");
  EXPECT_THAT(token("batch"), StartsWith("hvs."));
  tune("default-batch");
  EXPECT_THAT(token("plain"), StartsWith("hvb."));
  gate.as_root("POST", "/v1/auth/people/users/plain", R"({"token_type":"service"})");
  EXPECT_THAT(token("plain"), StartsWith("hvs."));
}

TEST_F(TokenSemantics, AWrappingTokenMayBeShownAsABearer) {
  const TestAnswer wrapped = gate.call(
      "POST", "/v1/sys/wrapping/wrap", R"({"a":"b"})", gate.root(), {{"x-vault-wrap-ttl", "60"}});
  const std::string bearer = "Bearer " + wrapped.text("wrap_info", "token");
  const TestAnswer opened =
      gate.call("POST", "/v1/sys/wrapping/unwrap", "{}", "", {{"authorization", bearer}});
  EXPECT_EQ(opened.text("data", "a"), "b") << opened.body;
}

TEST_F(TokenSemantics, CapabilitiesOfABatchTokenAreThoseOfItsPolicies) {
  const std::string batch = made(R"({"policies":["dev"],"type":"batch","ttl":"1h"})");
  const auto ask = [this](const std::string& token) {
    return gate.as_root("POST",
                        "/v1/sys/capabilities",
                        R"({"token":")" + token + R"(","paths":["auth/token/create"]})");
  };
  EXPECT_EQ(ask(batch).text("data", "auth/token/create"), R"(["update"])");
  EXPECT_EQ(ask(batch + "x").status, 400);
}

TEST_F(TokenSemantics, APathNamedLikeTheEnvelopeDoesNotHideIt) {
  const TestAnswer answer = gate.as_root(
      "POST", "/v1/sys/capabilities-self", R"({"paths":["auth","data","sys/mounts"]})");
  EXPECT_EQ(answer.text("data", "auth"), R"(["root"])") << answer.body;
  EXPECT_EQ(answer.text("sys/mounts"), R"(["root"])");
  EXPECT_EQ(answer.text("auth"), "null");
}

}  // namespace
}  // namespace coffer::dialects::vault
