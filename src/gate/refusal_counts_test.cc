#include "gate/refusal_counts.h"

#include <gtest/gtest.h>

#include <numeric>

namespace coffer::gate {
namespace {

constexpr Duration kNow = std::chrono::hours(1);

std::uint64_t sum_of(const std::vector<RefusalCount>& lines) {
  return std::accumulate(lines.begin(), lines.end(), std::uint64_t{}, [](auto sum, const auto& l) {
    return sum + l.count;
  });
}

TEST(RefusalCounts, TellsTheMostFrequentFirstAndOnce) {
  RefusalCounts counts;
  counts.add("192.0.2.1", "malformed path");
  for (int i = 0; i < 3; ++i) counts.add("192.0.2.2", "no such path");
  const auto lines = counts.take(kNow);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].source, "192.0.2.2");
  EXPECT_EQ(lines[0].reason, "no such path");
  EXPECT_EQ(lines[0].count, 3U);
  EXPECT_EQ(lines[1].source, "192.0.2.1");
  EXPECT_TRUE(counts.take(kNow).empty());
}

// A flood from many addresses fills neither memory nor the log, and nothing of it goes uncounted.
TEST(RefusalCounts, WritesFewLinesHoweverManyAsk) {
  RefusalCounts counts;
  std::size_t lines = 0;
  std::uint64_t told = 0;
  constexpr std::uint64_t kEach = 1500;
  constexpr int kFlushes = 12;  // of a minute
  for (int flush = 0; flush < kFlushes; ++flush) {
    for (std::uint64_t i = 0; i < kEach; ++i) {
      counts.add("source " + std::to_string(i), i % 2 == 0 ? "malformed path" : "no such path");
    }
    const auto taken = counts.take(kNow + std::chrono::seconds(flush));
    EXPECT_EQ(sum_of(taken), kEach);
    lines += taken.size();
    told += sum_of(taken);
  }
  EXPECT_EQ(told, kFlushes * kEach);
  EXPECT_EQ(lines, EventRate::kTotal + kFlushes * 2) << "named ones, and one a reason each time";
}

TEST(RefusalCounts, CountsABlockOfIpv6AsOneSource) {
  RefusalCounts counts;
  for (int i = 0; i < 100; ++i) counts.add("2001:db8:1:2::" + std::to_string(i), "malformed path");
  const auto lines = counts.take(kNow);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].source, "2001:db8:1:2::/64");
  EXPECT_EQ(lines[0].count, 100U);
}

}  // namespace
}  // namespace coffer::gate
