#include "rows/cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

namespace coffer::rows {
namespace {

store::Key key(int number) {
  return {store::TableId(30), store::RealmId(1), to_bytes("key" + std::to_string(number))};
}

CachedRow row(std::uint64_t revision, std::size_t octets = 100) {
  return {std::make_shared<std::uint64_t>(revision), revision, octets};
}

std::uint64_t content(const CachedRow& cached) {
  return *std::static_pointer_cast<const std::uint64_t>(cached.row);
}

TEST(Cache, GivesWhatWasInstalledReplacedAndNotRemoved) {
  Cache cache(1 << 20);
  EXPECT_FALSE(cache.find(key(1)));
  cache.install(key(1), row(1), cache.fill_stamp(key(1)));
  EXPECT_EQ(cache.find(key(1))->revision, 1U);
  EXPECT_FALSE(cache.find(key(2)));
  cache.replace(key(1), row(2));
  EXPECT_EQ(content(*cache.find(key(1))), 2U);
  cache.remove(key(1));
  EXPECT_FALSE(cache.find(key(1)));
  cache.remove(key(1));
  EXPECT_EQ(cache.octets(), 0U);
}

TEST(Cache, TellsTablesAndRealmsApart) {
  Cache cache(1 << 20);
  store::Key table = key(1);
  table.table = store::TableId(31);
  store::Key realm = key(1);
  realm.realm = store::RealmId(2);
  cache.replace(key(1), row(1));
  EXPECT_FALSE(cache.find(table));
  EXPECT_FALSE(cache.find(realm));
}

TEST(Cache, FullShardTakesWhatIsReadAgainLately) {
  constexpr std::size_t kRow = 1000;
  Cache cache(std::size_t{16} * 10 * kRow);
  const auto read = [&](int number) {
    const bool hit = cache.find(key(number)).has_value();
    if (!hit) cache.install(key(number), row(1, kRow), cache.fill_stamp(key(number)));
    return hit;
  };
  for (int i = 0; i < 1000; ++i) read(i);  // until every shard is full
  std::vector<int> kept;
  for (int i = 0; i < 1000; ++i) {
    if (cache.find(key(i))) kept.push_back(i);
  }
  ASSERT_GT(kept.size(), 50U);
  for (int i = 1000; i < 20'000; ++i) read(i);  // a walk through what is read once
  EXPECT_TRUE(std::ranges::all_of(kept, [&](int i) { return cache.find(key(i)).has_value(); }));
  EXPECT_FALSE(read(50'000));
  EXPECT_FALSE(read(50'000));
  EXPECT_TRUE(read(50'000)) << "asked for again: kept";
}

TEST(Cache, RefusesWhatWasReadBeforeACommit) {
  Cache cache(1 << 20);
  const std::uint64_t before = cache.fill_stamp(key(1));
  cache.replace(key(1), row(2));
  cache.install(key(1), row(1), before);
  EXPECT_EQ(cache.find(key(1))->revision, 2U);

  const std::uint64_t again = cache.fill_stamp(key(1));
  cache.remove(key(1));
  cache.install(key(1), row(2), again);
  EXPECT_FALSE(cache.find(key(1))) << "an erased row must not come back";

  const std::uint64_t third = cache.fill_stamp(key(1));
  cache.clear();
  cache.install(key(1), row(2), third);
  EXPECT_FALSE(cache.find(key(1)));
}

TEST(Cache, StaysWithinItsOctets) {
  constexpr std::size_t kMax = 256 * 1024;
  Cache cache(kMax);
  for (int i = 0; i < 5000; ++i) {
    cache.replace(key(i), row(1, 500));
    ASSERT_LE(cache.octets(), kMax) << i;
  }
  int kept = 0;
  for (int i = 0; i < 5000; ++i) kept += cache.find(key(i)) ? 1 : 0;
  EXPECT_GT(kept, 200) << "most of the room is used";
  for (int i = 0; i < 5000; ++i) cache.remove(key(i));
  EXPECT_EQ(cache.octets(), 0U);
}

TEST(Cache, KeepsNothingThatIsLargerThanAShard) {
  Cache cache(16 * 1024);
  cache.replace(key(1), row(1, 2000));
  EXPECT_FALSE(cache.find(key(1)));
  EXPECT_EQ(cache.octets(), 0U);
}

TEST(Cache, GivesARowThatIsUsedASecondChance) {
  Cache cache(64 * 1024);
  cache.replace(key(0), row(1, 500));
  for (int i = 1; i < 2000; ++i) {
    ASSERT_TRUE(cache.find(key(0))) << i;
    cache.replace(key(i), row(1, 500));
  }
}

// Revisions of a key only grow, whatever readers install. Meant for the thread sanitizer.
TEST(Cache, NeverGoesBackWhileReadersFillIt) {
  Cache cache(8 * 1024);
  std::array<std::atomic<std::uint64_t>, 8> stored{};
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      while (!stop) {
        for (int i = 0; i < 8; ++i) {
          const auto& at = stored[static_cast<std::size_t>(i)];
          const std::uint64_t applied = at;
          if (const auto found = cache.find(key(i))) {
            EXPECT_GE(found->revision + 1, applied);
            EXPECT_EQ(content(*found), found->revision);
          } else {
            const std::uint64_t stamp = cache.fill_stamp(key(i));
            const std::uint64_t revision = at;
            if (revision != 0) cache.install(key(i), row(revision, 200), stamp);
          }
        }
      }
    });
  }
  for (std::uint64_t revision = 1; revision < 2000; ++revision) {
    for (int i = 0; i < 8; ++i) {
      stored[static_cast<std::size_t>(i)] = revision;  // durable, then told to the cache
      cache.replace(key(i), row(revision, 200));
      const auto found = cache.find(key(i));
      if (found) ASSERT_EQ(found->revision, revision);
    }
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace coffer::rows
