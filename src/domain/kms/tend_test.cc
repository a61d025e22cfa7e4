#include "domain/kms/tend.h"

#include "domain/kms/kms_world.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// So many rows under a key.
class Dependents final : public RewrapSource {
 public:
  [[nodiscard]] std::string_view name() const override { return "test rows"; }

  Result<std::vector<Bytes>> below(work::View& /*view*/,
                                   ByteView key_uid,
                                   std::uint32_t version,
                                   std::size_t limit) override {
    EXPECT_EQ(version, kEveryVersion);
    const bool asked = std::ranges::equal(key_uid, key);
    return std::vector<Bytes>(asked ? std::min(count, limit) : 0);
  }

  void rely_on_none(work::View& /*view*/, ByteView key_uid) override {
    relied_on = to_bytes(key_uid);
  }

  Result<bool> rewrap(work::View& /*view*/, KmsState& /*kms*/, const Bytes& /*named*/) override {
    return false;
  }

  Result<Page> look(work::View& /*view*/,
                    ByteView /*key_uid*/,
                    std::uint32_t /*version*/,
                    const Bytes& /*after*/) override {
    return Page{};
  }

  Bytes key;
  std::size_t count = 0;
  Bytes relied_on;
};

class TendTest : public KmsTest {
 protected:
  // What was done; nothing: no key was due.
  std::optional<DoneChore> tend() {
    work::View view = world_.view();
    const auto done = tend_one_key(view, *state_, sources_);
    EXPECT_TRUE(done);
    if (!*done) return std::nullopt;
    EXPECT_TRUE(world_.commit(view));
    return *done;
  }

  void schedule_deletion(std::string_view name) {
    ASSERT_TRUE(with(name, [](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.schedule_deletion(key, kMinDeletionWait);
    }));
  }

  // Writes past every check, as the database's owner can.
  void plant(store::Put row) {
    world_.committer.reset();
    auto batch = work::TestWorld::value(world_.store->begin());
    store::Unit unit;
    unit.puts.push_back(std::move(row));
    ASSERT_EQ(batch->apply(unit).value(), store::Applied::yes);
    ASSERT_TRUE(batch->commit());
    batch.reset();
    world_.committer =
        work::TestWorld::value(work::Committer::start(*world_.store, *world_.rows, world_.clock));
  }

  Dependents dependents_;
  Dependents others_;
  const std::array<RewrapSource*, 2> sources_{&dependents_, &others_};
};

TEST_F(TendTest, RotatesWhatIsDue) {
  ASSERT_TRUE(create({.name = "k", .rotate_period = std::chrono::hours(2)}));
  ASSERT_TRUE(create("never"));
  EXPECT_FALSE(tend());
  world_.clock.advance(std::chrono::hours(2));
  const auto done = tend();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->what, Chore::rotated);
  EXPECT_EQ(done->version, 2U);
  EXPECT_EQ(row("k").latest(), 2U);
  EXPECT_FALSE(tend());
}

TEST_F(TendTest, PassesOverEntriesOfTheIndexThatNameNoKeyThatIsDue) {
  ASSERT_TRUE(create({.name = "k", .rotate_period = std::chrono::hours(2)}));
  ASSERT_TRUE(create("never"));
  const store::Key never{rows::tables::kMasterKeys.id, work::kTestRealm, row("never").key()};
  const store::Stored stored = *world_.store->get(never).value();
  const store::IndexEntry first{kKeyDue, Bytes(8, 0)};
  plant({never, stored.revision, stored.blob, {first}});
  const store::Key foreign{
      rows::tables::kMasterKeys.id, work::kTestRealm, master_key_place(mount_, "foreign")};
  plant({foreign, 1, to_bytes("no row"), {first}});
  EXPECT_FALSE(tend());
  world_.clock.advance(std::chrono::hours(2));
  const auto done = tend();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->key, "k");
  EXPECT_EQ(done->what, Chore::rotated);
}

TEST_F(TendTest, DeletesAfterTheWaitAndNotBefore) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(with("k", [](MasterKeys& keys, const MasterKeyRow& key) {
    return keys.schedule_deletion(key, kMinDeletionWait);
  }));
  world_.clock.advance(kMinDeletionWait - std::chrono::seconds(1));
  EXPECT_FALSE(tend());
  world_.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(tend()->what, Chore::deleted);
  EXPECT_EQ(*unit([](MasterKeys& keys) { return keys.find("k"); }), nullptr);
  EXPECT_FALSE(tend());
}

TEST_F(TendTest, KeepsAKeyThatSomethingDependsOnAndAsksAgainADayLater) {
  for (const std::string_view name : {"needed", "other"}) {
    ASSERT_TRUE(create(name));
    schedule_deletion(name);
  }
  dependents_.key = *row("needed").uid;
  dependents_.count = 3;
  world_.clock.advance(kMinDeletionWait);
  const auto kept = tend();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->what, Chore::kept);
  EXPECT_EQ(kept->key, "needed");
  EXPECT_EQ(kept->dependents, 3U);
  EXPECT_EQ(*row("needed").state, KeyState::pending_deletion);
  const auto other = tend();
  ASSERT_TRUE(other) << "it keeps no other key waiting";
  EXPECT_EQ(other->what, Chore::deleted);
  EXPECT_EQ(other->key, "other");
  EXPECT_FALSE(tend());

  world_.clock.advance(kDeletionRetry);
  EXPECT_EQ(tend()->what, Chore::kept);
  dependents_.count = 0;
  EXPECT_FALSE(tend());
  world_.clock.advance(kDeletionRetry);
  EXPECT_EQ(tend()->what, Chore::deleted);
  EXPECT_EQ(*unit([](MasterKeys& keys) { return keys.find("needed"); }), nullptr);
}

TEST_F(TendTest, TheLastUseOfADeletedKeyIsNotWritten) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(encrypt("k", "x"));
  schedule_deletion("k");
  world_.clock.advance(kMinDeletionWait);
  EXPECT_EQ(tend()->what, Chore::deleted);
  work::View view = world_.view();
  EXPECT_EQ(work::TestWorld::value(write_last_uses(view, *state_, 10)), 0U);
}

TEST_F(TendTest, WhatWasKeptCanBeTakenBack) {
  ASSERT_TRUE(create("k"));
  schedule_deletion("k");
  dependents_.key = *row("k").uid;
  dependents_.count = 1;
  world_.clock.advance(kMinDeletionWait);
  EXPECT_EQ(tend()->what, Chore::kept);
  ASSERT_TRUE(with(
      "k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.cancel_deletion(key); }));
  EXPECT_EQ(*row("k").state, KeyState::disabled);
}

TEST_F(TendTest, CountsWhatDependsOnAKey) {
  dependents_.key = others_.key = Bytes(16, 1);
  const auto refusal = [&](std::size_t first, std::size_t second) {
    dependents_.count = first;
    others_.count = second;
    work::View view = world_.view();
    return why(check_no_dependents(view, sources_, dependents_.key));
  };
  const std::string rest =
      " still encrypted under this key: give them another key or destroy them first";
  EXPECT_EQ(refusal(0, 0), "");
  EXPECT_EQ(others_.relied_on, dependents_.key);
  EXPECT_EQ(refusal(0, 1), "1 secret is" + rest);
  EXPECT_EQ(refusal(2, 1), "3 secrets are" + rest);
  EXPECT_EQ(refusal(60, 60), "100 or more secrets are" + rest);
}

TEST_F(TendTest, WritesDatesOfLastUseOnceAnHour) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(encrypt("k", "x"));
  const auto write = [&] {
    work::View view = world_.view();
    const std::size_t count = *write_last_uses(view, *state_, 10);
    if (count > 0) EXPECT_TRUE(world_.commit(view));
    return count;
  };
  EXPECT_EQ(write(), 1U);
  ASSERT_TRUE(encrypt("k", "x"));
  EXPECT_EQ(write(), 0U);
  world_.clock.advance(kLastUseGrain);
  ASSERT_TRUE(encrypt("k", "x"));
  const Timestamp last =
      state_->uses.last(KeyVersionRow::key_of(mount_, *row("k").uid)).value().when;
  EXPECT_EQ(write(), 1U);
  world_.restart();
  state_ = std::make_unique<KmsState>();
  EXPECT_EQ(
      *with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.last_used(key); }),
      last);
}

}  // namespace
}  // namespace coffer::domain
