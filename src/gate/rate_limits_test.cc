#include "gate/rate_limits.h"

#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

domain::RateQuotasRow quotas(std::uint64_t thousandths, Duration block = {}) {
  domain::RateQuotasRow row;
  row.quotas->emplace(
      "q",
      domain::RateQuota{
          .path = "kv/", .thousandths = thousandths, .interval = seconds(10), .block = block});
  return row;
}

class RateLimitsTest : public testing::Test {
 protected:
  // How many of `asked` requests pass at this moment.
  int pass(const domain::RateQuotasRow& row, int asked, std::string_view address = "192.0.2.1") {
    int passed = 0;
    for (int i = 0; i < asked; ++i) passed += limits.admit(row, "kv/a", address, now) ? 1 : 0;
    return passed;
  }

  RateLimits limits;
  Duration now = seconds(1000);
};

TEST_F(RateLimitsTest, AnIntervalsWorthPassesAndFillsUpEvenly) {
  const auto five = quotas(5000);
  EXPECT_EQ(pass(five, 9), 5);
  now += milliseconds(1999);
  EXPECT_EQ(pass(five, 9), 0);
  now += milliseconds(2);
  EXPECT_EQ(pass(five, 9), 1);
  now += seconds(1000);
  EXPECT_EQ(pass(five, 9), 5) << "never more than an interval's worth";
}

TEST_F(RateLimitsTest, EachAddressHasItsOwn) {
  const auto two = quotas(2000);
  EXPECT_EQ(pass(two, 3), 2);
  EXPECT_EQ(pass(two, 3, "192.0.2.2"), 2);
  EXPECT_EQ(pass(two, 3), 0);
}

TEST_F(RateLimitsTest, ABlockHoldsForItsTime) {
  const auto strict = quotas(1000, seconds(60));
  EXPECT_EQ(pass(strict, 2), 1);
  now += seconds(59);
  EXPECT_EQ(pass(strict, 1), 0);
  now += seconds(1);
  EXPECT_EQ(pass(strict, 1), 1);
}

TEST_F(RateLimitsTest, LessThanOneInAnIntervalIsOneNowAndThen) {
  const auto half = quotas(500);
  EXPECT_EQ(pass(half, 2), 1);
  now += seconds(19);
  EXPECT_EQ(pass(half, 1), 0);
  now += seconds(1);
  EXPECT_EQ(pass(half, 1), 1);
}

TEST_F(RateLimitsTest, LimitsNothingElse) {
  auto one = quotas(1000);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limits.admit(one, "other/a", "192.0.2.1", now));
    EXPECT_TRUE(limits.admit({}, "kv/a", "192.0.2.1", now));
  }
  one.quotas->at("q").path = "";
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limits.admit(one, "sys/quotas/rate-limit/q", "192.0.2.1", now));
    EXPECT_TRUE(limits.admit(one, "sys/seal", "192.0.2.1", now));
    EXPECT_TRUE(limits.admit(one, "sys/health", "192.0.2.1", now)) << "it would mean standby";
  }
}

TEST_F(RateLimitsTest, ManyAddressesShareWhatIsLeft) {
  const auto one = quotas(1000);
  for (std::size_t i = 0; i < RateLimits::kMaxBuckets; ++i) {
    ASSERT_TRUE(limits.admit(one, "kv/a", std::to_string(i), now));
  }
  EXPECT_EQ(pass(one, 1, "one more"), 1);
  EXPECT_EQ(pass(one, 1, "and another"), 0);
  now += seconds(10);
  EXPECT_EQ(pass(one, 1, "and another"), 1);
  EXPECT_EQ(pass(one, 1, "one more"), 1) << "what has filled up was forgotten";
}

TEST_F(RateLimitsTest, LooksForWhatToForgetOnceInAWhile) {
  const auto one = quotas(1000);
  for (std::size_t i = 0; i < RateLimits::kMaxBuckets; ++i) {
    ASSERT_TRUE(limits.admit(one, "kv/a", std::to_string(i), now));
  }
  now += seconds(10) - Duration(1);
  EXPECT_EQ(pass(one, 1, "one more"), 1) << "of the shared bucket: none is full yet";
  now += Duration(1);
  EXPECT_EQ(pass(one, 1, "and another"), 0) << "they are full, and nobody looked again";
  now += RateLimits::kPurgePeriod;
  EXPECT_EQ(pass(one, 1, "and another"), 1);
}

TEST_F(RateLimitsTest, ABlockOfIpv6IsOne) {
  const auto two = quotas(2000);
  EXPECT_EQ(pass(two, 1, "2001:db8:1:2::1"), 1);
  EXPECT_EQ(pass(two, 2, "2001:db8:1:2:ffff::2"), 1);
  EXPECT_EQ(pass(two, 2, "2001:db8:1:3::1"), 2);
}

}  // namespace
}  // namespace coffer::gate
