#include "domain/auth/failed_logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Bytes kMount = to_bytes("mount--1");
const Bytes kOther = to_bytes("mount--2");
constexpr Timestamp kNow{1'000'000'000'000};

TEST(FailedLogins, LocksAfterExactlyTheLimit) {
  FailedLogins failures;
  for (std::uint32_t i = 0; i < kMaxFailures; ++i) {
    EXPECT_TRUE(failures.attempt(kMount, "ann", 0, kNow));
    EXPECT_EQ(failures.count(kMount, "ann", kNow), i + 1);
  }
  EXPECT_FALSE(failures.attempt(kMount, "ann", 0, kNow));
  EXPECT_THAT(failures.locked(kMount, kNow, 9), ElementsAre("ann"));
  EXPECT_THAT(failures.locked(kOther, kNow, 9), IsEmpty());
  EXPECT_TRUE(failures.attempt(kOther, "ann", 0, kNow));
  EXPECT_TRUE(failures.attempt(kMount, "bob", 0, kNow));
}

TEST(FailedLogins, GoesOnFromWhatTheStoreKnows) {
  FailedLogins failures;
  EXPECT_TRUE(failures.attempt(kMount, "ann", kMaxFailures - 1, kNow));
  EXPECT_FALSE(failures.attempt(kMount, "ann", kMaxFailures - 1, kNow));
  EXPECT_FALSE(failures.attempt(kMount, "bob", kMaxFailures, kNow));
}

TEST(FailedLogins, ForgetsAfterTheLockTimeAndOnDemand) {
  FailedLogins failures;
  EXPECT_TRUE(failures.attempt(kMount, "ann", 0, kNow));
  const Timestamp over = kNow + kLockTime;
  EXPECT_EQ(failures.count(kMount, "ann", over + Duration(-1)), 1U);
  EXPECT_EQ(failures.count(kMount, "ann", over), 0U);
  EXPECT_TRUE(failures.attempt(kMount, "ann", 0, over));
  EXPECT_EQ(failures.count(kMount, "ann", over), 1U) << "from the beginning";
  failures.forget(kMount, "ann");
  EXPECT_EQ(failures.count(kMount, "ann", over), 0U);
  failures.forget(kMount, "ann");
}

TEST(FailedLogins, KeepsABoundedNumberOfNamesTheLatest) {
  FailedLogins failures;
  EXPECT_TRUE(failures.attempt(kMount, "first", 0, kNow));
  for (std::size_t i = 0; i < FailedLogins::kMaxNames - 1; ++i) {
    EXPECT_TRUE(failures.attempt(kMount, std::to_string(i), 0, kNow));
  }
  EXPECT_EQ(failures.count(kMount, "first", kNow), 1U);
  EXPECT_TRUE(failures.attempt(kMount, "first", 0, kNow)) << "now it is the latest";
  EXPECT_TRUE(failures.attempt(kMount, "one more", 0, kNow));
  EXPECT_EQ(failures.count(kMount, "first", kNow), 2U);
  EXPECT_EQ(failures.count(kMount, "0", kNow), 0U) << "that of longest ago went";
  EXPECT_EQ(failures.count(kMount, "1", kNow), 1U);
}

TEST(FailedLogins, LetsNoMoreThanTheLimitThroughOfManyAtOnce) {
  FailedLogins failures;
  std::atomic<std::uint32_t> admitted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        admitted += failures.attempt(kMount, "ann", 0, kNow) ? 1U : 0U;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, kMaxFailures);
}

}  // namespace
}  // namespace coffer::domain
