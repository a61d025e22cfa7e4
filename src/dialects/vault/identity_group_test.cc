// identity/group, and what groups give to the tokens of their members.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// A gate with userpass, a user "ann" with an entity, and a policy "extra" for reading sys/mounts.
struct World : TestGate {
  World() {
    as_root("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
    as_root("POST", "/v1/auth/people/users/ann", R"({"password":"right"})");
    policy("extra", R"(path \"sys/mounts\" { capabilities = [\"read\"] })");
    const TestAnswer first = log_in();
    ann = first.text("auth", "entity_id");
    token = first.text("auth", "client_token");
  }

  void policy(const std::string& name, const std::string& text) {
    as_root("POST", "/v1/sys/policies/acl/" + name, R"({"policy":")" + text + R"("})");
  }

  TestAnswer log_in() {
    return call("POST", "/v1/auth/people/login/ann", R"({"password":"right"})", "");
  }

  // The id of a group that was made or changed.
  std::string group(const std::string& members) {
    return as_root("POST", "/v1/identity/group", "{" + members + "}").text("data", "id");
  }

  [[nodiscard]] std::string list_of(const std::string& id) const { return "[\"" + id + "\"]"; }

  std::string ann;
  std::string token;
};

TEST(IdentityGroups, TheirPoliciesCountForTokensThatAreOutAlready) {
  World world;
  const auto status = [&] { return world.call("GET", "/v1/sys/mounts", "", world.token).status; };
  EXPECT_EQ(status(), 403);
  const std::string team =
      world.group(R"("name":"Team","member_entity_ids":)" + world.list_of(world.ann));
  ASSERT_EQ(team.size(), 36U);
  EXPECT_EQ(status(), 403);
  const std::string site =
      world.group(R"("name":"site","policies":"extra","member_group_ids":)" + world.list_of(team));
  EXPECT_EQ(status(), 200) << "through a group in a group";
  const TestAnswer self = world.call("GET", "/v1/auth/token/lookup-self", "", world.token);
  EXPECT_EQ(self.text("data", "identity_policies"), R"(["extra"])");
  EXPECT_EQ(world.log_in().text("auth", "identity_policies"), R"(["extra"])");
  ASSERT_EQ(
      world.as_root("POST", "/v1/identity/group/id/" + team, R"({"member_entity_ids":[]})").status,
      200);
  EXPECT_EQ(status(), 403);
  world.group(R"("name":"team","member_entity_ids":)" + world.list_of(world.ann));
  EXPECT_EQ(status(), 200);
  ASSERT_EQ(world.as_root("DELETE", "/v1/identity/group/name/site").status, 204);
  EXPECT_EQ(status(), 403);
}

TEST(IdentityGroups, APolicyMayDenyAMember) {
  World world;
  world.policy("closed", R"(path \"auth/token/lookup-self\" { capabilities = [\"deny\"] })");
  const auto status = [&] {
    return world.call("GET", "/v1/auth/token/lookup-self", "", world.token).status;
  };
  EXPECT_EQ(status(), 200);
  world.group(R"("name":"t","policies":["closed"],"member_entity_ids":)" +
              world.list_of(world.ann));
  EXPECT_EQ(status(), 403);
}

TEST(IdentityGroups, TemplatesNameThem) {
  World world;
  world.policy("mine",
               R"(path \"sys/{{identity.groups.names.team.metadata.what}}\" )"
               R"({ capabilities = [\"read\"] })");
  const std::string team = world.group(
      R"("name":"team","policies":["mine"],"metadata":{"what":"mounts"},"member_entity_ids":)" +
      world.list_of(world.ann));
  EXPECT_EQ(world.call("GET", "/v1/sys/mounts", "", world.token).status, 200);
  world.as_root("POST", "/v1/identity/group/id/" + team, R"({"metadata":{"what":"mount+"}})");
  EXPECT_EQ(world.call("GET", "/v1/sys/mounts", "", world.token).status, 403);
}

TEST(IdentityGroups, AreShownByIdAndByName) {
  World world;
  const std::string team =
      world.group(R"("name":"Team","policies":"b,a","metadata":{"k":"v"},"member_entity_ids":)" +
                  world.list_of(world.ann));
  const std::string site =
      world.group(R"("name":"site","member_group_ids":)" + world.list_of(team));
  const TestAnswer shown = world.as_root("GET", "/v1/identity/group/name/TEAM");
  EXPECT_EQ(shown.text("data", "id"), team);
  EXPECT_EQ(shown.text("data", "name"), "team");
  EXPECT_EQ(shown.text("data", "type"), "internal");
  EXPECT_EQ(shown.text("data", "policies"), R"(["a","b"])");
  EXPECT_EQ(shown.text("data", "member_entity_ids"), world.list_of(world.ann));
  EXPECT_EQ(shown.text("data", "parent_group_ids"), world.list_of(site));
  EXPECT_EQ(shown.text("data", "metadata"), R"({"k":"v"})");
  EXPECT_EQ(world.as_root("GET", "/v1/identity/group/id/" + team).text("data", "name"), "team");
  EXPECT_EQ(world.as_root("LIST", "/v1/identity/group/name").text("data", "keys"),
            R"(["site","team"])");
  EXPECT_EQ(
      world.as_root("POST", "/v1/identity/lookup/group", R"({"name":"team"})").text("data", "id"),
      team);
  EXPECT_EQ(world.as_root("POST", "/v1/identity/lookup/group", R"({"id":"no"})").status, 204);
  EXPECT_EQ(world.as_root("POST", "/v1/identity/lookup/group", "{}").status, 400);
  const TestAnswer entity = world.as_root("GET", "/v1/identity/entity/id/" + world.ann);
  EXPECT_EQ(entity.text("data", "direct_group_ids"), world.list_of(team));
  EXPECT_EQ(entity.text("data", "inherited_group_ids"), world.list_of(site));
  EXPECT_EQ(entity.text("data", "group_ids"), R"([")" + team + R"(",")" + site + R"("])");
  ASSERT_EQ(world.as_root("DELETE", "/v1/identity/group/id/" + team).status, 204);
  EXPECT_EQ(world.as_root("DELETE", "/v1/identity/group/id/" + team).status, 204);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/group/id/" + team).status, 404);
}

TEST(IdentityGroups, RefuseWhatTheyCannotBe) {
  World world;
  const auto refused = [&](const std::string& members) {
    return world.as_root("POST", "/v1/identity/group/name/g", "{" + members + "}").status;
  };
  for (const char* root : {"root", "Root", "ROOT", " root", "root ", "\\troot", "\\u00a0root"}) {
    EXPECT_EQ(refused(R"("policies":[")" + std::string(root) + R"("])"), 400) << root;
    EXPECT_EQ(refused(R"("policies":["x",")" + std::string(root) + R"("])"), 400) << root;
  }
  EXPECT_EQ(refused(R"("policies":"x,root")"), 400);
  EXPECT_EQ(refused(R"("type":"external")"), 400);
  EXPECT_EQ(refused(R"("member_entity_ids":["nobody"])"), 400);
  EXPECT_EQ(refused(R"("member_group_ids":["none"])"), 400);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/group/name/g").status, 404) << "nothing was made";
  EXPECT_EQ(world.as_root("POST", "/v1/identity/group/id/none", "{}").status, 400);
  const std::string g = world.group(R"("name":"g")");
  EXPECT_EQ(refused(R"("member_group_ids":)" + world.list_of(g)), 400) << "in itself";
  EXPECT_EQ(world.call("POST", "/v1/identity/group", "{}", world.token).status, 403);
  EXPECT_EQ(world.call("LIST", "/v1/identity/group/id", "", world.token).status, 403);
}

}  // namespace
}  // namespace coffer::dialects::vault
