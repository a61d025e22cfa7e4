#include "store/disk_reserve.h"

#include "store/sqlite/temporary_store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>

namespace coffer::store {
namespace {

constexpr std::uint64_t kSize = 3 << 20;

class DiskReserveTest : public testing::Test {
 protected:
  // Octets that the file takes from the disk.
  [[nodiscard]] std::uint64_t taken() const {
    struct stat status = {};
    if (stat(path_.c_str(), &status) != 0) return 0;
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }

  sqlite::TemporaryStore directory_;
  const std::string path_ = directory_.path() + ".reserve";
};

TEST_F(DiskReserveTest, HoldsRoomUntilItIsGivenUp) {
  DiskReserve reserve(path_, kSize);
  EXPECT_TRUE(reserve.short_of_room()) << "before it was ever taken";
  ASSERT_TRUE(reserve.take());
  EXPECT_FALSE(reserve.short_of_room());
  EXPECT_GE(taken(), kSize);
  EXPECT_TRUE(reserve.give_up());
  EXPECT_TRUE(reserve.short_of_room());
  EXPECT_EQ(taken(), 0U);
  EXPECT_FALSE(reserve.give_up()) << "once";
  ASSERT_TRUE(reserve.take());
  EXPECT_FALSE(reserve.short_of_room());
  EXPECT_GE(taken(), kSize);
}

TEST_F(DiskReserveTest, TakesUpThatOfAnEarlierProcessAndAnotherSize) {
  ASSERT_TRUE(DiskReserve(path_, kSize).take());
  DiskReserve same(path_, kSize);
  ASSERT_TRUE(same.take());
  EXPECT_FALSE(same.short_of_room());
  DiskReserve larger(path_, 2 * kSize);
  ASSERT_TRUE(larger.take());
  EXPECT_GE(taken(), 2 * kSize);
  DiskReserve smaller(path_, kSize);
  ASSERT_TRUE(smaller.take());
  EXPECT_LT(taken(), 2 * kSize);
  EXPECT_GE(taken(), kSize);
}

TEST_F(DiskReserveTest, DoesNotTakeAHoleForRoom) {
  std::ofstream(path_).close();
  ASSERT_EQ(truncate(path_.c_str(), kSize), 0);
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  DiskReserve reserve(path_, kSize);
  ASSERT_TRUE(reserve.take());
  EXPECT_GE(taken(), kSize);
}

TEST_F(DiskReserveTest, IsShortWhereItDoesNotFitAndLeavesNothingThere) {
  DiskReserve reserve(path_, std::uint64_t{1} << 60U);
  EXPECT_TRUE(reserve.take());
  EXPECT_TRUE(reserve.short_of_room());
  EXPECT_EQ(taken(), 0U);
  DiskReserve nowhere(path_ + "/no/folder", kSize);
  EXPECT_EQ(nowhere.take().error().code, Code::unavailable);
  EXPECT_TRUE(nowhere.short_of_room());
}

TEST_F(DiskReserveTest, OfNoSizeIsNeverShort) {
  DiskReserve none(path_, 0);
  EXPECT_FALSE(none.short_of_room());
  EXPECT_TRUE(none.take());
  EXPECT_FALSE(none.give_up());
  EXPECT_FALSE(none.short_of_room());
}

}  // namespace
}  // namespace coffer::store
