#include "gate/principal_limits.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <latch>
#include <thread>

namespace coffer::gate {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint16_t kReads = 0;
constexpr std::uint16_t kWrites = 1;
constexpr std::uint16_t kUnlimited = 2;
constexpr std::uint16_t kPastTheEnd = 3;

// Ten reads a second, five at once; a write in two seconds.
PrincipalLimits::Options usual(std::size_t principals = 100) {
  return {.rates = {RequestRate{10, 5}, RequestRate{0.5, 1}, std::nullopt},
          .principals = principals};
}

class PrincipalLimitsTest : public testing::Test {
 protected:
  // How many of `asked` requests pass at this moment.
  int pass(std::string_view principal, std::uint16_t group, int asked) {
    int passed = 0;
    for (int i = 0; i < asked; ++i) passed += limits.admit(principal, group) ? 1 : 0;
    return passed;
  }

  FakeClock clock;
  PrincipalLimits limits{usual(), clock};
};

TEST_F(PrincipalLimitsTest, ABurstPassesAndTheBucketFillsEvenly) {
  EXPECT_EQ(pass("ann", kReads, 9), 5);
  clock.advance(milliseconds(99));
  EXPECT_EQ(pass("ann", kReads, 9), 0);
  clock.advance(milliseconds(1));
  EXPECT_EQ(pass("ann", kReads, 9), 1);
  clock.advance(milliseconds(250));
  EXPECT_EQ(pass("ann", kReads, 9), 2);
  clock.advance(milliseconds(50));
  EXPECT_EQ(pass("ann", kReads, 9), 1) << "the half that was left over";
}

TEST_F(PrincipalLimitsTest, ARefusalCostsNothing) {
  EXPECT_EQ(pass("ann", kReads, 1000), 5);
  clock.advance(milliseconds(100));
  EXPECT_EQ(pass("ann", kReads, 1), 1);
}

TEST_F(PrincipalLimitsTest, HoldsNoMoreThanABurst) {
  EXPECT_EQ(pass("ann", kReads, 5), 5);
  clock.advance(hours(10'000));
  EXPECT_EQ(pass("ann", kReads, 9), 5);
}

TEST_F(PrincipalLimitsTest, LessThanOneInASecond) {
  EXPECT_EQ(pass("ann", kWrites, 2), 1);
  clock.advance(milliseconds(1999));
  EXPECT_EQ(pass("ann", kWrites, 1), 0);
  clock.advance(milliseconds(1));
  EXPECT_EQ(pass("ann", kWrites, 1), 1);
}

TEST_F(PrincipalLimitsTest, PrincipalsAndGroupsAreApart) {
  EXPECT_EQ(pass("ann", kReads, 9), 5);
  EXPECT_EQ(pass("bob", kReads, 9), 5);
  EXPECT_EQ(pass("ann", kWrites, 9), 1);
  EXPECT_EQ(pass("ann", kReads, 1), 0);
  EXPECT_EQ(pass("bob", kReads, 1), 0);
}

TEST_F(PrincipalLimitsTest, WhatHasNoRateIsNotLimitedAndNotRemembered) {
  EXPECT_EQ(pass("ann", kUnlimited, 1000), 1000);
  EXPECT_EQ(pass("ann", kPastTheEnd, 1000), 1000);
  EXPECT_EQ(limits.remembered(), 0U);
  EXPECT_FALSE(limits.empty());
  EXPECT_TRUE(PrincipalLimits({.rates = {std::nullopt}}, clock).empty());
  EXPECT_TRUE(PrincipalLimits({}, clock).empty());
}

TEST_F(PrincipalLimitsTest, AClockThatGoesBackDelaysByAnEmptyBucketAtMost) {
  EXPECT_EQ(pass("ann", kReads, 9), 5);
  clock.advance(-hours(48));
  EXPECT_EQ(pass("ann", kReads, 9), 0) << "as empty as it was";
  clock.advance(milliseconds(100));
  EXPECT_EQ(pass("ann", kReads, 9), 1);
  clock.advance(milliseconds(500));
  EXPECT_EQ(pass("ann", kReads, 9), 5);
}

TEST_F(PrincipalLimitsTest, ForgetsWhoAskedLongestAgo) {
  PrincipalLimits few(usual(2), clock);
  EXPECT_TRUE(few.admit("ann", kWrites));
  EXPECT_TRUE(few.admit("bob", kWrites));
  EXPECT_FALSE(few.admit("ann", kWrites));  // which makes bob the oldest
  EXPECT_TRUE(few.admit("eve", kWrites));
  EXPECT_EQ(few.remembered(), 2U);
  EXPECT_FALSE(few.admit("ann", kWrites)) << "is remembered";
  EXPECT_TRUE(few.admit("bob", kWrites)) << "was forgotten: its bucket is full";
  EXPECT_EQ(few.remembered(), 2U);
}

TEST_F(PrincipalLimitsTest, ManyPrincipalsDoNotGrowIt) {
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(limits.admit(std::to_string(i), kReads));
  EXPECT_EQ(limits.remembered(), 100U);
}

TEST_F(PrincipalLimitsTest, CountsExactlyAcrossThreads) {
  PrincipalLimits many({.rates = {RequestRate{10, 400'000}}, .principals = 2}, clock);
  std::array<std::atomic<int>, 2> passed{};
  std::latch together(4);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        for (int i = 0; i < 200'000; ++i) {
          if (many.admit("ann", kReads)) ++passed[0];
          if (many.admit("bob", kReads)) ++passed[1];
        }
      });
    }
  }
  EXPECT_EQ(passed[0], 400'000);
  EXPECT_EQ(passed[1], 400'000);
}

TEST(RequestRate, HasBounds) {
  const auto refusal = [](double per_second, double burst) {
    const Result<> good = check_rate({per_second, burst});
    return good ? std::string() : good.error().message;
  };
  EXPECT_EQ(refusal(0.001, 1), "");
  EXPECT_EQ(refusal(1'000'000, 10'000'000), "");
  EXPECT_EQ(refusal(0.001, 86), "");
  const std::string rate = "must be a rate from 0.001 to 1000000 a second";
  EXPECT_EQ(refusal(0, 1), rate);
  EXPECT_EQ(refusal(-1, 1), rate);
  EXPECT_EQ(refusal(1'000'001, 1), rate);
  EXPECT_EQ(refusal(std::nan(""), 1), rate);
  EXPECT_EQ(refusal(1, 0.5), "must have a burst from 1 to 10000000");
  EXPECT_EQ(refusal(1000, 10'000'001), "must have a burst from 1 to 10000000");
  EXPECT_EQ(refusal(1, std::nan("")), "must have a burst from 1 to 10000000");
  EXPECT_EQ(refusal(0.001, 87), "must have a burst that comes in a day or sooner");
}

}  // namespace
}  // namespace coffer::gate
