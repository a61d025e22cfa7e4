#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// A gate with userpass and two users, "ann" and "bob"; the password is "right".
struct World : TestGate {
  World() {
    as_root("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
    for (const char* name : {"ann", "bob"}) {
      as_root("POST", "/v1/auth/people/users/" + std::string(name), R"({"password":"right"})");
    }
    as_root("POST",
            "/v1/sys/policies/acl/extra",
            R"({"policy":"path \"sys/mounts\" { capabilities = [\"read\"] }"})");
    accessor = as_root("GET", "/v1/sys/auth").text("data", "people/", "accessor");
  }

  TestAnswer log_in(std::string_view name) {
    return call(
        "POST", "/v1/auth/people/login/" + std::string(name), R"({"password":"right"})", "");
  }

  // The id of a new entity with these members.
  std::string entity(const std::string& members) {
    return as_root("POST", "/v1/identity/entity", "{" + members + "}").text("data", "id");
  }

  TestAnswer alias(std::string_view name, std::string_view entity) {
    return as_root("POST",
                   "/v1/identity/entity-alias",
                   R"({"name":")" + std::string(name) + R"(","canonical_id":")" +
                       std::string(entity) + R"(","mount_accessor":")" + accessor + R"("})");
  }

  std::string accessor;
};

TEST(IdentityRoutes, ALoginGetsThePoliciesOfTheEntityThatItsAliasNames) {
  World world;
  const std::string id = world.entity(R"("name":"Ann","policies":["extra"],"metadata":{"a":"b"})");
  ASSERT_EQ(id.size(), 36U);
  const TestAnswer placed = world.alias("ANN", id);
  ASSERT_EQ(placed.text("data", "canonical_id"), id) << placed.body;
  const TestAnswer ann = world.log_in("ann");
  EXPECT_EQ(ann.text("auth", "entity_id"), id);
  EXPECT_EQ(ann.text("auth", "identity_policies"), R"(["extra"])");
  const std::string token = ann.text("auth", "client_token");
  EXPECT_EQ(world.call("GET", "/v1/sys/mounts", "", token).status, 200);
  const std::string bob = world.log_in("bob").text("auth", "client_token");
  EXPECT_EQ(world.call("GET", "/v1/sys/mounts", "", bob).status, 403);
  // A change counts for tokens that are out already.
  ASSERT_EQ(world.as_root("POST", "/v1/identity/entity/id/" + id, R"({"policies":[]})").status,
            204);
  EXPECT_EQ(world.call("GET", "/v1/sys/mounts", "", token).status, 403);
  ASSERT_EQ(world.as_root("POST", "/v1/identity/entity/id/" + id, R"({"disabled":true})").status,
            204);
  EXPECT_EQ(world.call("GET", "/v1/auth/token/lookup-self", "", token).status, 403);
  EXPECT_EQ(world.log_in("ann").status, 403);
}

TEST(IdentityRoutes, NobodyWithoutAPolicyForItMayWrite) {
  World world;
  const TestAnswer ann = world.log_in("ann");
  const std::string own = ann.text("auth", "entity_id");
  const std::string token = ann.text("auth", "client_token");
  const std::string path = "/v1/identity/entity/id/" + own;
  EXPECT_EQ(world.call("GET", path, "", token).status, 200) << "the default policy";
  for (const auto& [method, target] :
       {std::pair{"POST", path},
        std::pair{"DELETE", path},
        std::pair{"POST", std::string("/v1/identity/entity")},
        std::pair{"POST", std::string("/v1/identity/entity-alias")},
        std::pair{"POST", std::string("/v1/identity/entity/merge")},
        std::pair{"LIST", std::string("/v1/identity/entity/id")},
        std::pair{"LIST", std::string("/v1/identity/entity-alias/id")},
        std::pair{"POST", std::string("/v1/identity/lookup/entity")}}) {
    EXPECT_EQ(world.call(method, target, R"({"policies":["extra"]})", token).status, 403) << target;
    EXPECT_EQ(world.call(method, target, "{}", "").status, 403) << target;
  }
}

TEST(IdentityRoutes, RefusesRootAndNamesThatAreTaken) {
  World world;
  const std::string one = world.entity(R"("name":"one")");
  const std::string two = world.entity(R"("name":"two")");
  for (const std::string_view body : {R"({"policies":["root"]})",
                                      R"({"policies":"x,ROOT"})",
                                      R"({"name":"ONE"})",
                                      R"({"name":"a/b"})",
                                      R"({"metadata":{"":"x"}})"}) {
    EXPECT_EQ(world.as_root("POST", "/v1/identity/entity/id/" + two, body).status, 400) << body;
  }
  EXPECT_EQ(world.as_root("POST", "/v1/identity/entity", R"({"policies":["root"]})").status, 400);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/name/TWO").text("data", "id"), two);
  // A write to a name that is there changes that entity.
  EXPECT_EQ(
      world.as_root("POST", "/v1/identity/entity", R"({"name":"One","policies":["extra"]})").status,
      204);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/id/" + one).text("data", "policies"),
            R"(["extra"])");
}

TEST(IdentityRoutes, AnAliasHasOneEntityAndAnEntityOneAliasInAMount) {
  World world;
  const std::string one = world.entity(R"("name":"one")");
  const std::string two = world.entity(R"("name":"two")");
  const std::string alias = world.alias("ann", one).text("data", "id");
  EXPECT_EQ(world.alias("bob", one).status, 400) << "a second one in the mount";
  EXPECT_EQ(world.alias("x", "no-such-entity").status, 400);
  EXPECT_EQ(world
                .as_root("POST",
                         "/v1/identity/entity-alias",
                         R"({"name":"x","canonical_id":")" + one + R"(","mount_accessor":"no"})")
                .status,
            400);
  const std::string path = "/v1/identity/entity-alias/id/" + alias;
  EXPECT_EQ(world.as_root("POST", path, R"({"canonical_id":")" + two + R"("})").status, 200);
  EXPECT_EQ(world.log_in("ann").text("auth", "entity_id"), two);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/id/" + one).text("data", "aliases"), "[]");
  EXPECT_EQ(world.as_root("POST", path, R"({"name":"bob"})").status, 200);
  EXPECT_EQ(world.as_root("GET", path).text("data", "name"), "bob");
  EXPECT_EQ(world.log_in("bob").text("auth", "entity_id"), two);
  EXPECT_NE(world.log_in("ann").text("auth", "entity_id"), two) << "the old name is nobody's";
  ASSERT_EQ(world.as_root("DELETE", path).status, 204);
  EXPECT_EQ(world.as_root("GET", path).status, 404);
  EXPECT_NE(world.log_in("bob").text("auth", "entity_id"), two);
}

TEST(IdentityRoutes, RemovingOrMergingAnEntityEndsItsTokens) {
  World world;
  const TestAnswer ann = world.log_in("ann");
  const std::string id = ann.text("auth", "entity_id");
  const std::string token = ann.text("auth", "client_token");
  const std::string to = world.entity(R"("name":"to")");
  const std::string body =
      R"({"from_entity_ids":[")" + id + R"("],"to_entity_id":")" + to + R"("})";
  ASSERT_EQ(world.as_root("POST", "/v1/identity/entity/merge", body).status, 204);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/id/" + id).status, 404);
  EXPECT_EQ(world.call("GET", "/v1/auth/token/lookup-self", "", token).status, 403);
  EXPECT_EQ(world.log_in("ann").text("auth", "entity_id"), to);
  EXPECT_EQ(world.as_root("POST", "/v1/identity/entity/merge", body).status, 400);
  ASSERT_EQ(
      world
          .as_root(
              "POST", "/v1/identity/entity/batch-delete", R"({"entity_ids":[")" + to + R"("]})")
          .status,
      204);
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/name/to").status, 404);
  EXPECT_NE(world.log_in("ann").text("auth", "entity_id"), to) << "a new entity";
}

TEST(IdentityRoutes, ListsAndLooksUp) {
  World world;
  const std::string one = world.entity(R"("name":"one")");
  const std::string alias = world.alias("ann", one).text("data", "id");
  EXPECT_EQ(world.as_root("LIST", "/v1/identity/entity/name").text("data", "keys"), R"(["one"])");
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/id?list=true").text("data", "keys"),
            R"([")" + one + R"("])");
  const TestAnswer aliases = world.as_root("LIST", "/v1/identity/entity-alias/id");
  EXPECT_EQ(aliases.text("data", "key_info", alias, "mount_path"), "auth/people/") << aliases.body;
  for (const std::string& body :
       {R"({"id":")" + one + R"("})",
        std::string(R"({"name":"ONE"})"),
        R"({"alias_id":")" + alias + R"("})",
        R"({"alias_name":"ann","alias_mount_accessor":")" + world.accessor + R"("})"}) {
    EXPECT_EQ(world.as_root("POST", "/v1/identity/lookup/entity", body).text("data", "id"), one)
        << body;
  }
  EXPECT_EQ(world.as_root("POST", "/v1/identity/lookup/entity", R"({"name":"no"})").status, 204);
}

// Policies decide about the path, so the path says whom a request is about.
TEST(IdentityRoutes, NothingIsRenamedThroughAPathThatNamesIt) {
  World world;
  for (const std::string kind : {"entity", "group"}) {
    const std::string at = "/v1/identity/" + kind;
    ASSERT_EQ(world.as_root("POST", at, R"({"name":"team-x"})").status, 200);
    EXPECT_LT(world.as_root("POST", at + "/name/team-x", R"({"name":"admin-ops"})").status, 300);
    EXPECT_EQ(world.as_root("GET", at + "/name/admin-ops").status, 404) << kind;
    const TestAnswer kept = world.as_root("GET", at + "/name/team-x");
    EXPECT_EQ(kept.status, 200) << kind;
    const std::string by_id = at + "/id/" + kept.text("data", "id");
    EXPECT_LT(world.as_root("POST", by_id, R"({"name":"team-y"})").status, 300);
    EXPECT_EQ(world.as_root("GET", at + "/name/team-y").status, 200) << "whoever may write the id";
  }
}

TEST(IdentityRoutes, MetadataMayComeAsPairs) {
  World world;
  const std::string id = world.entity(R"("name":"Eve","metadata":["team=qa","site=x=y"])");
  const TestAnswer read = world.as_root("GET", "/v1/identity/entity/id/" + id);
  EXPECT_EQ(read.text("data", "metadata", "team"), "qa") << read.body;
  EXPECT_EQ(read.text("data", "metadata", "site"), "x=y");
}

// Two entities of one name would share the paths of templated policies.
TEST(IdentityRoutes, GivenNamesAreLongEnoughToBeUnique) {
  World world;
  const std::string id = world.log_in("ann").text("auth", "entity_id");
  EXPECT_EQ(world.as_root("GET", "/v1/identity/entity/id/" + id).text("data", "name").size(),
            std::string_view("entity_").size() + 32);
}

}  // namespace
}  // namespace coffer::dialects::vault
