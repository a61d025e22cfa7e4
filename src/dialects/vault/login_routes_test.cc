// AppRole and userpass from request to reply: who gets in, and from where, how often and how long.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kSelf = "/v1/auth/token/lookup-self";
constexpr std::string_view kGone = "wrapping token is not valid or does not exist";

std::string naming(std::string_view field, std::string_view value) {
  return R"({")" + std::string(field) + R"(":")" + std::string(value) + R"("})";
}

// By every route there is; `in` gave the one token of its path.
std::vector<TestAnswer> renew(TestGate& gate, const TestAnswer& in) {
  const std::string token = in.text("auth", "client_token");
  const std::string accessor = in.text("auth", "accessor");
  const std::string path =
      gate.as_root("POST", "/v1/auth/token/lookup-accessor", naming("accessor", accessor))
          .text("data", "path");
  const TestAnswer leases = gate.as_root("LIST", "/v1/sys/leases/lookup/" + path);
  const std::string listed = leases.text("data", "keys");
  const auto keys = formats::JsonView::parse(listed);
  const bool one = keys && keys->elements().size() == 1;
  EXPECT_TRUE(one) << leases.body << in.body;
  const std::string lease = one ? path + "/" + *keys->elements().front().string() : "";
  return {gate.call("POST", "/v1/auth/token/renew-self", "{}", token),
          gate.as_root("POST", "/v1/auth/token/renew", naming("token", token)),
          gate.as_root("POST", "/v1/auth/token/renew-accessor", naming("accessor", accessor)),
          gate.as_root("POST", "/v1/sys/leases/renew", naming("lease_id", lease))};
}

void expect_renewed(TestGate& gate, const TestAnswer& in) {
  for (const TestAnswer& answer : renew(gate, in)) EXPECT_EQ(answer.status, 200) << answer.body;
}

void expect_refused(TestGate& gate, const TestAnswer& in, std::string_view reason) {
  for (const TestAnswer& answer : renew(gate, in)) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), reason);
  }
}

// A gate with AppRole at "apps/".
struct AppRoleGate : TestGate {
  AppRoleGate() { as_root("POST", "/v1/sys/auth/apps", R"({"type":"approle"})"); }

  TestAnswer role(const std::string& rest, std::string_view body = "{}") {
    return as_root("POST", "/v1/auth/apps/role/" + rest, body);
  }

  // Makes the role; gives its RoleID.
  std::string made(const std::string& name, std::string_view settings = "{}") {
    role(name, settings);
    return as_root("GET", "/v1/auth/apps/role/" + name + "/role-id").text("data", "role_id");
  }

  std::string secret_id(const std::string& name, std::string_view settings = "{}") {
    return role(name + "/secret-id", settings).text("data", "secret_id");
  }

  TestAnswer log_in(const std::string& role_id,
                    const std::string& secret_id,
                    std::vector<std::pair<std::string, std::string>> headers = {}) {
    return call("POST",
                "/v1/auth/apps/login",
                R"({"role_id":")" + role_id + R"(","secret_id":")" + secret_id + R"("})",
                "",
                std::move(headers));
  }
};

TEST(AppRoleRoutes, ASecretIdOpensItsOwnRoleOnly) {
  AppRoleGate gate;
  const std::string one = gate.made("one");
  const std::string two = gate.made("two");
  const std::string secret = gate.secret_id("one");
  EXPECT_EQ(gate.log_in(two, secret).status, 400);
  EXPECT_EQ(gate.log_in("no-such-role", secret).body, gate.log_in(two, secret).body)
      << "an answer that does not tell which roles there are";
  EXPECT_EQ(gate.role("two/secret-id/lookup", naming("secret_id", secret)).status, 204);
  gate.role("two/secret-id/destroy", naming("secret_id", secret));
  const TestAnswer in = gate.log_in(one, secret);
  EXPECT_EQ(in.status, 200) << in.body;
  ASSERT_EQ(gate.role("one/secret-id/destroy", naming("secret_id", secret)).status, 204);
  EXPECT_EQ(gate.log_in(one, secret).status, 400);
}

TEST(AppRoleRoutes, SecretIdsEndByUseAndByTime) {
  AppRoleGate gate;
  const std::string id = gate.made("web", R"({"secret_id_num_uses":1,"secret_id_ttl":"10m"})");
  const std::string once = gate.secret_id("web");
  const std::string late = gate.secret_id("web");
  EXPECT_EQ(gate.log_in(id, once).status, 200);
  EXPECT_EQ(gate.log_in(id, once).status, 400);
  gate.clock.advance(std::chrono::minutes(10));
  EXPECT_EQ(gate.log_in(id, late).status, 400);
}

TEST(AppRoleRoutes, NetworksBindTheSecretIdAndTheToken) {
  AppRoleGate gate;
  const std::string id = gate.made("web", R"({"token_bound_cidrs":["10.0.0.0/8"]})");
  const std::string secret = gate.secret_id("web", R"({"cidr_list":["10.5.0.0/16"]})");
  EXPECT_NE(gate.log_in(id, secret).status, 200) << "from 127.0.0.1";
  gate.source = "10.6.0.1";
  EXPECT_NE(gate.log_in(id, secret).status, 200) << "the token's network, not the SecretID's";
  gate.source = "10.5.0.1";
  const std::string token = gate.log_in(id, secret).text("auth", "client_token");
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  gate.source = "192.168.0.1";
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

TEST(AppRoleRoutes, ASecretIdMayNarrowTheTokensNetworksOnly) {
  AppRoleGate gate;
  gate.source = "10.5.0.1";
  const std::string id =
      gate.made("web", R"({"token_bound_cidrs":["10.0.0.0/8","2001:db8::/32"]})");
  for (const std::string_view wider : {R"(["0.0.0.0/0"])",
                                       R"(["10.0.0.0/7"])",
                                       R"(["10.5.0.0/16","192.168.0.0/16"])",
                                       R"(["::ffff:0:0/96"])",
                                       R"(["::/0"])"}) {
    const std::string body = R"({"token_bound_cidrs":)" + std::string(wider) + "}";
    EXPECT_EQ(gate.role("web/secret-id", body).status, 400) << wider;
    EXPECT_EQ(gate.role("web/custom-secret-id",
                        R"({"secret_id":"mine","token_bound_cidrs":)" + std::string(wider) + "}")
                  .status,
              400)
        << wider;
  }
  const std::string secret =
      gate.secret_id("web", R"({"token_bound_cidrs":["10.5.0.0/16","2001:db8:1::/48"]})");
  const std::string token = gate.log_in(id, secret).text("auth", "client_token");
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  gate.source = "10.6.0.1";
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

// A SecretID that was issued before its role became narrower does not keep the wider networks.
TEST(AppRoleRoutes, ANarrowedRoleNarrowsItsSecretIds) {
  AppRoleGate gate;
  gate.source = "10.5.0.1";
  const std::string id = gate.made("web");
  const std::string secret = gate.secret_id("web", R"({"token_bound_cidrs":["10.0.0.0/8"]})");
  const std::string inside = gate.secret_id("web", R"({"token_bound_cidrs":["10.5.0.0/24"]})");
  EXPECT_EQ(gate.log_in(id, secret).status, 200);
  gate.role("web", R"({"token_bound_cidrs":["10.5.0.0/16"]})");
  EXPECT_EQ(gate.log_in(id, secret).error(), "invalid role or secret ID");
  EXPECT_EQ(gate.log_in(id, inside).status, 200);
  gate.role("web", R"({"token_bound_cidrs":["10.0.0.0/8"]})");
  EXPECT_EQ(gate.log_in(id, secret).status, 200);
}

TEST(AppRoleRoutes, NetworksOfSecretIdsAreGivenWithTheirPrefix) {
  AppRoleGate gate;
  gate.made("web", R"({"secret_id_bound_cidrs":["127.0.0.1","2001:db8::/32"]})");
  const std::string role = "/v1/auth/apps/role/web";
  EXPECT_EQ(gate.as_root("GET", role).text("data", "secret_id_bound_cidrs"),
            R"(["127.0.0.1/32","2001:db8::/32"])");
  EXPECT_EQ(gate.as_root("GET", role + "/bound-cidr-list").text("data", "bound_cidr_list"),
            R"(["127.0.0.1/32","2001:db8::/32"])");
  const std::string secret = gate.secret_id("web", R"({"cidr_list":["127.0.0.1/32","::1"]})");
  EXPECT_EQ(gate.as_root("POST", role + "/secret-id/lookup", R"({"secret_id":")" + secret + R"("})")
                .text("data", "cidr_list"),
            R"(["127.0.0.1/32","::1/128"])");
}

TEST(AppRoleRoutes, TokenUsesAreCounted) {
  AppRoleGate gate;
  const std::string id = gate.made("web", R"({"token_num_uses":1})");
  const std::string token = gate.log_in(id, gate.secret_id("web")).text("auth", "client_token");
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 200);
  EXPECT_EQ(gate.call("GET", kSelf, "", token).status, 403);
}

TEST(AppRoleRoutes, ToListIsNotToReadAndToReadIsNotToIssue) {
  AppRoleGate gate;
  gate.made("web");
  const std::string lists = gate.token_with(R"(path "auth/apps/*" { capabilities = ["list"] })");
  const std::string reads = gate.token_with(R"(path "auth/apps/*" { capabilities = ["read"] })");
  EXPECT_EQ(gate.call("LIST", "/v1/auth/apps/role", "", lists).status, 200);
  EXPECT_EQ(gate.call("GET", "/v1/auth/apps/role?list=true", "", reads).status, 403);
  EXPECT_EQ(gate.call("GET", "/v1/auth/apps/role/web", "", lists).status, 403);
  EXPECT_EQ(gate.call("GET", "/v1/auth/apps/role/web", "", reads).status, 200);
  EXPECT_EQ(gate.call("LIST", "/v1/auth/apps/role/web/secret-id", "", reads).status, 403);
  for (const std::string_view target : {"/v1/auth/apps/role/web/secret-id",
                                        "/v1/auth/apps/role/web/custom-secret-id",
                                        "/v1/auth/apps/role/web/role-id",
                                        "/v1/auth/apps/role/web/policies",
                                        "/v1/auth/apps/role/web/secret-id/lookup",
                                        "/v1/auth/apps/role/web"}) {
    EXPECT_EQ(gate.call("POST", target, R"({"policies":["root"]})", reads).status, 403) << target;
    EXPECT_EQ(gate.call("POST", target, "{}", "").status, 403) << target;
  }
}

TEST(AppRoleRoutes, AWrappedLoginIsOpenedOnceAndCarriesTheToken) {
  AppRoleGate gate;
  const std::string id = gate.made("web");
  const std::string secret = gate.secret_id("web");
  const TestAnswer wrapped = gate.log_in(id, secret, {{"x-vault-wrap-ttl", "60s"}});
  const std::string wrapping = wrapped.text("wrap_info", "token");
  EXPECT_EQ(wrapped.text("auth"), "null") << wrapped.body;
  EXPECT_EQ(wrapped.text("wrap_info", "creation_path"), "auth/apps/login");
  EXPECT_FALSE(wrapped.text("wrap_info", "wrapped_accessor").empty());
  EXPECT_EQ(gate.call("GET", kSelf, "", wrapping).status, 403) << "it is no token";
  const TestAnswer opened = gate.call("POST", "/v1/sys/wrapping/unwrap", "", wrapping);
  const std::string token = opened.text("auth", "client_token");
  EXPECT_EQ(gate.call("GET", kSelf, "", token).text("data", "accessor"),
            wrapped.text("wrap_info", "wrapped_accessor"));
  EXPECT_EQ(gate.call("POST", "/v1/sys/wrapping/unwrap", "", wrapping).error(), kGone);
  const std::string late =
      gate.log_in(id, secret, {{"x-vault-wrap-ttl", "60s"}}).text("wrap_info", "token");
  gate.clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(gate.call("POST", "/v1/sys/wrapping/unwrap", "", late).error(), kGone);
}

TEST(AppRoleRoutes, NoRouteRenewsATokenOfADeletedRole) {
  AppRoleGate gate;
  const std::string id = gate.made("web");
  const TestAnswer in = gate.log_in(id, gate.secret_id("web", R"({"metadata":{"role_name":"x"}})"));
  gate.made("other");
  expect_renewed(gate, in);
  gate.role("web", R"({"token_ttl":"2h"})");
  expect_renewed(gate, in);
  ASSERT_EQ(gate.as_root("DELETE", "/v1/auth/apps/role/web").status, 204);
  expect_refused(gate, in, "role does not exist during renewal");
}

TEST(TokenRoleRoutes, NoRouteRenewsATokenOfADeletedRole) {
  TestGate gate;
  ASSERT_EQ(
      gate.as_root("POST", "/v1/auth/token/roles/jobs", R"({"allowed_policies":"default"})").status,
      204);
  const TestAnswer in =
      gate.as_root("POST", "/v1/auth/token/create/jobs", R"({"policies":["default"],"ttl":"1h"})");
  const TestAnswer plain =
      gate.as_root("POST", "/v1/auth/token/create-orphan", R"({"policies":["default"]})");
  expect_renewed(gate, in);
  ASSERT_EQ(gate.as_root("DELETE", "/v1/auth/token/roles/jobs").status, 204);
  expect_refused(gate, in, "original token role could not be found, not renewing");
  expect_renewed(gate, plain);
}

// A gate with userpass at "people/" and the user "ann", whose password is "right".
struct UserGate : TestGate {
  UserGate() {
    as_root("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
    as_root("POST", "/v1/auth/people/users/ann", R"({"password":"right"})");
    accessor = as_root("GET", "/v1/sys/auth").text("data", "people/", "accessor");
  }

  TestAnswer log_in(std::string_view name, std::string_view password) {
    return call(
        "POST", "/v1/auth/people/login/" + std::string(name), naming("password", password), "");
  }

  std::string accessor;
};

TEST(UserpassRoutes, AWrongPasswordAndAnUnknownNameLookAlike) {
  UserGate gate;
  const TestAnswer wrong = gate.log_in("ann", "wrong");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.error(), "invalid username or password");
  EXPECT_EQ(gate.log_in("nobody", "wrong").body, wrong.body);
  EXPECT_EQ(gate.log_in("ann", "right").text("auth", "metadata", "username"), "ann");
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/people/users/ann").text("data", "password"), "");
}

TEST(UserpassRoutes, FiveFailuresLockANameInEverySpelling) {
  UserGate gate;
  for (const char* spelling : {"ann", "ANN", "Ann", "aNN", "anN"}) {
    EXPECT_EQ(gate.log_in(spelling, "wrong").status, 400) << spelling;
  }
  EXPECT_EQ(gate.log_in("ann", "right").status, 403);
  for (int i = 0; i < 5; ++i) gate.log_in("nobody", "wrong");
  EXPECT_EQ(gate.log_in("nobody", "right").status, 403) << "a lock tells nothing";
  gate.clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(gate.log_in("ann", "right").status, 200);
}

TEST(UserpassRoutes, WhoMayCanSeeAndUnlockLockedNames) {
  UserGate gate;
  for (int i = 0; i < 5; ++i) gate.log_in("ann", "wrong");
  gate.log_in("bob", "wrong");
  const TestAnswer listed = gate.as_root("GET", "/v1/sys/locked-users");
  EXPECT_EQ(listed.text("data", "total"), "1") << listed.body;
  EXPECT_NE(listed.body.find(R"("alias_identifiers":["ann"])"), std::string::npos) << listed.body;
  const std::string path = "/v1/sys/locked-users/" + gate.accessor + "/unlock/Ann";
  const std::string token = gate.token_with(R"(path "sys/mounts" { capabilities = ["read"] })");
  EXPECT_EQ(gate.call("POST", path, "", token).status, 403);
  EXPECT_EQ(gate.log_in("ann", "right").status, 403);
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/locked-users/no/unlock/ann").status, 400);
  ASSERT_EQ(gate.as_root("POST", path).status, 204);
  EXPECT_EQ(gate.log_in("ann", "right").status, 200);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/locked-users").text("data", "total"), "0");
}

TEST(UserpassRoutes, AUserMayChangeOnlyWhatAPolicyNames) {
  UserGate gate;
  gate.as_root("POST", "/v1/auth/people/users/bob", R"({"password":"bobs"})");
  const std::string token = gate.token_with(
      R"(path "auth/people/users/ann/password" { capabilities = ["update"] }
         path "auth/people/users" { capabilities = ["read"] })");
  EXPECT_EQ(
      gate.call("POST", "/v1/auth/people/users/ann/password", naming("password", "new"), token)
          .status,
      204);
  EXPECT_EQ(gate.log_in("ann", "new").status, 200);
  for (const std::string_view target : {"/v1/auth/people/users/bob/password",
                                        "/v1/auth/people/users/ann/policies",
                                        "/v1/auth/people/users/ann"}) {
    EXPECT_EQ(gate.call("POST", target, R"({"password":"x","policies":["a"]})", token).status, 403)
        << target;
  }
  EXPECT_EQ(gate.call("LIST", "/v1/auth/people/users", "", token).status, 403);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/people/users/ann", R"({"policies":["root"]})").status,
            400);
}

TEST(UserpassRoutes, NoRouteRenewsATokenOfADeletedUser) {
  UserGate gate;
  const TestAnswer in = gate.log_in("ANN", "right");
  expect_renewed(gate, in);
  ASSERT_EQ(gate.as_root("DELETE", "/v1/auth/people/users/ann").status, 204);
  expect_refused(gate, in, "user does not exist during renewal");
}

TEST(UserpassRoutes, NoRouteRenewsWhatTheUserWouldNotGetAnyMore) {
  UserGate gate;
  for (const std::string policy : {"dev", "ops"}) {
    gate.as_root("POST", "/v1/sys/policies/acl/" + policy, R"({"policy":"path \"a\" {}"})");
  }
  const std::string ann = "/v1/auth/people/users/ann";
  gate.as_root("POST", ann, R"({"token_policies":["dev","ops"]})");
  const TestAnswer in = gate.log_in("ann", "right");
  expect_renewed(gate, in);
  for (const std::string_view policies : {R"(["dev"])", R"([])", R"(["dev","ops","more"])"}) {
    gate.as_root("POST", ann, R"({"token_policies":)" + std::string(policies) + "}");
    expect_refused(gate, in, "policies have changed, not renewing");
  }
  gate.as_root("POST", ann, R"({"token_policies":["Ops","dev","default"],"token_ttl":"2h"})");
  expect_renewed(gate, in);
}

TEST(UserpassRoutes, NothingRenewsATokenOfAMountThatIsGone) {
  UserGate gate;
  const TestAnswer in = gate.log_in("ann", "right");
  ASSERT_EQ(gate.as_root("DELETE", "/v1/sys/auth/people").status, 204);
  const std::string token = in.text("auth", "client_token");
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", "{}", token).status, 403);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/token/renew", naming("token", token)).error(),
            "token not found");
  const std::string accessor = in.text("auth", "accessor");
  EXPECT_EQ(
      gate.as_root("POST", "/v1/auth/token/renew-accessor", naming("accessor", accessor)).status,
      400);
}

TEST(UserpassRoutes, NetworksBindTheLogin) {
  UserGate gate;
  gate.as_root("POST", "/v1/auth/people/users/ann", R"({"token_bound_cidrs":["10.0.0.0/8"]})");
  EXPECT_EQ(gate.log_in("ann", "right").status, 403);
  gate.source = "10.0.0.1";
  EXPECT_EQ(gate.log_in("ann", "right").status, 200);
}

}  // namespace
}  // namespace coffer::dialects::vault
