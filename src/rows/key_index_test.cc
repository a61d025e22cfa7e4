#include "rows/key_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace coffer::rows {
namespace {

std::optional<std::uint32_t> find(const KeyIndex& index, std::uint32_t hash, std::uint32_t number) {
  return index.find(hash, [&](std::uint32_t found) { return found == number; });
}

TEST(KeyIndex, TellsNumbersOfOneHashApart) {
  KeyIndex index;
  EXPECT_FALSE(find(index, 7, 1));
  index.insert(7, 1);
  index.insert(7, 2);
  EXPECT_EQ(find(index, 7, 1), 1U);
  EXPECT_EQ(find(index, 7, 2), 2U);
  EXPECT_FALSE(find(index, 8, 1));
  index.erase(7, 1);
  EXPECT_FALSE(find(index, 7, 1));
  EXPECT_EQ(find(index, 7, 2), 2U);
  index.erase(7, 1);
  index.clear();
  EXPECT_FALSE(find(index, 7, 2));
  index.insert(7, 0);
  EXPECT_EQ(find(index, 7, 0), 0U);
}

// Few hashes, at both ends of the table too, so that runs are long, wrap around and overlap.
TEST(KeyIndex, IsWhatAMapWouldBe) {
  std::mt19937 random(1);
  for (const std::uint32_t spread : {3U, 40U, 0xffffffffU}) {
    KeyIndex index;
    std::map<std::uint32_t, std::uint32_t> hashes;  // by number
    for (int step = 0; step < 20'000; ++step) {
      const auto number = static_cast<std::uint32_t>(random() % 300);
      if (const auto at = hashes.find(number); at != hashes.end()) {
        index.erase(at->second, number);
        hashes.erase(at);
      } else {
        const std::uint32_t hash = static_cast<std::uint32_t>(random()) % spread - spread / 2;
        index.insert(hash, number);
        hashes.emplace(number, hash);
      }
      if (step % 50 != 0) continue;
      for (const auto& [held, hash] : hashes) ASSERT_EQ(find(index, hash, held), held) << step;
      for (std::uint32_t absent = 0; absent < 300; ++absent) {
        if (!hashes.contains(absent)) ASSERT_FALSE(find(index, absent % spread, absent)) << step;
      }
    }
  }
}

}  // namespace
}  // namespace coffer::rows
