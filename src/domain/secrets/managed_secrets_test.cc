#include "domain/secrets/managed_secrets.h"

#include "domain/secrets/managed_world.h"
#include "domain/secrets/stages.h"

#include <atomic>
#include <thread>

namespace coffer::domain {
namespace {

class ManagedTest : public ManagedWorld {};

TEST_F(ManagedTest, WrittenHereIsReadThroughKv) {
  ASSERT_TRUE(create("app/db", R"({"user":"u"})"));
  EXPECT_EQ(read("app/db"), R"({"user":"u"})");
  ASSERT_TRUE(put("app/db", 2, "plain \"text\""));
  EXPECT_EQ(read("app/db"), R"({"value":"plain \"text\""})");
  EXPECT_EQ(get("app/db"), "plain \"text\"") << "octet for octet";
  ASSERT_TRUE(put("app/db", 3, "[1, 2]"));
  EXPECT_EQ(read("app/db"), R"({"value":"[1, 2]"})");
  ASSERT_TRUE(secrets_unit("app/db", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.put_value(
        secret, token(4), {.value = std::string_view("\0\1", 2), .binary = true}, {});
  }));
  EXPECT_EQ(read("app/db"), R"({"value":"AAE="})");
  EXPECT_EQ(read("app/db", 1), R"({"user":"u"})");
}

TEST_F(ManagedTest, WrittenThroughKvIsReadHere) {
  ASSERT_TRUE(write("a", R"({ "k":1 })"));
  EXPECT_EQ(get("a"), R"({ "k":1 })");
  EXPECT_EQ(stages("a"), "1:AWSCURRENT");
  ASSERT_TRUE(write("a", R"({"k":2})"));
  EXPECT_EQ(stages("a"), "1:AWSPREVIOUS 2:AWSCURRENT");
  EXPECT_FALSE(row("a")->row.extra->has_value()) << "KV alone leaves nothing in the row";
  const std::string first = version_id(row("a")->row, 1);
  EXPECT_EQ(first.size(), 36U);
  EXPECT_EQ(get("a", first), R"({ "k":1 })");
  EXPECT_EQ(get("a", "", "AWSPREVIOUS"), R"({ "k":1 })");
  ASSERT_TRUE(put("a", 3, "x"));
  EXPECT_EQ(stages("a"), "1: 2:AWSPREVIOUS 3:AWSCURRENT");
  EXPECT_EQ(version_id(row("a")->row, 1), first);
  ASSERT_TRUE(write("a", R"({"k":4})"));
  EXPECT_EQ(stages("a"), "1: 2: 3:AWSPREVIOUS 4:AWSCURRENT");
}

TEST_F(ManagedTest, PendingIsNotWhatKvReads) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(put("a", 2, "two", {"AWSPENDING"}));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:AWSPENDING");
  EXPECT_EQ(read("a"), R"({"value":"one"})");
  EXPECT_EQ(get("a", "", "AWSPENDING"), "two");
  ASSERT_TRUE(move("a", "AWSCURRENT", token(1), token(2)));
  EXPECT_EQ(stages("a"), "1:AWSPREVIOUS 2:AWSCURRENT,AWSPENDING");
  EXPECT_EQ(read("a"), R"({"value":"two"})");
  EXPECT_EQ(read("a", 1), R"({"value":"one"})");
  ASSERT_TRUE(put("a", 3, "three", {"AWSPENDING"}));
  EXPECT_EQ(stages("a"), "1:AWSPREVIOUS 2:AWSCURRENT 3:AWSPENDING");
  ASSERT_TRUE(write("a", R"({"by":"kv"})"));
  EXPECT_EQ(stages("a"), "1: 2:AWSPREVIOUS 3:AWSPENDING 4:AWSCURRENT");
  ASSERT_TRUE(move("a", "AWSCURRENT", version_id(row("a")->row, 4), token(1)));
  EXPECT_EQ(get("a"), "one");
  EXPECT_EQ(read("a", 4), R"({"by":"kv"})");
}

TEST_F(ManagedTest, TokensMakeWritesRepeatable) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(create("a", "one")) << "same token, same value";
  EXPECT_EQ(stages("a"), "1:AWSCURRENT");
  ASSERT_TRUE(put("a", 1, "one"));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT");
  EXPECT_EQ(why(put("a", 1, "other")),
            "You can't use ClientRequestToken " + token(1) +
                " because that value is already in use for a version of secret " + arn("a") + ".");
  EXPECT_EQ(why(create("a", "two", 2)),
            "The operation failed because the secret a already exists.");
  const auto update = [&](std::string_view value) {
    return secrets_unit("a", [&](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.update(secret, {.token = token(1), .value = GivenValue{.value = value}});
    });
  };
  EXPECT_TRUE(update("one"));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT");
  EXPECT_EQ(why(update("other")), why(put("a", 1, "other")));
}

TEST_F(ManagedTest, StagesAreOnOneVersionOnly) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(put("a", 2, "two", {"S0", "S1"}));
  ASSERT_TRUE(put("a", 3, "three", {"S1", "S2"}));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:S0 3:S1,S2");
  EXPECT_EQ(why(move("a", "AWSCURRENT", token(1), "")),
            "You can only move staging label AWSCURRENT to a different secret version. It can't be "
            "completely removed.");
  EXPECT_EQ(why(move("a", "S0", "", token(3))),
            "The parameter RemoveFromVersionId can't be empty. Staging label S0 is currently "
            "attached to version " +
                token(2) +
                ", so you must explicitly reference that version in RemoveFromVersionId.");
  EXPECT_EQ(why(move("a", "S0", token(3), token(1))),
            "Version stage 'S0' not found in version '" + token(3) + "'");
  EXPECT_EQ(why(move("a", "S0", "", token(9))), "Not a valid version: '" + token(9) + "'");
  ASSERT_TRUE(move("a", "S0", token(2), token(3)));
  ASSERT_TRUE(move("a", "S2", token(3), ""));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2: 3:S0,S1");
  std::vector<std::string> many;
  for (int i = 0; i < 21; ++i) many.push_back("L" + std::to_string(i));
  EXPECT_FALSE(put("a", 4, "four", many));
}

TEST_F(ManagedTest, PruningSparesStagedVersions) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(put("a", 2, "two", {"KEEP"}));
  MetadataChange three;
  three.max_versions = 3;
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.write_metadata("a", three); }));
  for (int i = 3; i < 9; ++i) ASSERT_TRUE(put("a", i, "v" + std::to_string(i)));
  EXPECT_EQ(stages("a"), "2:KEEP 7:AWSPREVIOUS 8:AWSCURRENT");
  EXPECT_EQ(get("a", "", "KEEP"), "two");
  EXPECT_EQ(get("a", "", "AWSPREVIOUS"), "v7");
}

TEST_F(ManagedTest, MarkedForDeletionRefusesEverywhere) {
  ASSERT_TRUE(create("a", "one"));
  const auto first = arn("a");
  ASSERT_TRUE(secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.schedule_deletion(secret, std::chrono::hours(7 * 24));
  }));
  EXPECT_EQ(read("a"), "not_found");
  EXPECT_EQ(why(write("a", "{}")), "the secret is marked for deletion: restore it first");
  EXPECT_EQ(get("a"),
            "You can't perform this operation on the secret because it was marked for deletion.");
  EXPECT_EQ(why(create("a", "one")),
            "You can't create this secret because a secret with this name is already scheduled for "
            "deletion.");
  ASSERT_TRUE(secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.restore(secret);
  }));
  EXPECT_EQ(get("a"), "one");
  ASSERT_TRUE(secrets_unit(
      "a", [](ManagedSecrets& secrets, const SecretPtr& secret) { return secrets.erase(secret); }));
  ASSERT_TRUE(create("a", "two", 2));
  EXPECT_NE(arn("a"), first) << "the suffix is another one";
}

TEST_F(ManagedTest, DeletedVersionsAreReflected) {
  ASSERT_TRUE(create("a", "one"));
  const std::int64_t one[] = {1};
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.remove("a", one); }));
  EXPECT_EQ(get("a"),
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.undelete("a", one); }));
  EXPECT_EQ(get("a"), "one");
  ASSERT_TRUE(unit([&](Kv2& kv) { return kv.destroy("a", one); }));
  EXPECT_EQ(get("a", token(1)),
            "Secrets Manager can't find the specified secret value for VersionId: " + token(1));
}

TEST_F(ManagedTest, NamesAreThoseOfAws) {
  for (const std::string_view good : {"a", "/a/b", "a//b", "A-z_0/+=.@!", "trailing/"}) {
    EXPECT_TRUE(check_secret_name(good)) << good;
  }
  for (const std::string_view bad : {"", "a b", "a*", "a:b", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(check_secret_name(bad)) << bad;
  }
  EXPECT_FALSE(check_secret_name(std::string(513, 'a')));
}

TEST_F(ManagedTest, AnEmptySecretsFirstVersionIsCurrent) {
  ASSERT_TRUE(create_empty("a"));
  EXPECT_EQ(get("a"),
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
  ASSERT_TRUE(put("a", 1, "one", {"S"}));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT,S");
}

TEST_F(ManagedTest, PolicyThatIsNamedAndMissingIsCorrupt) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.put_policy(secret, "{}");
  }));
  const auto policy = [&] {
    return secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.policy(secret->row);
    });
  };
  EXPECT_EQ(**policy(), "{}");
  const SecretPtr held = row("a");
  const SecretRow& row = held->row;
  work::View view = world_.view();
  ASSERT_TRUE(view.erase<SecretPolicyRow>(SecretPolicyRow::key_of(*row.mount, *row.uid)));
  ASSERT_TRUE(world_.commit(view));
  ASSERT_FALSE(policy());
  EXPECT_EQ(policy().error().code, Code::corrupt);
}

TEST_F(ManagedTest, DaysOfReadingAreNotedWithoutAWrite) {
  ASSERT_TRUE(create("a", "one"));
  EXPECT_EQ(get("a"), "one");
  const SecretPtr held = row("a");
  const SecretRow& row = held->row;
  EXPECT_EQ(state_.uses.days(*row.mount, *row.uid).at(1), day_of(world_.clock.now()));
  work::View view = world_.view();
  EXPECT_EQ(world_.value(write_secret_uses(view, state_.uses, 10)), 1U);
  ASSERT_TRUE(world_.commit(view));
  work::View again = world_.view();
  EXPECT_EQ(world_.value(write_secret_uses(again, state_.uses, 10)), 0U);
  SecretUses fresh;
  EXPECT_EQ(world_.value(days_of_use(again, fresh, *row.mount, *row.uid)).at(1),
            day_of(world_.clock.now()));
}

TEST_F(ManagedTest, DaysOfAnErasedSecretAreNotWritten) {
  ASSERT_TRUE(create("a", "one"));
  ASSERT_TRUE(create("b", "two", 2));
  EXPECT_EQ(get("a") + get("b"), "onetwo");
  ASSERT_TRUE(secrets_unit(
      "a", [](ManagedSecrets& secrets, const SecretPtr& secret) { return secrets.erase(secret); }));
  work::View view = world_.view();
  EXPECT_EQ(world_.value(write_secret_uses(view, state_.uses, 10)), 1U) << "those of the other";
  const SecretPtr other = row("b");
  ASSERT_TRUE(world_.commit(view));
  const auto rows =
      world_.store->scan_keys(rows::tables::kSecretUses.id, work::kTestRealm, {}, {}, 10);
  EXPECT_EQ(*rows, (std::vector<Bytes>{SecretUseRow::key_of(*other->row.mount, *other->row.uid)}));
}

// Clients that put, move stages and start rotations at once: AWSCURRENT is on exactly one version
// at every moment, and every change that succeeded is there.
TEST_F(ManagedTest, RacingClientsKeepOneCurrentVersion) {
  ASSERT_TRUE(create("a", "one"));
  std::atomic<int> done = 0;
  std::atomic<int> next = 100;
  std::atomic<bool> wrong = false;
  const auto client = [&](int kind) {
    for (int i = 0; i < 20; ++i) {
      for (bool again = true; again;) {
        work::View view = world_.view();
        ManagedSecrets secrets(view, kv_.id, kAccount, state_);
        const auto secret = secrets.usable("a");
        if (!secret) {
          wrong = true;
          return;
        }
        const SecretRow& row = (*secret)->row;
        Result<> staged;
        if (kind == 0) {
          const std::string value = std::to_string(i);
          const auto put = secrets.put_value(*secret, token(next++), {.value = value}, {});
          if (!put) staged = std::unexpected(put.error());
        } else if (kind == 1) {
          const std::uint64_t previous = version_of_stage(row, kStagePrevious);
          if (previous == 0) break;
          staged = secrets.move_stage(
              *secret, kStageCurrent, version_id(row, *row.current), version_id(row, previous));
        } else {
          const auto started = secrets.start_rotation(*secret, token(next++), false);
          if (!started) break;  // one is under way
        }
        if (!staged) {
          wrong = true;
          return;
        }
        const Result<> committed = world_.commit(view);
        again = !committed && committed.error().code == Code::conflict;
        if (!committed && !again) wrong = true;
        if (committed) ++done;
      }
    }
  };
  std::vector<std::thread> clients;
  for (const int kind : {0, 0, 1, 2}) clients.emplace_back(client, kind);
  for (std::thread& thread : clients) thread.join();
  EXPECT_FALSE(wrong);
  EXPECT_GE(done, 40);
  const std::string all = stages("a");
  EXPECT_EQ(all.find("AWSCURRENT"), all.rfind("AWSCURRENT")) << all;
  EXPECT_NE(all.find("AWSCURRENT"), std::string::npos) << all;
  EXPECT_EQ(all.find("AWSPREVIOUS"), all.rfind("AWSPREVIOUS")) << all;
}

}  // namespace
}  // namespace coffer::domain
