#include "gate/event_rate.h"

#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

TEST(EventRate, LimitsEachSourceAndAllOfThem) {
  EventRate rate;
  const Duration begin = std::chrono::hours(1);
  for (std::uint32_t i = 0; i < EventRate::kPerSource; ++i) EXPECT_TRUE(rate.admit("a", begin));
  EXPECT_FALSE(rate.admit("a", begin));
  std::uint32_t admitted = EventRate::kPerSource;
  for (std::uint32_t source = 0; source < EventRate::kTotal; ++source) {
    if (rate.admit(std::to_string(source), begin)) ++admitted;
  }
  EXPECT_EQ(admitted, EventRate::kTotal);
  EXPECT_FALSE(rate.admit("one more", begin + EventRate::kWindow - Duration(1)));
  EXPECT_TRUE(rate.admit("a", begin + EventRate::kWindow)) << "a new minute";
}

TEST(EventRate, CountsABlockOfIpv6AsOneSource) {
  EventRate rate;
  for (std::uint32_t i = 0; i < EventRate::kPerSource; ++i) {
    EXPECT_TRUE(rate.admit("2001:db8::" + std::to_string(i), Duration(1)));
  }
  EXPECT_FALSE(rate.admit("2001:db8::ffff", Duration(1)));
  EXPECT_TRUE(rate.admit("2001:db8:0:1::", Duration(1)));
}

}  // namespace
}  // namespace coffer::gate
