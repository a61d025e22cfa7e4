#include "domain/kms/tend.h"

#include "domain/kms/kms_world.h"

namespace coffer::domain {
namespace {

class TendTest : public KmsTest {
 protected:
  // What was done; nothing: no key was due.
  std::optional<DoneChore> tend() {
    work::View view = world_.view();
    const auto done = tend_one_key(view, *state_);
    EXPECT_TRUE(done);
    if (!*done) return std::nullopt;
    EXPECT_TRUE(world_.commit(view));
    return *done;
  }
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
