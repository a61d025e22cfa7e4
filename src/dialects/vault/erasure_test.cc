// What an unmounted engine and a deleted role leave in the store, and the job that erases it.
#include "dialects/vault/test_gate.h"
#include "domain/kms/tend.h"
#include "domain/secrets/erase_removed.h"
#include "gate/housekeeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

using testing::IsEmpty;

constexpr store::RealmId kRealm{1};

class ErasureTest : public testing::Test {
 protected:
  ErasureTest() {
    ok("POST", "/v1/sys/mounts/team", R"({"type":"kv","options":{"version":"2"}})");
    ok("POST", "/v1/sys/mounts/plain", R"({"type":"kv","options":{"version":"1"}})");
    ok("POST", "/v1/sys/auth/ci", R"({"type":"approle"})");
    ok("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
  }

  TestAnswer ok(std::string_view method, std::string_view target, std::string_view body = "") {
    TestAnswer answer = gate_.as_root(method, target, body);
    EXPECT_THAT(answer.status, testing::AnyOf(200, 204)) << target << answer.body;
    return answer;
  }

  void fill() {
    for (int i = 0; i < kSecrets; ++i) {
      const std::string name = std::to_string(i);
      for (const char* value : {"1", "2", "3"}) {
        ok("POST", "/v1/team/data/a/" + name, R"({"data":{"v":")" + std::string(value) + R"("}})");
      }
    }
    ok("POST", "/v1/team/config", R"({"max_versions":7})");
    ok("POST", "/v1/plain/x", R"({"v":"1"})");
    ok("POST", "/v1/auth/people/users/ann", R"({"password":"a b c d"})");
    gate_.call("POST", "/v1/auth/people/login/bob", R"({"password":"wrong"})", "");
    add_role("deploy");
  }

  void add_role(const std::string& name) {
    ok("POST", "/v1/auth/ci/role/" + name, "{}");
    for (int i = 0; i < 3; ++i) ok("POST", "/v1/auth/ci/role/" + name + "/secret-id", "{}");
  }

  // The mount's id, hence the beginning of the keys of all its rows.
  Bytes id_of(domain::MountKind kind, std::string_view path) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, kRealm, gate_.clock.now(), *gate_.random);
    return domain::Mounts(view).resolve(kind, path)->mount->id;
  }

  // Rows of the whole store below an id, each as the name of its table.
  std::vector<std::string> rows_below(ByteView id) {
    std::vector<std::string> found;
    Bytes config = to_bytes("kv-config:");
    append(config, id);
    Bytes erasure = to_bytes("erase:");
    append(erasure, id);
    for (const rows::TableSpec& table : rows::tables::kAll) {
      for (const ByteView prefix : {id, ByteView(config), ByteView(erasure)}) {
        for (std::size_t n = gate_.store.scan_keys(table.id, kRealm, prefix, {}, 10'000)->size();
             n > 0;
             --n) {
          found.emplace_back(table.name);
        }
      }
    }
    return found;
  }

  std::size_t erase(std::size_t units, std::string node = "one") {
    gate::Housekeeper keeper(gate_.lifecycle, gate_.clock, *gate_.random, std::move(node));
    return TestGate::value(keeper.erase_removed(units));
  }

  void expect_verified() { EXPECT_THAT(gate_.findings(), IsEmpty()); }

  // As after a crash: nothing of this process is left but the store.
  void restart() {
    gate_.lifecycle.seal();
    gate_.unseal();
  }

  static constexpr int kSecrets = 40;
  TestGate gate_;
};

TEST_F(ErasureTest, LeavesNothingOfAnUnmountedEngineAlthoughItCrashedInTheMiddle) {
  fill();
  const Bytes team = id_of(domain::MountKind::secret, "team/");
  ok("DELETE", "/v1/sys/mounts/team");
  ok("POST", "/v1/sys/mounts/team", R"({"type":"kv","options":{"version":"2"}})");
  ok("POST", "/v1/team/data/a/1", R"({"data":{"v":"new"}})");
  const std::size_t before = rows_below(team).size();
  EXPECT_GE(before, std::size_t{kSecrets} * 3);
  EXPECT_EQ(erase(1), 1U);
  const std::size_t after_one = before - domain::kErasurePage - 1;  // and the mount's settings
  EXPECT_EQ(rows_below(team).size(), after_one) << "a bounded unit";
  gate_.store.fail = work::TestStore::Fail::commit;
  gate::Housekeeper keeper(gate_.lifecycle, gate_.clock, *gate_.random, "one");
  EXPECT_FALSE(keeper.erase_removed());
  gate_.store.fail = work::TestStore::Fail::nothing;
  EXPECT_EQ(rows_below(team).size(), after_one) << "all of a unit or nothing";
  restart();
  EXPECT_EQ(erase(9, "two"), 0U) << "the claim of the process that is gone lasts";
  gate_.clock.advance(std::chrono::minutes(6));
  EXPECT_EQ(erase(9, "two"), 1U);
  EXPECT_THAT(rows_below(team), IsEmpty());
  EXPECT_EQ(ok("GET", "/v1/team/data/a/1").text("data", "data", "v"), "new")
      << "another mount at the same path";
  expect_verified();
}

TEST_F(ErasureTest, ErasesTheValuesThatAnErasedSecretLeft) {
  const std::string large(1200, 'v');  // of more than that has a row of its own
  ok("POST", "/v1/team/config", R"({"max_versions":100})");
  ok("POST", "/v1/team/data/other", R"({"data":{"v":"1"}})");
  constexpr int kVersions = 60;
  for (int i = 0; i < kVersions; ++i) {
    ok("POST", "/v1/team/data/old", R"({"data":{"v":")" + large + R"("}})");
  }
  const Bytes team = id_of(domain::MountKind::secret, "team/");
  const std::size_t kept = rows_below(team).size() - kVersions - 1;
  ok("DELETE", "/v1/team/metadata/old");
  EXPECT_GT(rows_below(team).size(), kept) << "what one unit leaves";
  gate_.events();
  EXPECT_EQ(erase(9), 1U);
  EXPECT_EQ(rows_below(team).size(), kept);
  const std::vector<proof::Event> events = gate_.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().type, proof::EventType::secret_destroyed);
  EXPECT_EQ(events.front().facts.front().value, "old");
  EXPECT_EQ(ok("GET", "/v1/team/data/other").text("data", "data", "v"), "1");
  EXPECT_EQ(erase(9), 0U);
  expect_verified();
}

TEST_F(ErasureTest, ErasesAllThatLiesBelowEachKindOfMount) {
  fill();
  const Bytes plain = id_of(domain::MountKind::secret, "plain/");
  const Bytes roles = id_of(domain::MountKind::auth, "ci/");
  const Bytes people = id_of(domain::MountKind::auth, "people/");
  EXPECT_EQ(rows_below(people).size(), 2U) << "a user, and somebody's failed log-in";
  ok("DELETE", "/v1/sys/mounts/plain");
  ok("DELETE", "/v1/sys/auth/ci");
  ok("DELETE", "/v1/sys/auth/people");
  gate_.events();
  EXPECT_EQ(erase(9), 3U);
  for (const Bytes& id : {plain, roles, people}) EXPECT_THAT(rows_below(id), IsEmpty());
  std::vector<std::string> told;
  for (const proof::Event& event : gate_.events()) {
    EXPECT_EQ(event.type, proof::EventType::system_mount_changed);
    told.push_back(event.reason + " " + event.facts.at(0).value + " " + event.facts.at(1).value);
  }
  EXPECT_THAT(told,
              testing::UnorderedElementsAre(
                  "erased plain/ 1", "erased auth/ci/ 5", "erased auth/people/ 2"))
      << "one event for each";
  EXPECT_EQ(erase(9), 0U);
  EXPECT_THAT(gate_.events(), IsEmpty());
  expect_verified();
}

TEST_F(ErasureTest, UsesOfWhatLayBelowAMountAreNotWrittenAgain) {
  const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
  domain::SecretsState& state = unsealed->secrets;
  const Bytes plain = id_of(domain::MountKind::secret, "plain/");
  const Bytes team = id_of(domain::MountKind::secret, "team/");
  for (const Bytes& mount : {plain, team}) {
    const Bytes uid(16, 1);
    state.uses.note(mount, uid, 1, gate_.clock.now());
    const Bytes place = domain::SecretUseRow::key_of(mount, uid);
    state.kms.uses.note(place, gate_.clock.now(), domain::KeyOperation::encrypt);
  }
  ok("DELETE", "/v1/sys/mounts/plain");
  EXPECT_EQ(erase(9), 1U);
  work::View view(*unsealed->rows, kRealm, gate_.clock.now(), *gate_.random);
  EXPECT_EQ(*domain::write_secret_uses(view, state.uses, 10), 1U) << "those of the other mount";
  EXPECT_EQ(*domain::write_last_uses(view, state.kms, 10), 1U);
}

TEST_F(ErasureTest, ErasesTheSecretIdsOfADeletedRoleOnly) {
  add_role("old");
  add_role("other");
  const Bytes mount = id_of(domain::MountKind::auth, "ci/");
  ok("DELETE", "/v1/auth/ci/role/old");
  add_role("old");
  EXPECT_EQ(erase(9), 1U);
  const auto left =
      gate_.store.scan_keys(rows::tables::kSecretIds.id, kRealm, mount, {}, 100).value();
  EXPECT_EQ(left.size(), 6U) << "those of the other role, and of the new one of this name";
  EXPECT_EQ(ok("LIST", "/v1/auth/ci/role/old/secret-id").status, 200);
  expect_verified();
}

// Erasing cannot be undone: whatever a row says, a mount that exists stays.
TEST_F(ErasureTest, RefusesToEraseWhatWasNotRemoved) {
  fill();
  const Bytes team = id_of(domain::MountKind::secret, "team/");
  const std::size_t before = rows_below(team).size();
  for (const Bytes& prefix : {team, Bytes(), Bytes(team.begin(), team.end() - 1)}) {
    const gate::UnsealedPtr unsealed = gate_.lifecycle.current();
    work::View view(*unsealed->rows, kRealm, gate_.clock.now(), *gate_.random);
    ASSERT_TRUE(domain::erase_later(view, domain::Removed::mount, prefix, "team/"));
    const auto staged = domain::erase_removed(view, unsealed->secrets);
    EXPECT_EQ(staged ? "staged" : std::string(to_text(staged.error().code)), "corrupt");
  }
  EXPECT_EQ(rows_below(team).size(), before);
}

class SweepTest : public testing::Test {
 protected:
  std::size_t tokens() {
    return gate.store.scan_keys(rows::tables::kTokens.id, kRealm, {}, {}, 10'000)->size();
  }

  TestGate gate;
};

// A backlog must not keep a server that stops from sealing.
TEST_F(SweepTest, EndsWithTheUnitUnderWayWhenTheServerStops) {
  const std::size_t before = tokens();
  for (int i = 0; i < 90; ++i) {
    ASSERT_EQ(
        gate.as_root("POST", "/v1/auth/token/create", R"({"ttl":"1m","type":"service"})").status,
        200);
  }
  const std::size_t full = tokens();
  ASSERT_GT(full, before + 80);
  gate.clock.advance(std::chrono::minutes(2));
  int asked = 0;
  gate::Housekeeper stopped(gate.lifecycle, gate.clock, *gate.random, "one", {.stopping = [&asked] {
                              return ++asked > 1;
                            }});
  ASSERT_TRUE(stopped.sweep());
  EXPECT_LT(tokens(), full);
  EXPECT_GT(tokens(), before) << "one unit of them";
  gate::Housekeeper keeper(gate.lifecycle, gate.clock, *gate.random, "one");
  ASSERT_TRUE(keeper.sweep());
  EXPECT_EQ(tokens(), before);
}

}  // namespace
}  // namespace coffer::dialects::vault
