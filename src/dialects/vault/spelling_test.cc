// A name has one spelling for policies and for handlers: no other gets past a rule that denies it.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::dialects::vault {
namespace {

// Everything but what has to do with "admin", at any engine.
constexpr std::string_view kAllButAdmin = R"(
path "auth/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
path "sys/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
path "auth/approle/role/admin" { capabilities = ["deny"] }
path "auth/approle/role/admin/*" { capabilities = ["deny"] }
path "auth/userpass/users/admin" { capabilities = ["deny"] }
path "auth/userpass/users/admin/*" { capabilities = ["deny"] }
path "auth/token/roles/admin" { capabilities = ["deny"] }
path "auth/token/create/admin" { capabilities = ["deny"] }
path "sys/policies/acl/admin" { capabilities = ["deny"] }
path "sys/policy/admin" { capabilities = ["deny"] }
path "sys/mounts/admin" { capabilities = ["deny"] }
path "sys/auth/admin" { capabilities = ["deny"] }
path "sys/audit/admin" { capabilities = ["deny"] }
path "identity/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
path "identity/entity/name/admin" { capabilities = ["deny"] }
path "identity/group/name/admin" { capabilities = ["deny"] }
path "sys/locked-users/+/unlock/admin" { capabilities = ["deny"] }
)";

constexpr std::array kPlaces{"auth/approle/role/@",
                             "auth/approle/role/@/secret-id",
                             "auth/approle/role/@/policies",
                             "auth/userpass/users/@",
                             "auth/userpass/users/@/password",
                             "auth/token/roles/@",
                             "auth/token/create/@",
                             "sys/policies/acl/@",
                             "sys/policy/@",
                             "identity/entity/name/@",
                             "identity/group/name/@",
                             "sys/locked-users/#/unlock/@"};
// Another case is another mount.
constexpr std::array kMountPlaces{"sys/mounts/@", "sys/auth/@", "sys/audit/@"};

class Spelling : public testing::Test {
 protected:
  Spelling() {
    must("POST", "/v1/sys/auth/approle", R"({"type":"approle"})");
    must("POST", "/v1/sys/auth/userpass", R"({"type":"userpass"})");
    must("POST", "/v1/sys/auth/admin", R"({"type":"approle"})");
    must("POST", "/v1/sys/mounts/admin", R"({"type":"kv"})");
    must("POST", "/v1/sys/audit/admin", R"({"type":"file"})");
    must("POST", "/v1/auth/approle/role/admin", R"({"token_ttl":"1h"})");
    must("POST", "/v1/auth/userpass/users/admin", R"({"password":"right"})");
    must("POST", "/v1/auth/token/roles/admin", R"({"orphan":true})");
    must("POST", "/v1/sys/policies/acl/admin", R"({"policy":"path \"a\" {}"})");
    must("POST", "/v1/identity/entity/name/admin", R"({"policies":["a"]})");
    must("POST", "/v1/identity/group/name/admin", R"({"policies":["a"]})");
    userpass = gate.as_root("GET", "/v1/sys/auth").text("data", "userpass/", "accessor");
  }

  void must(std::string_view method, std::string_view target, std::string_view body) {
    ASSERT_LT(gate.as_root(method, target, body).status, 300) << target;
  }

  std::string at(std::string_view place, std::string_view name) {
    std::string target = "/v1/" + std::string(place);
    target.replace(target.find('@'), 1, name);
    const std::size_t accessor = target.find('#');
    return accessor == std::string::npos ? target : target.replace(accessor, 1, userpass);
  }

  TestGate gate;
  std::string userpass;  // its accessor
};

TEST_F(Spelling, NoneGetsPastADenial) {
  const std::string token = gate.token_with(kAllButAdmin);
  const auto try_all = [&](std::string_view place, std::string_view name) {
    for (const std::string_view method : {"GET", "POST", "PUT", "DELETE", "LIST"}) {
      const std::string_view body = R"({"password":"mine","policy":"path \"b\" {}"})";
      const std::string target = at(place, name);
      const int status = gate.call(method, target, method[0] == 'P' ? body : "", token).status;
      EXPECT_GE(status, 400) << method << " " << target;
    }
  };
  for (const std::string_view place : kPlaces) {
    for (const std::string_view name : {"admin", "ADMIN", "Admin", "%41dmin"}) try_all(place, name);
    if (place.ends_with('@')) continue;
    try_all(place, "admin/");
  }
  for (const std::string_view name : {"admin%20", "%20admin"}) {
    try_all("auth/userpass/users/@", name);
    try_all("auth/userpass/users/@/password", name);
    try_all("identity/entity/name/@", name);
    try_all("identity/group/name/@", name);
    try_all("sys/locked-users/#/unlock/@", name);
  }
  for (const std::string_view place : kMountPlaces) {
    for (const std::string_view name : {"admin", "admin/", "%61dmin"}) try_all(place, name);
  }
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/userpass/login/admin", R"({"password":"right"})").status,
            200);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/policies/acl/admin").text("data", "policy"),
            "path \"a\" {}");
  for (const std::string_view kind : {"entity", "group"}) {
    const std::string target = "/v1/identity/" + std::string(kind) + "/name/admin";
    EXPECT_EQ(gate.as_root("GET", target).text("data", "policies"), R"(["a"])") << kind;
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts/admin").status, 200);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/auth/admin").status, 200);
}

// What Vault's clients send stays possible, and is decided under the canonical spelling.
TEST_F(Spelling, IsFoldedBeforeItIsDecided) {
  const std::string token = gate.token_with(R"(
path "auth/approle/role/web" { capabilities = ["create", "read"] }
path "sys/mounts/admin" { capabilities = ["delete"] }
)");
  EXPECT_EQ(gate.call("POST", "/v1/auth/approle/role/Web", R"({"token_ttl":"1h"})", token).status,
            204);
  EXPECT_EQ(gate.call("GET", "/v1/auth/approle/role/WEB", "", token).status, 200);
  EXPECT_EQ(gate.call("DELETE", "/v1/sys/mounts/admin/", "", token).status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts/admin").status, 400);
}

TEST_F(Spelling, ASlashAtTheEndIsForListingsOnly) {
  EXPECT_EQ(gate.as_root("LIST", "/v1/auth/approle/role/").status, 200);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/approle/role/admin/").status, 404);
  EXPECT_EQ(gate.as_root("DELETE", "/v1/auth/approle/role/admin/").status, 404);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/approle/role/admin").status, 200);
  EXPECT_EQ(gate.as_root("GET", "/v1/admin").status, 405) << "a mount without its slash";
}

}  // namespace
}  // namespace coffer::dialects::vault
