#include "work/job.h"

#include "work/test_rows.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::work {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);

class JobTest : public testing::Test {
 protected:
  TestWorld world;

  Result<Claim> claim(std::string_view holder) {
    View view = world.view();
    COFFER_TRY(Claim claim, claim_job(view, "sweep", holder, kMinute));
    COFFER_CHECK(world.commit(view));
    return claim;
  }

  Result<> work(const Claim& claim, std::string_view cursor) {
    View view = world.view();
    COFFER_CHECK(hold_job(view, claim, cursor));
    COFFER_CHECK(view.put(note("done by " + claim.holder)));
    return world.commit(view);
  }
};

TEST_F(JobTest, IsHeldByOneNodeAtATime) {
  const Claim one = claim("one").value();
  EXPECT_EQ(one.fence, 1U);
  EXPECT_EQ(one.cursor, "");
  EXPECT_EQ(claim("two").error().code, Code::precondition_failed);
  EXPECT_EQ(claim("one").value().fence, 1U) << "renewed";
}

TEST_F(JobTest, GoesOnWhereItsFormerHolderStopped) {
  const Claim one = claim("one").value();
  ASSERT_TRUE(work(one, "row 17"));
  world.clock.advance(kMinute * 2);
  const Claim two = claim("two").value();
  EXPECT_EQ(two.fence, 2U);
  EXPECT_EQ(two.cursor, "row 17");
}

TEST_F(JobTest, IsNotHeldForAYearByAClockThatWasAhead) {
  world.clock.advance(kMinute * 60 * 24 * 365);
  const Claim one = claim("one").value();
  world.clock.advance(-kMinute * 60 * 24 * 365);
  const Claim two = claim("two").value();
  EXPECT_EQ(two.fence, 2U);
  EXPECT_EQ(work(one, "a").error().code, Code::conflict);
  EXPECT_TRUE(work(two, "b"));
  world.clock.advance(-kMinute);
  EXPECT_EQ(claim("one").error().code, Code::precondition_failed) << "nodes differ a little";
}

TEST_F(JobTest, StopsAHolderThatWasAsleep) {
  const Claim one = claim("one").value();
  world.clock.advance(kMinute * 2);
  EXPECT_TRUE(work(one, "a")) << "late, but nobody took over";
  world.clock.advance(kMinute);
  const Claim two = claim("two").value();
  EXPECT_EQ(work(one, "b").error().code, Code::conflict);
  EXPECT_TRUE(work(two, "c"));
  world.clock.advance(kMinute * 2);
  const Claim again = claim("one").value();
  EXPECT_EQ(again.fence, 3U);
  EXPECT_EQ(work(one, "d").error().code, Code::conflict) << "an old claim of one's own";
  EXPECT_EQ(again.cursor, "c");
}

TEST_F(JobTest, StopsAUnitWhenTheJobIsTakenOverBeforeItsCommit) {
  const Claim one = claim("one").value();
  View view = world.view();
  ASSERT_TRUE(hold_job(view, one, "x"));
  ASSERT_TRUE(view.put(note("late")));
  world.clock.advance(kMinute * 2);
  ASSERT_TRUE(claim("two"));
  EXPECT_EQ(world.commit(view).error().code, Code::conflict);
  EXPECT_EQ(world.view().find<NoteRow>("late").value(), nullptr);
}

TEST_F(JobTest, RefusesAClaimThatNeverWas) {
  EXPECT_EQ(work({"sweep", "nobody", 1, ""}, "x").error().code, Code::conflict);
}

}  // namespace
}  // namespace coffer::work
