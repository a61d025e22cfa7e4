#include "crypto/shamir.h"

#include "base/clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>

namespace coffer::crypto {
namespace {

// Gives out prepared octets as the coefficients of the polynomials.
class GivenRandom final : public Random {
 public:
  explicit GivenRandom(Bytes octets) : octets_(std::move(octets)) {}

  void fill(MutableBytes out) override {
    ASSERT_EQ(out.size(), octets_.size());
    std::ranges::copy(octets_, out.begin());
  }

 private:
  Bytes octets_;
};

std::vector<ByteView> views(const std::vector<Bytes>& shares) {
  return {shares.begin(), shares.end()};
}

Code code_of_combine(const std::vector<Bytes>& shares) {
  const auto combined = shamir_combine(views(shares));
  return combined ? Code::internal : combined.error().code;
}

// f(x) = 57 + 83 x, by hand with the polynomial 11b:
//   f(1) = 57 ^ 83 = d4;  83 * 2 = 106 ^ 11b = 1d, so f(2) = 57 ^ 1d = 4a;
//   83 * 3 = 1d ^ 83 = 9e, so f(3) = 57 ^ 9e = c9.
TEST(Shamir, SplitsAsComputedByHand) {
  GivenRandom random({0x83});
  const auto shares = shamir_split(Bytes{0x57}, 3, 2, random);
  ASSERT_TRUE(shares);
  ASSERT_EQ(shares->size(), 3U);
  EXPECT_EQ(to_bytes((*shares)[0].view()), (Bytes{0xd4, 1}));
  EXPECT_EQ(to_bytes((*shares)[1].view()), (Bytes{0x4a, 2}));
  EXPECT_EQ(to_bytes((*shares)[2].view()), (Bytes{0xc9, 3}));
}

// FIPS 197 §4.2 works out 57 * 83 = c1: f(x) = 10 + 57 x has f(1) = 47 and f(83) = 10 ^ c1 = d1.
TEST(Shamir, CombinesAsComputedByHand) {
  const auto secret = shamir_combine(views({{0x47, 0x01}, {0xd1, 0x83}}));
  ASSERT_TRUE(secret);
  EXPECT_EQ(to_bytes(secret->view()), Bytes{0x10});
}

// f(x) = 01 + 02 x + 03 x^2: f(1) = 01 ^ 02 ^ 03 = 00; f(2) = 01 ^ 04 ^ 0c = 09;
// f(3) = 01 ^ 06 ^ (03 * 05 = 0f) = 08. Two octets, the second with coefficients 0: itself.
TEST(Shamir, QuadraticAsComputedByHand) {
  GivenRandom random({0x02, 0x00, 0x03, 0x00});
  const auto shares = shamir_split(Bytes{0x01, 0xab}, 3, 3, random);
  ASSERT_TRUE(shares);
  EXPECT_EQ(to_bytes((*shares)[0].view()), (Bytes{0x00, 0xab, 1}));
  EXPECT_EQ(to_bytes((*shares)[1].view()), (Bytes{0x09, 0xab, 2}));
  EXPECT_EQ(to_bytes((*shares)[2].view()), (Bytes{0x08, 0xab, 3}));
}

TEST(Shamir, AnySubsetOfThresholdSharesGivesTheSecretAndSmallerOnesDoNot) {
  const auto random = seeded_random(3);
  const auto secret = random->bytes(16);
  for (std::size_t n = 2; n <= 6; ++n) {
    for (std::size_t k = 2; k <= n; ++k) {
      const auto shares = shamir_split(secret.view(), n, k, *random);
      ASSERT_TRUE(shares);
      for (unsigned subset = 0; subset < 1U << n; ++subset) {
        std::vector<ByteView> chosen;
        for (std::size_t i = 0; i < n; ++i) {
          if ((subset >> i & 1U) != 0) chosen.push_back((*shares)[n - 1 - i].view());
        }
        if (chosen.size() < 2) continue;
        const auto combined = shamir_combine(chosen);
        ASSERT_TRUE(combined);
        ASSERT_EQ(*combined == secret, chosen.size() >= k) << n << " " << k << " " << subset;
      }
    }
  }
}

TEST(Shamir, RandomSubsetsOfLargeSharings) {
  const auto random = seeded_random(4);
  // Steps of 7 visit every share once as long as 7 does not divide n.
  for (const auto& [n, k] :
       std::vector<std::pair<std::size_t, std::size_t>>{{255, 255}, {200, 2}, {255, 100}}) {
    const auto secret = random->bytes(33);
    const auto shares = shamir_split(secret.view(), n, k, *random);
    ASSERT_TRUE(shares);
    std::vector<ByteView> chosen;
    for (std::size_t i = 0; i < k; ++i) chosen.push_back((*shares)[(i * 7 + 3) % n].view());
    const auto combined = shamir_combine(chosen);
    ASSERT_TRUE(combined);
    EXPECT_TRUE(*combined == secret) << n;
  }
}

// With one share of two missing, each value of the secret's octet must be equally likely: for a
// fixed share, the 256 coefficients lead to 256 different secrets.
TEST(Shamir, OneShareOfTwoTellsNothing) {
  std::map<int, int> seen;
  for (int secret = 0; secret < 256; ++secret) {
    for (int coefficient = 0; coefficient < 256; ++coefficient) {
      GivenRandom random({static_cast<std::uint8_t>(coefficient)});
      const auto shares = shamir_split(Bytes{static_cast<std::uint8_t>(secret)}, 2, 2, random);
      if ((*shares)[1].view()[0] == 0x5a) ++seen[secret];
    }
  }
  EXPECT_EQ(seen.size(), 256U);
  for (const auto& [secret, count] : seen) EXPECT_EQ(count, 1) << secret;
}

TEST(Shamir, SplitRefusesWhatIsOutOfLimits) {
  const auto random = seeded_random(5);

  struct Reject {
    std::size_t size, shares, threshold;
  };

  for (const auto& r : {Reject{0, 3, 2},
                        Reject{kMaxSharedSecret + 1, 3, 2},
                        Reject{32, 3, 0},
                        Reject{32, 3, 1},
                        Reject{32, 1, 1},
                        Reject{32, 3, 4},
                        Reject{32, 256, 2},
                        Reject{32, 0, 0}}) {
    const auto split = shamir_split(Bytes(r.size), r.shares, r.threshold, *random);
    ASSERT_FALSE(split) << r.size << " " << r.shares << " " << r.threshold;
    EXPECT_EQ(split.error().code, Code::invalid_argument);
  }
  EXPECT_TRUE(shamir_split(Bytes(kMaxSharedSecret), 2, 2, *random));
}

TEST(Shamir, CombineRefusesMalformedShares) {
  const std::vector<std::vector<Bytes>> rejects = {
      {},
      {{1, 1}},                 // one share
      {{1}, {2}},               // no values
      {{}, {}},                 // not even an x
      {{1, 1}, {1, 2, 2}},      // unequal sizes
      {{1, 1}, {2, 1}},         // the same x
      {{1, 1}, {2, 0}},         // x = 0 would be the secret itself
      {{1, 1}, {2, 2}, {3, 1}}  // the same x, apart
  };
  for (const auto& shares : rejects) EXPECT_EQ(code_of_combine(shares), Code::invalid_argument);
  EXPECT_EQ(code_of_combine({{1, 1}, {2, 2}}), Code::internal);  // well-formed
}

std::int64_t nanoseconds_of(const std::vector<Bytes>& shares) {
  const SystemClock clock;
  const Duration before = clock.steady();
  const auto combined = shamir_combine(views(shares));
  const Duration after = clock.steady();
  EXPECT_TRUE(combined);
  return (after - before).count();
}

// Octets without a bit set, octets with all of them, and random ones: a branch on a bit is guessed
// right on the former and wrong half of the time on the latter, and a loop that ends early ends at
// once on the first. Look-ups in tables are not seen: scripts/check_constant_time.py refuses them.
TEST(Shamir, TakesAsLongForEverySecret) {
  constexpr std::size_t kSize = 1024;  // shorter than a slice of the scheduler
  constexpr int kSamples = 99;
  constexpr int kTries = 8;
  constexpr double kAllowed = 1.15;
  const auto random = seeded_random(1);
  const auto share = [](Bytes values, std::uint8_t x) {
    values.push_back(x);
    return values;
  };
  const std::vector<std::vector<Bytes>> kinds = {
      {share(Bytes(kSize), 2), share(Bytes(kSize), 3)},
      {share(Bytes(kSize, 0xff), 2), share(Bytes(kSize, 0xff), 3)},
      {share(to_bytes(random->bytes(kSize).view()), 2),
       share(to_bytes(random->bytes(kSize).view()), 3)}};
  double apart = 0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    std::vector<std::int64_t> least(kinds.size(), INT64_MAX);
    for (int sample = 0; sample < kSamples; ++sample) {  // they take turns
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        least[i] = std::min(least[i], nanoseconds_of(kinds[i]));
      }
    }
    const auto [shortest, longest] = std::ranges::minmax(least);
    apart = static_cast<double>(longest) / static_cast<double>(shortest);
    if (apart < kAllowed) return;
  }
  FAIL() << "one secret takes " << apart << " times as long as another";
}

}  // namespace
}  // namespace coffer::crypto
