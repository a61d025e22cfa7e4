#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kCreate =
    R"(path "auth/token/*" { capabilities = ["create", "update"] })";
constexpr std::string_view kSelf = "/v1/auth/token/lookup-self";

std::string token_of(const TestAnswer& answer) {
  return answer.text("auth", "client_token");
}

std::string naming(std::string_view field, std::string_view value) {
  return R"({")" + std::string(field) + R"(":")" + std::string(value) + R"("})";
}

TEST(TokenRoutes, AChildHasNoMoreThanItsParentWithoutSudo) {
  TestGate gate;
  const std::string parent = gate.token_with(kCreate);
  const auto create = [&](std::string_view body) {
    return gate.call("POST", "/v1/auth/token/create", body, parent);
  };
  const TestAnswer child = create("{}");
  EXPECT_EQ(child.status, 200) << child.body;
  EXPECT_EQ(child.text("auth", "orphan"), "false");
  for (const std::string_view body : {R"({"policies":["root"]})",
                                      R"({"policies":["other"]})",
                                      R"({"policies":"ROOT"})",
                                      R"({"no_parent":true})",
                                      R"({"period":"1h"})",
                                      R"({"id":"chosen-by-the-caller"})"}) {
    const int status = create(body).status;
    EXPECT_TRUE(status == 400 || status == 403) << body << status;
  }
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/create-orphan", "{}", parent).status, 403);
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/create", "{}", "").status, 403);
}

TEST(TokenRoutes, AUseIsCountedWhateverBecomesOfTheRequest) {
  TestGate gate;
  const std::string token = token_of(
      gate.as_root("POST", "/v1/auth/token/create", R"({"policies":["default"],"num_uses":3})"));
  EXPECT_EQ(gate.call("GET", kSelf, "", token).text("data", "num_uses"), "2");
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", token).status, 403) << "denied, and counted";
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403) << "spent";
}

TEST(TokenRoutes, ATokenWorksOnlyFromItsNetworks) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST",
                         "/v1/auth/token/roles/near",
                         R"({"token_bound_cidrs":["10.1.0.0/16"],"allowed_policies":["default"]})")
                .status,
            204);
  const std::string token =
      token_of(gate.as_root("POST", "/v1/auth/token/create/near", R"({"policies":["default"]})"));
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
  gate.source = "10.1.2.3";
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  gate.source = "10.2.0.1";
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

TEST(TokenRoutes, ATokenThatNamesAMissingPolicyMayLookItselfUpAndEndItself) {
  TestGate gate;
  gate.as_root("PUT",
               "/v1/sys/policies/acl/wide",
               R"({"policy":"path \"*\" { capabilities = [\"read\", \"update\"] }"})");
  const std::string token = token_of(gate.as_root(
      "POST", "/v1/auth/token/create", R"({"policies":["wide","default","never-written"]})"));
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  EXPECT_EQ(gate.call("POST", kSelf, "{}", token).status, 200);
  EXPECT_EQ(gate.call("GET", "/v1/sys/mounts", "", token).status, 403);
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", "{}", token).status, 403);
  EXPECT_EQ(
      gate.call("POST", "/v1/auth/token/lookup", R"({"token":")" + token + R"("})", token).status,
      403);
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/revoke-self", "", token).status, 204);
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

TEST(TokenRoutes, RevokingEndsTheDescendantsAndOrphaningSparesThem) {
  TestGate gate;
  const auto child_of = [&](const std::string& parent) {
    return token_of(gate.call("POST", "/v1/auth/token/create", "{}", parent));
  };
  const std::string first = gate.token_with(kCreate);
  const std::string second = gate.token_with(kCreate);
  const std::string ends = child_of(child_of(first));
  const std::string stays = child_of(second);
  const auto look_up = [&gate](const std::string& token) {
    return gate.as_root("POST", "/v1/auth/token/lookup", naming("token", token));
  };
  EXPECT_EQ(look_up(ends).text("data", "orphan"), "false");
  ASSERT_EQ(gate.as_root("POST", "/v1/auth/token/revoke", naming("token", first)).status, 204);
  EXPECT_EQ(look_up(first).status, 403);
  EXPECT_EQ(look_up(ends).status, 403);
  ASSERT_EQ(gate.as_root("POST", "/v1/auth/token/revoke-orphan", naming("token", second)).status,
            204);
  EXPECT_EQ(look_up(second).status, 403);
  EXPECT_EQ(look_up(stays).text("data", "orphan"), "true");
}

TEST(TokenRoutes, AnAccessorTellsOfATokenButIsNone) {
  TestGate gate;
  const TestAnswer made =
      gate.as_root("POST", "/v1/auth/token/create", R"({"policies":["default"],"ttl":"1h"})");
  const std::string accessor = made.text("auth", "accessor");
  const TestAnswer found =
      gate.as_root("POST", "/v1/auth/token/lookup-accessor", naming("accessor", accessor));
  EXPECT_EQ(found.text("data", "id"), "") << found.body;
  EXPECT_EQ(found.text("data", "ttl"), "3599");
  EXPECT_EQ(gate.call("GET", kSelf, "", accessor).status, 403);
  EXPECT_EQ(
      gate.as_root("POST", "/v1/auth/token/lookup-accessor", naming("accessor", "no")).error(),
      "invalid accessor");
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/token/lookup", naming("token", "hvs.no")).error(),
            "bad token");
  ASSERT_EQ(
      gate.as_root("POST", "/v1/auth/token/revoke-accessor", naming("accessor", accessor)).status,
      204);
  EXPECT_EQ(gate.call("GET", kSelf, "", token_of(made)).status, 403);
}

TEST(TokenRoutes, ReadingOfAnotherTokenIsNotInTheDefaultPolicy) {
  TestGate gate;
  const std::string token =
      token_of(gate.as_root("POST", "/v1/auth/token/create", R"({"policies":["default"]})"));
  for (const std::string_view route : {"lookup", "renew", "revoke", "revoke-orphan", "create"}) {
    EXPECT_EQ(
        gate.call(
                "POST", "/v1/auth/token/" + std::string(route), naming("token", gate.root()), token)
            .status,
        403)
        << route;
  }
  EXPECT_EQ(gate.call("LIST", "/v1/auth/token/accessors", "", token).status, 403);
  EXPECT_EQ(gate.call("POST", kSelf, naming("token", gate.root()), token).text("data", "id"), token)
      << "its own, whatever the body names";
  EXPECT_EQ(gate.as_root("GET", kSelf).status, 200);
}

TEST(TokenRoutes, BatchTokensAreNeitherRenewedNorRevoked) {
  TestGate gate;
  const std::string token = token_of(gate.as_root(
      "POST", "/v1/auth/token/create", R"({"type":"batch","policies":["default"],"ttl":"1h"})"));
  ASSERT_TRUE(token.starts_with("hvb.")) << token;
  EXPECT_EQ(gate.call("GET", kSelf, "", token).text("data", "type"), "batch");
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", "{}", token).status, 400);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/token/revoke", naming("token", token)).status, 400);
  gate.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

struct Asked {
  std::string_view method;
  std::string_view path;
};

// Every path that needs sudo on top of its capability. Sealing is last.
constexpr Asked kSudoPaths[] = {{"LIST", "auth/token/accessors"},
                                {"POST", "auth/token/create-orphan"},
                                {"POST", "auth/token/revoke-orphan"},
                                {"GET", "sys/audit"},
                                {"POST", "sys/audit/x"},
                                {"DELETE", "sys/audit/x"},
                                {"POST", "sys/auth/x"},
                                {"DELETE", "sys/auth/x"},
                                {"GET", "sys/config/cors"},
                                {"GET", "sys/config/auditing/request-headers"},
                                {"GET", "sys/generate-root"},
                                {"GET", "sys/generate-root/attempt"},
                                {"POST", "sys/generate-root/attempt"},
                                {"DELETE", "sys/generate-root/attempt"},
                                {"POST", "sys/generate-root/update"},
                                {"GET", "sys/generate-root-token/attempt"},
                                {"GET", "sys/host-info"},
                                {"LIST", "sys/leases/lookup/auth"},
                                {"POST", "sys/leases/revoke-force/x"},
                                {"POST", "sys/leases/revoke-prefix/x"},
                                {"POST", "sys/revoke-prefix/x"},
                                {"POST", "sys/leases/tidy"},
                                {"GET", "sys/rekey/init"},
                                {"POST", "sys/rekey/init"},
                                {"DELETE", "sys/rekey/init"},
                                {"POST", "sys/rekey/update"},
                                {"GET", "sys/rekey/verify"},
                                {"POST", "sys/rekey/verify"},
                                {"DELETE", "sys/rekey/verify"},
                                {"GET", "sys/rekey/backup"},
                                {"DELETE", "sys/rekey/backup"},
                                {"POST", "sys/remount"},
                                {"POST", "sys/rotate"},
                                {"POST", "sys/rotate/keyring"},
                                {"GET", "sys/rotate/root/init"},
                                {"POST", "sys/rotate/recovery/init"},
                                {"POST", "sys/step-down"},
                                {"POST", "sys/seal"}};

TEST(SudoPaths, NeedSudo) {
  TestGate gate;
  const std::string without = gate.token_with(
      R"(path "*" { capabilities = ["create", "read", "update", "delete", "list", "patch"] })");
  const std::string with = gate.token_with(
      R"(path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] })");
  for (const Asked& asked : kSudoPaths) {
    const std::string target = "/v1/" + std::string(asked.path);
    EXPECT_EQ(gate.call(asked.method, target, "", without).status, 403) << target;
    EXPECT_EQ(gate.call(asked.method, target, "", "").status, 403) << target;
  }
  for (const Asked& asked : kSudoPaths) {
    const std::string target = "/v1/" + std::string(asked.path);
    EXPECT_NE(gate.call(asked.method, target, "", with).status, 403) << target;
  }
}

}  // namespace
}  // namespace coffer::dialects::vault
