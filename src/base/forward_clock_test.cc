#include "base/forward_clock.h"

#include <gtest/gtest.h>

namespace coffer {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A machine whose wall clock can be set.
class SetClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return wall; }

  [[nodiscard]] Duration steady() const override { return passed; }

  void pass(Duration d) {
    wall = wall + d;
    passed += d;
  }

  Timestamp wall{1'700'000'000'000'000'000};
  Duration passed = seconds(77);
};

TEST(ForwardClock, TellsTheTimeOfItsSource) {
  SetClock machine;
  const ForwardClock clock(machine);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(clock.now(), machine.wall);
    EXPECT_EQ(clock.steady(), machine.passed);
    machine.pass(seconds(1));
  }
}

TEST(ForwardClock, NeverGoesBackAndGoesOnMeanwhile) {
  SetClock machine;
  const ForwardClock clock(machine);
  const Timestamp begin = clock.now();
  const Timestamp expiry = begin + seconds(60);
  machine.pass(seconds(61));
  EXPECT_GT(clock.now(), expiry) << "expired";
  machine.wall = machine.wall - hours(1);
  EXPECT_EQ(clock.now(), begin + seconds(61)) << "does not live again";
  machine.pass(seconds(30));
  EXPECT_EQ(clock.now(), begin + seconds(91)) << "a minute still takes a minute";
  machine.wall = machine.wall + hours(1);
  EXPECT_EQ(clock.now(), begin + seconds(91)) << "set right again";
}

TEST(ForwardClock, FollowsAStepForwardAndStaysThere) {
  SetClock machine;
  const ForwardClock clock(machine);
  const Timestamp begin = clock.now();
  machine.wall = machine.wall + hours(2);
  EXPECT_EQ(clock.now(), begin + hours(2));
  machine.wall = machine.wall - hours(2);
  machine.pass(seconds(5));
  EXPECT_EQ(clock.now(), begin + hours(2) + seconds(5));
}

}  // namespace
}  // namespace coffer
