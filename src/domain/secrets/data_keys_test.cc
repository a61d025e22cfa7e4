#include "domain/secrets/data_keys.h"

#include <gtest/gtest.h>

#include <thread>

namespace coffer::domain {
namespace {

const Bytes kMount = to_bytes("mount001");
const Bytes kOther = to_bytes("mount002");

class DataKeysTest : public testing::Test {
 protected:
  [[nodiscard]] DataKeys::Opener key() const {
    return crypto::make_aead(crypto::AeadKind::xaes256_gcm, Bytes(32, 7), *random_).value();
  }

  void keep(const Bytes& uid, const DataKeys::Opener& key) {
    keys_.offer(kMount, uid, key);
    keys_.offer(kMount, uid, key);
  }

  static Bytes uid(std::uint8_t fill) { return Bytes(8, fill); }

  std::unique_ptr<crypto::Random> random_ = crypto::seeded_random(1);
  DataKeys keys_;
};

TEST_F(DataKeysTest, FindsAKeyUnderItsMountAndUidOnly) {
  const auto kept = key();
  keep(uid(1), kept);
  EXPECT_EQ(keys_.find(kMount, uid(1)), kept);
  EXPECT_EQ(keys_.find(kOther, uid(1)), nullptr);
  EXPECT_EQ(keys_.find(kMount, uid(2)), nullptr);
  EXPECT_EQ(keys_.find(to_bytes("mount0011"), Bytes(7, 1)), nullptr)
      << "the same octets, cut elsewhere";
}

TEST_F(DataKeysTest, KeepsWhatIsOfferedAgain) {
  keys_.offer(kMount, uid(1), key());
  EXPECT_EQ(keys_.find(kMount, uid(1)), nullptr);
  keys_.offer(kMount, uid(2), key());
  keys_.offer(kMount, uid(1), key());
  EXPECT_NE(keys_.find(kMount, uid(1)), nullptr) << "another one in between does not matter";
  EXPECT_EQ(keys_.find(kMount, uid(2)), nullptr);
}

TEST_F(DataKeysTest, ForgetsAnErasedSecretAndNoOther) {
  keep(uid(1), key());
  keys_.forget(kOther, uid(1));
  EXPECT_NE(keys_.find(kMount, uid(1)), nullptr);
  keys_.forget(kMount, uid(1));
  EXPECT_EQ(keys_.find(kMount, uid(1)), nullptr);
}

TEST_F(DataKeysTest, ForgetsAllOfAMountAndNoOther) {
  keep(uid(1), key());
  keep(uid(2), key());
  keys_.forget_mount(kOther);
  EXPECT_NE(keys_.find(kMount, uid(1)), nullptr);
  keys_.forget_mount(kMount);
  EXPECT_EQ(keys_.find(kMount, uid(1)), nullptr);
  EXPECT_EQ(keys_.find(kMount, uid(2)), nullptr);
}

TEST_F(DataKeysTest, LetsGoOfAKeyWhoseSlotIsTaken) {
  const auto first = key();
  const std::weak_ptr<const crypto::Aead> watched = first;
  Bytes near = uid(0);
  keep(near, first);
  // Among so many uids there are more than kWays that choose the same set.
  for (std::size_t i = 1; i <= 2 * DataKeys::kSlots; ++i) {
    near[6] = static_cast<std::uint8_t>(i >> 8U);
    near[7] = static_cast<std::uint8_t>(i);
    keep(near, key());
  }
  EXPECT_EQ(keys_.find(kMount, uid(0)), nullptr);
  EXPECT_EQ(watched.use_count(), 1) << "only the test's own";
}

// For the thread sanitizer; and a key that is found is always its owner's.
TEST_F(DataKeysTest, ServesManyThreads) {
  std::vector<DataKeys::Opener> made;
  for (int i = 0; i < 4; ++i) made.push_back(key());
  std::vector<std::thread> threads;
  for (std::uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 2000; ++round) {
        keys_.offer(kMount, uid(t), made[t]);
        const auto found = keys_.find(kMount, uid(static_cast<std::uint8_t>(round % 4)));
        if (found) EXPECT_EQ(found, made[static_cast<std::size_t>(round % 4)]);
        if (round % 3 == 0) keys_.forget(kMount, uid(t));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace coffer::domain
