#include "domain/secrets/rotations.h"

#include "domain/secrets/managed_world.h"

namespace coffer::domain {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

class RotationsTest : public ManagedWorld {
 protected:
  void SetUp() override {
    ASSERT_TRUE(create("a", "old"));
    configure({.function = "arn:f", .enabled = true, .after_days = 1});
  }

  void configure(const Rotation& rotation) {
    ASSERT_TRUE(secrets_unit("a", [&](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.configure_rotation(secret, rotation);
    }));
  }

  Result<SecretPtr> start(int number, bool test_only = false) {
    return secrets_unit("a", [&](ManagedSecrets& secrets, const SecretPtr& secret) {
      return secrets.start_rotation(secret, token(number), test_only);
    });
  }

  std::optional<StepToRun> begin() {
    work::View view = world_.view();
    auto step = world_.value(begin_step(view, kAccount));
    if (view.has_writes()) EXPECT_TRUE(world_.commit(view));
    return step;
  }

  std::optional<DoneSecretChore> end(const StepToRun& step, const Result<>& outcome = {}) {
    work::View view = world_.view();
    auto done = world_.value(end_step(view, step, outcome));
    if (view.has_writes()) EXPECT_TRUE(world_.commit(view));
    return done;
  }

  std::optional<DoneSecretChore> tend() {
    work::View view = world_.view();
    for (const Bytes& place : world_.value(secrets_due(view, 10))) {
      auto done = world_.value(tend_secret(view, state_, kAccount, place));
      if (!done) continue;
      EXPECT_TRUE(world_.commit(view));
      return done;
    }
    return std::nullopt;
  }

  // What a rotation function does in a step.
  void act(const StepToRun& step) {
    if (step.step == RotationStep::create) {
      ASSERT_TRUE(secrets_unit("a", [&](ManagedSecrets& secrets, const SecretPtr& secret) {
        return secrets.put_value(secret, step.token, {.value = "new"}, {"AWSPENDING"});
      }));
    } else if (step.step == RotationStep::finish) {
      ASSERT_TRUE(move("a", "AWSCURRENT", token(1), step.token));
    }
  }
};

TEST_F(RotationsTest, FourStepsMoveTheStage) {
  ASSERT_TRUE(start(2));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:AWSPENDING") << "before the function is asked";
  EXPECT_EQ(get("a", token(2)),
            "Secrets Manager can't find the specified secret value for VersionId: " + token(2));
  EXPECT_EQ(read("a", 2), "gone");
  std::vector<std::string> steps;
  while (const auto step = begin()) {
    EXPECT_EQ(step->function, "arn:f");
    EXPECT_EQ(step->secret_arn, arn("a"));
    EXPECT_EQ(step->token, token(2));
    steps.emplace_back(to_text(step->step));
    act(*step);
    ASSERT_TRUE(end(*step));
  }
  EXPECT_EQ(steps,
            (std::vector<std::string>{"createSecret", "setSecret", "testSecret", "finishSecret"}));
  EXPECT_EQ(stages("a"), "1:AWSPREVIOUS 2:AWSCURRENT");
  EXPECT_EQ(get("a"), "new");
  const Rotation rotation = *(*row("a")->row.extra)->rotation;
  EXPECT_GT(rotation.last.ns, 0);
  EXPECT_EQ(rotation.next, rotation.last + kDay);
}

TEST_F(RotationsTest, FailingFunctionLeavesTheOldValueAndIsGivenUp) {
  ASSERT_TRUE(start(2));
  for (std::uint32_t i = 1; i <= kMaxAttempts; ++i) {
    const auto step = begin();
    ASSERT_TRUE(step) << i;
    EXPECT_FALSE(begin()) << "nobody tries while an attempt may be under way";
    const auto done = end(*step, fail(Code::unavailable, "no answer"));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->what, i < kMaxAttempts ? SecretChore::retried : SecretChore::given_up);
    EXPECT_EQ(done->detail, "createSecret: no answer");
    EXPECT_FALSE(begin()) << "a pause";
    world_.clock.advance(std::chrono::minutes(10));
  }
  EXPECT_FALSE(begin());
  EXPECT_EQ(get("a"), "old");
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:AWSPENDING");
  EXPECT_EQ(why(start(3)),
            "A previous rotation isn't complete. That rotation will be reattempted.");
  EXPECT_TRUE(start(2)) << "the same one may be taken up";
}

TEST_F(RotationsTest, ThoseThatWaitHoldUpNoOther) {
  ASSERT_TRUE(start(2));
  work::View view = world_.view();
  for (std::uint8_t i = 0; i < 40; ++i) {
    RotationRow waits;
    waits.mount = *row("a")->row.mount;
    waits.uid = Bytes{0, 0, 0, 0, 0, 0, 0, i};
    *waits.path = "other";
    waits.retry = world_.clock.now() + kDay;
    ASSERT_TRUE(view.put(std::move(waits)));
  }
  ASSERT_TRUE(world_.commit(view));
  const auto step = begin();
  ASSERT_TRUE(step);
  EXPECT_EQ(step->path, "a");
}

TEST_F(RotationsTest, AttemptThatNobodyHeardOfIsMadeAgain) {
  ASSERT_TRUE(start(2));
  const auto first = begin();
  ASSERT_TRUE(first);
  world_.clock.advance(kAttemptLasts);
  const auto again = begin();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->step, first->step);
  ASSERT_TRUE(end(*again));
  EXPECT_FALSE(end(*first)) << "whose turn is over says nothing";
}

TEST_F(RotationsTest, FinishingWithoutMovingTheStageIsAFailure) {
  ASSERT_TRUE(start(2));
  for (int i = 0; i < 3; ++i) {
    const auto step = begin();
    act(*step);
    ASSERT_EQ(end(*step)->what, SecretChore::advanced);
  }
  const auto done = end(*begin());
  ASSERT_TRUE(done);
  EXPECT_EQ(done->what, SecretChore::retried);
  EXPECT_EQ(get("a"), "old");
}

TEST_F(RotationsTest, TestAloneMakesNoVersion) {
  ASSERT_TRUE(start(2, true));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT");
  const auto step = begin();
  ASSERT_TRUE(step);
  EXPECT_EQ(step->step, RotationStep::test);
  ASSERT_TRUE(end(*step));
  EXPECT_FALSE(begin());
}

TEST_F(RotationsTest, TestAloneLeavesARotationThatIsUnderWay) {
  ASSERT_TRUE(start(2));
  const auto first = begin();
  ASSERT_TRUE(first);
  act(*first);
  ASSERT_TRUE(start(3, true));
  ASSERT_TRUE(end(*first)) << "it is the rotation that it was";
  while (const auto step = begin()) {
    EXPECT_EQ(step->token, token(2));
    act(*step);
    ASSERT_TRUE(end(*step));
  }
  EXPECT_EQ(stages("a"), "1:AWSPREVIOUS 2:AWSCURRENT");
  // A test that waits makes room for another, and for a rotation.
  ASSERT_TRUE(start(4, true));
  ASSERT_TRUE(start(5, true));
  EXPECT_EQ(begin()->token, token(5));
}

TEST_F(RotationsTest, DueRotationsStart) {
  EXPECT_FALSE(tend());
  configure({.function = "arn:f",
             .enabled = true,
             .after_days = 1,
             .schedule = {},
             .window = {},
             .last = {},
             .next = world_.clock.now() + kDay});
  EXPECT_FALSE(tend());
  world_.clock.advance(kDay);
  const auto done = tend();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->what, SecretChore::started);
  EXPECT_FALSE(tend());
  EXPECT_TRUE(begin());
}

TEST_F(RotationsTest, GivenUpRotationIsTakenUpWhenTheNextIsDue) {
  Rotation daily{.function = "arn:f", .enabled = true, .after_days = 1};
  daily.next = world_.clock.now() + kDay;
  configure(daily);
  ASSERT_TRUE(start(2));
  for (std::uint32_t i = 0; i < kMaxAttempts; ++i) {
    ASSERT_TRUE(end(*begin(), fail(Code::unavailable, "no answer")));
    world_.clock.advance(std::chrono::minutes(10));
  }
  ASSERT_FALSE(begin());
  world_.clock.advance(kDay);
  ASSERT_TRUE(tend());
  const auto step = begin();
  ASSERT_TRUE(step);
  EXPECT_EQ(step->token, token(2));
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:AWSPENDING");
}

TEST_F(RotationsTest, CancelledRotationEnds) {
  ASSERT_TRUE(start(2));
  ASSERT_TRUE(secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.cancel_rotation(secret);
  }));
  EXPECT_FALSE(begin());
  EXPECT_EQ(stages("a"), "1:AWSCURRENT 2:AWSPENDING");
}

TEST_F(RotationsTest, RecoveryWindowEnds) {
  ASSERT_TRUE(secrets_unit("a", [](ManagedSecrets& secrets, const SecretPtr& secret) {
    return secrets.schedule_deletion(secret, kDay * 7);
  }));
  EXPECT_FALSE(tend());
  world_.clock.advance(kDay * 7);
  const auto done = tend();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->what, SecretChore::erased);
  EXPECT_EQ(get("a"), "Secrets Manager can't find the specified secret.");
  EXPECT_FALSE(tend());
}

}  // namespace
}  // namespace coffer::domain
