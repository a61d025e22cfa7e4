#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

TEST(SysMounts, ListsTheFixedMountsWithEveryField) {
  TestGate gate;
  const TestAnswer listed = gate.as_root("GET", "/v1/sys/mounts");
  ASSERT_EQ(listed.status, 200);
  for (const std::string_view path : {"sys/", "cubbyhole/", "identity/"}) {
    EXPECT_EQ(listed.text("data", path), listed.text(path)) << path;
    for (const std::string_view field : {"uuid",
                                         "type",
                                         "description",
                                         "accessor",
                                         "config",
                                         "options",
                                         "local",
                                         "seal_wrap",
                                         "external_entropy_access",
                                         "plugin_version",
                                         "running_plugin_version",
                                         "running_sha256",
                                         "deprecation_status"}) {
      EXPECT_NE(listed.body.find('"' + std::string(field) + '"'), std::string::npos) << field;
    }
  }
}

struct Wish {
  std::string_view body;
  std::string_view type;
  std::string_view options;
};

TEST(SysMounts, EnablesEverySpellingOfKv) {
  TestGate gate;
  int number = 0;
  for (const Wish& wish : {
           Wish{R"({"type":"kv"})", "kv", "null"},
           Wish{R"({"type":"kv","options":{"version":2}})", "kv", R"({"version":"2"})"},
           Wish{R"({"type":"kv","options":{"version":"1"}})", "kv", R"({"version":"1"})"},
           Wish{R"({"type":"kv-v2"})", "kv", R"({"version":"2"})"},
           Wish{R"({"type":"generic"})", "kv", "null"},
       }) {
    const std::string path = "kv" + std::to_string(++number);
    ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/" + path, wish.body).status, 204) << wish.body;
    const TestAnswer mount = gate.as_root("GET", "/v1/sys/mounts/" + path);
    EXPECT_EQ(mount.text("data", "type"), wish.type) << wish.body;
    EXPECT_EQ(mount.text("data", "options"), wish.options) << wish.body;
  }
}

TEST(SysMounts, RefusesUnknownTypesTakenPathsAndBadConfigurations) {
  TestGate gate;
  const TestAnswer unknown = gate.as_root("POST", "/v1/sys/mounts/x", R"({"type":"nothing"})");
  EXPECT_EQ(unknown.error(), "plugin not found in the catalog");
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/x", R"({"type":"kv"})").status, 204);
  const TestAnswer taken = gate.as_root("POST", "/v1/sys/mounts/x", R"({"type":"kv"})");
  EXPECT_EQ(taken.status, 400);
  EXPECT_EQ(taken.error(), "path is already in use at x/");
  for (const std::string_view body :
       {R"({"type":"system"})",
        R"({"type":"kv","options":{"version":"3"}})",
        R"({"type":"kv","config":{"default_lease_ttl":"2h","max_lease_ttl":"1h"}})",
        R"({"type":"kv","config":{"max_lease_ttl":"-1h"}})",
        R"({"type":"kv","config":{"listing_visibility":"loud"}})",
        R"({"type":"kv","config":{"token_type":"paper"}})"}) {
    EXPECT_EQ(gate.as_root("POST", "/v1/sys/mounts/y", body).status, 400) << body;
  }
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/auth/y", R"({"type":"token"})").status, 400);
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/auth/y", R"({"type":"ldap"})").status, 400);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts/y").status, 400);
}

TEST(SysMounts, TuningReadsBackAsSeconds) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/a/b", R"({"type":"kv"})").status, 204);
  const std::string tune = "/v1/sys/mounts/a/b/tune";
  EXPECT_EQ(gate.as_root("GET", tune).text("data", "default_lease_ttl"), "2764800");
  const std::string_view wish =
      R"({"default_lease_ttl":"1h","max_lease_ttl":7200,"description":"d",)"
      R"("audit_non_hmac_request_keys":["k"],"listing_visibility":"unauth"})";
  ASSERT_EQ(gate.as_root("POST", tune, wish).status, 204);
  const TestAnswer tuned = gate.as_root("GET", tune);
  EXPECT_EQ(tuned.text("data", "default_lease_ttl"), "3600");
  EXPECT_EQ(tuned.text("data", "max_lease_ttl"), "7200");
  EXPECT_EQ(tuned.text("description"), "d");
  EXPECT_EQ(tuned.text("data", "audit_non_hmac_request_keys"), R"(["k"])");
  EXPECT_EQ(gate.as_root("POST", tune, R"({"options":{"version":"2"}})").status, 400);
}

TEST(SysMounts, DisablingWhatIsNotThereSucceeds) {
  TestGate gate;
  for (const std::string_view path : {"mounts/never", "auth/never", "audit/never"}) {
    EXPECT_EQ(gate.as_root("DELETE", "/v1/sys/" + std::string(path)).status, 204) << path;
  }
  EXPECT_EQ(gate.as_root("DELETE", "/v1/sys/mounts/sys").status, 400);
}

TEST(SysMounts, MovingIsOverWhenItIsAnswered) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/old", R"({"type":"kv"})").status, 204);
  const TestAnswer moved = gate.as_root("POST", "/v1/sys/remount", R"({"from":"old/","to":"new"})");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts/old").status, 400);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts/new").status, 200);
  const std::string target = "/v1/sys/remount/status/" + moved.text("migration_id");
  EXPECT_EQ(gate.as_root("GET", target).text("data", "migration_info", "status"), "success");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/remount/status/none").status, 404);
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/remount", R"({"from":"new","to":"auth/x"})").status, 400);
}

TEST(SysMounts, AuthMethodsNeedSudo) {
  TestGate gate;
  const std::string plain = gate.token_with(
      R"(path "sys/auth/*" { capabilities = ["create", "read", "update", "delete"] })");
  const std::string strong =
      gate.token_with(R"(path "sys/auth/*" { capabilities = ["create", "update", "sudo"] })");
  EXPECT_EQ(gate.call("POST", "/v1/sys/auth/u", R"({"type":"userpass"})", plain).status, 403);
  EXPECT_EQ(gate.call("POST", "/v1/sys/auth/u", R"({"type":"userpass"})", strong).status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/auth").text("data", "u/", "type"), "userpass");
}

TEST(SysUi, ShowsOnlyMountsThatPoliciesReach) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})").status, 204);
  const std::string reader = gate.token_with(R"(path "kv/data/app/*" { capabilities = ["read"] })");
  const std::string stranger = gate.token_with(R"(path "elsewhere/*" { capabilities = ["read"] })");
  const std::string target = "/v1/sys/internal/ui/mounts/kv/app/db";
  const TestAnswer shown = gate.call("GET", target, "", reader);
  EXPECT_EQ(shown.text("data", "path"), "kv/") << shown.body;
  EXPECT_EQ(shown.text("data", "options"), R"({"version":"2"})");
  const TestAnswer hidden = gate.call("GET", target, "", stranger);
  EXPECT_EQ(hidden.status, 403);
  EXPECT_EQ(hidden.error(),
            "preflight capability check returned 403, please ensure client's policies grant access "
            "to path \"kv/app/db/\"");
  EXPECT_EQ(gate.call("GET", "/v1/sys/internal/ui/mounts/none/x", "", reader).status, 403);
  EXPECT_EQ(gate.call("GET", target, "", "").status, 403);
  const TestAnswer listed = gate.call("GET", "/v1/sys/internal/ui/mounts", "", reader);
  EXPECT_NE(listed.text("data", "secret", "kv/"), "");
  EXPECT_EQ(listed.text("data", "secret", "identity/"), "");
  EXPECT_NE(listed.text("data", "secret", "kv/", "accessor"), "");
}

TEST(SysUi, ShowsEverybodyTheMountsThatAreMarkedForIt) {
  TestGate gate;
  const std::string list = "/v1/sys/internal/ui/mounts";
  EXPECT_EQ(gate.call("GET", list, "", "").text("data"), R"({"secret":{},"auth":{}})");
  for (const std::string where : {"auth/people", "auth/robots", "mounts/open", "mounts/closed"}) {
    const std::string type = where.starts_with("auth/") ? "userpass" : "kv-v2";
    const std::string shown =
        where == "auth/people" || where == "mounts/open" ? "unauth" : "hidden";
    ASSERT_EQ(gate.as_root("POST",
                           "/v1/sys/" + where,
                           R"({"type":")" + type + R"(","description":"d","config":)" +
                               R"({"listing_visibility":")" + shown + R"("}})")
                  .status,
              204);
  }
  const TestAnswer nobody = gate.call("GET", list, "", "");
  EXPECT_EQ(nobody.status, 200);
  EXPECT_EQ(nobody.text("data"),
            R"({"secret":{"open/":{"type":"kv","description":"d","options":{"version":"2"}}},)"
            R"("auth":{"people/":{"type":"userpass","description":"d","options":null}}})");
  EXPECT_EQ(gate.call("GET", list, "", "hvs.never-issued").status, 403);
  // Who shows a token learns more of the same mounts.
  const std::string plain = gate.token_with(R"(path "x" { capabilities = ["read"] })");
  const TestAnswer known = gate.call("GET", list, "", plain);
  EXPECT_NE(known.text("data", "auth", "people/", "accessor"), "");
  EXPECT_EQ(known.text("data", "auth", "robots/"), "");
  EXPECT_EQ(gate.call("GET", list + "/open/x", "", "").status, 403) << "one mount needs a token";
}

TEST(SysUi, TellsACallerItsOwnRules) {
  TestGate gate;
  const std::string path = "/v1/sys/internal/ui/resultant-acl";
  EXPECT_EQ(gate.as_root("GET", path).text("data"),
            R"({"root":true,"exact_paths":{},"glob_paths":{}})");
  const std::string token = gate.token_with(
      R"(path "kv/data/*" { capabilities = ["read", "list"] }
         path "kv/+/x" { capabilities = ["deny"] }
         path "auth/token/create" {
           capabilities        = ["update"]
           allowed_parameters  = { "policies" = ["dev", true], "*" = [] }
           required_parameters = ["ttl"]
           max_wrapping_ttl    = "10m"
         })");
  const TestAnswer own = gate.call("GET", path, "", token);
  EXPECT_EQ(own.text("data", "root"), "false");
  EXPECT_EQ(own.text("data", "exact_paths"),
            R"({"auth/token/create":{"capabilities":["update"],"max_wrapping_ttl":600,)"
            R"("allowed_parameters":{"*":[],"policies":["dev",true]},)"
            R"("required_parameters":["ttl"]}})");
  EXPECT_EQ(own.text("data", "glob_paths"),
            R"({"kv/+/x":{"capabilities":["deny"]},)"
            R"("kv/data/":{"capabilities":["list","read"]}})");
  EXPECT_EQ(gate.call("GET", path, "", "").status, 403);
}

}  // namespace
}  // namespace coffer::dialects::vault
