#include "store/sqlite/checkpointer.h"

#include <gtest/gtest.h>

namespace coffer::store::sqlite {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetween = (CheckpointStep::kQuick + CheckpointStep::kSlow) / 2;

TEST(CheckpointStep, GrowsWhileCheckpointsAreQuick) {
  CheckpointStep step(100);
  EXPECT_EQ(step.frames(), 100);
  step.learn(milliseconds(1));
  EXPECT_EQ(step.frames(), 200);
  for (int i = 0; i < 9; ++i) step.learn(milliseconds(1));
  EXPECT_EQ(step.frames(), 100 * CheckpointStep::kLongest);
}

TEST(CheckpointStep, ShrinksWhenOneWasSlowAndNeverBelowTheShortest) {
  CheckpointStep step(100);
  for (int i = 0; i < 2; ++i) step.learn(milliseconds(1));
  step.learn(CheckpointStep::kSlow + milliseconds(1));
  EXPECT_EQ(step.frames(), 200);
  for (int i = 0; i < 9; ++i) step.learn(milliseconds(500));
  EXPECT_EQ(step.frames(), 100);
}

TEST(CheckpointStep, TriesALongerOneAgainAfterAWhile) {
  CheckpointStep step(100);
  step.learn(milliseconds(1));
  step.learn(milliseconds(500));
  int quick = 0;
  for (; step.frames() == 100 && quick < 1000; ++quick) step.learn(milliseconds(1));
  EXPECT_GT(quick, 50);
  EXPECT_EQ(step.frames(), 200);
  step.learn(milliseconds(1));
  EXPECT_EQ(step.frames(), 400) << "and goes on while it holds";
}

TEST(CheckpointStep, StaysWhereItIsInBetween) {
  CheckpointStep step(100);
  step.learn(milliseconds(1));
  step.learn(kBetween);
  EXPECT_EQ(step.frames(), 200);
}

}  // namespace
}  // namespace coffer::store::sqlite
