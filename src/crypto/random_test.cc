#include "crypto/random.h"

#include <gtest/gtest.h>

#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace coffer::crypto {
namespace {

using Sample = std::array<std::uint8_t, 16>;

TEST(SystemRandom, NeverRepeatsAcrossSizesAndThreads) {
  const auto random = system_random();
  std::set<Sample> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(random->array<16>());  // several pools' worth
  EXPECT_EQ(seen.size(), 2000U);
  Sample other{};
  std::thread([&] { other = random->array<16>(); }).join();
  EXPECT_TRUE(seen.insert(other).second);
}

TEST(SystemRandom, FillsEverySizeAroundThePool) {
  const auto random = system_random();
  for (const std::size_t size : {0U, 1U, 1023U, 1024U, 4087U, 4088U, 4089U, 100'000U}) {
    const auto bytes = random->bytes(size);
    ASSERT_EQ(bytes.size(), size);
    if (size < 1000) continue;
    // The last 16 octets are not what an unfilled buffer holds.
    EXPECT_FALSE(secure::equal(bytes.view().last(16), Sample{}));
  }
}

TEST(SystemRandom, ChildOfForkDrawsOtherOctets) {
  const auto random = system_random();
  (void)random->array<16>();  // the pool is full now, and the child inherits the page's mapping
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Sample sample = random->array<16>();
    _exit(write(ends[1], sample.data(), sample.size()) == 16 ? 0 : 1);
  }
  Sample childs{};
  ASSERT_EQ(read(ends[0], childs.data(), childs.size()), 16);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(status, 0);
  EXPECT_NE(childs, random->array<16>());
  EXPECT_NE(childs, Sample{});
}

TEST(SeededRandom, IsDeterminedByTheSeedAndMovesOn) {
  const auto a = seeded_random(1);
  const auto b = seeded_random(1);
  const auto c = seeded_random(2);
  const auto first = a->array<40>();
  EXPECT_EQ(first, b->array<40>());
  EXPECT_NE(first, c->array<40>());
  EXPECT_NE(first, a->array<40>());
}

}  // namespace
}  // namespace coffer::crypto
