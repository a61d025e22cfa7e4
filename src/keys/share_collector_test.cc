#include "base/encoding.h"
#include "keys/seal.h"

#include <gtest/gtest.h>

namespace coffer::keys {
namespace {

class ShareCollectorTest : public testing::Test {
 protected:
  FakeClock clock;
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(3);
  std::unique_ptr<Keyring> keyring = Keyring::create(clock.now(), *random).value();
  NewSeal seal = made({5, 3});
  ShareCollector collector{clock, *random};

  NewSeal made(SealNumbers numbers) const {
    return make_seal(numbers, *keyring, "c", 1, clock.now(), *random).value();
  }

  Result<std::optional<secure::SecureBytes>> give(std::size_t i, std::string_view source = {}) {
    return collector.add(seal.record, seal.shares.shares[i].view(), source);
  }

  Code wrong(std::string_view source = {}) {
    const auto refused = collector.add(seal.record, random->bytes(33).view(), source);
    return refused ? Code::internal : refused.error().code;
  }
};

TEST_F(ShareCollectorTest, GivesTheRootForEveryThreeOfFive) {
  for (std::size_t a = 0; a < 5; ++a) {
    for (std::size_t b = a + 1; b < 5; ++b) {
      for (std::size_t c = b + 1; c < 5; ++c) {
        EXPECT_EQ(give(c).value(), std::nullopt);
        EXPECT_EQ(give(a).value(), std::nullopt);
        EXPECT_EQ(collector.progress(seal.record).given, 2U);
        const auto root = give(b);
        ASSERT_TRUE(root && *root) << a << b << c;
        EXPECT_EQ(as_text((*root)->view()), as_text(seal.root.view()));
        EXPECT_EQ(collector.progress(seal.record).given, 0U) << "empty again";
      }
    }
  }
}

TEST_F(ShareCollectorTest, TakesTheOnlyShareAsTheRoot) {
  seal = made({1, 1});
  EXPECT_EQ(as_text(give(0).value()->view()), as_text(seal.root.view()));
}

TEST_F(ShareCollectorTest, CountsTheSameShareOnce) {
  EXPECT_EQ(give(1).value(), std::nullopt);
  EXPECT_EQ(give(1).value(), std::nullopt);
  EXPECT_EQ(give(1).value(), std::nullopt);
  EXPECT_EQ(collector.progress(seal.record).given, 1U);
  EXPECT_EQ(collector.failures(), 0U);
}

TEST_F(ShareCollectorTest, RefusesAndCountsWrongShares) {
  ASSERT_TRUE(give(0));
  EXPECT_EQ(wrong(), Code::invalid_argument);
  EXPECT_EQ(collector.add(seal.record, {}).error().code, Code::invalid_argument);
  Bytes edited = to_bytes(seal.shares.shares[1].view());
  edited.back() ^= 1;
  EXPECT_EQ(collector.add(seal.record, edited).error().code, Code::invalid_argument);
  EXPECT_EQ(collector.failures(), 3U);
  EXPECT_EQ(collector.progress(seal.record).given, 1U) << "good shares stay";
}

TEST_F(ShareCollectorTest, SlowsDownAfterTenFailures) {
  for (int i = 0; i < 10; ++i) ASSERT_EQ(wrong(), Code::invalid_argument) << i;
  EXPECT_EQ(wrong(), Code::exhausted);
  clock.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(wrong(), Code::exhausted);
  clock.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(wrong(), Code::exhausted) << "one attempt a second";
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(wrong(), Code::invalid_argument);
  EXPECT_EQ(wrong("192.0.2.7"), Code::invalid_argument) << "a source of its own";
  EXPECT_EQ(collector.failures(), 15U);

  EXPECT_TRUE(give(0)) << "right shares never wait";
  EXPECT_EQ(wrong(), Code::exhausted);
  EXPECT_TRUE(give(1));
  EXPECT_TRUE(give(2).value()) << "the root key";
  EXPECT_EQ(wrong(), Code::invalid_argument) << "a success ends the slow-down";
}

TEST_F(ShareCollectorTest, TellsWhatWasTriedAndByWhom) {
  EXPECT_TRUE(collector.attempts().empty());
  wrong("192.0.2.7");
  wrong("192.0.2.8");
  wrong("192.0.2.7");
  ASSERT_TRUE(give(0, "192.0.2.1"));
  const std::string nonce = collector.progress(seal.record).nonce;
  EXPECT_FALSE(collector.reset("guessed", "192.0.2.8"));
  EXPECT_TRUE(collector.reset(nonce, "192.0.2.1"));
  const std::vector<Attempts> first = collector.attempts();
  EXPECT_EQ(first,
            (std::vector<Attempts>{{.source = "192.0.2.1", .resets = 1},
                                   {.source = "192.0.2.7", .wrong = 2},
                                   {.source = "192.0.2.8", .wrong = 1, .refused_resets = 1}}));
  wrong("192.0.2.7");
  collector.reported(first);
  EXPECT_EQ(collector.attempts(), (std::vector<Attempts>{{.source = "192.0.2.7", .wrong = 1}}));
}

TEST_F(ShareCollectorTest, CountsManySourcesInOneLine) {
  for (int i = 0; i < 100; ++i) wrong("2001:db8::" + std::to_string(i));
  const std::vector<Attempts> all = collector.attempts();
  EXPECT_EQ(all.size(), 65U);
  EXPECT_EQ(all.back(), (Attempts{.source = "many", .wrong = 36}));
}

TEST_F(ShareCollectorTest, ForgetsOnlyWithTheNonce) {
  EXPECT_EQ(collector.progress(seal.record).nonce, "");
  EXPECT_TRUE(collector.reset("")) << "nothing to forget";
  ASSERT_TRUE(give(0));
  const std::string nonce = collector.progress(seal.record).nonce;
  EXPECT_FALSE(nonce.empty());
  for (const std::string& bad : {std::string(), nonce + "0", nonce.substr(1)}) {
    EXPECT_EQ(collector.reset(bad).error().code, Code::precondition_failed) << bad;
  }
  EXPECT_EQ(collector.progress(seal.record).given, 1U);
  EXPECT_TRUE(collector.reset(nonce));
  EXPECT_EQ(collector.progress(seal.record).given, 0U);
  ASSERT_TRUE(give(0));
  EXPECT_NE(collector.progress(seal.record).nonce, nonce);
}

TEST_F(ShareCollectorTest, ForgetsOnlyForWhoGaveAShare) {
  ASSERT_TRUE(give(0, "192.0.2.1"));
  ASSERT_TRUE(give(1, "192.0.2.2"));
  const std::string nonce = collector.progress(seal.record).nonce;
  ASSERT_FALSE(wrong("192.0.2.7") == Code::internal);
  EXPECT_EQ(collector.reset(nonce, "192.0.2.7").error().code, Code::permission_denied);
  EXPECT_EQ(collector.progress(seal.record).given, 2U);
  EXPECT_TRUE(collector.reset(nonce, "192.0.2.2"));
  EXPECT_EQ(collector.progress(seal.record).given, 0U);
}

TEST_F(ShareCollectorTest, NeverMixesTheSharesOfTwoSeals) {
  ASSERT_TRUE(give(0));
  ASSERT_TRUE(give(1));
  seal = made({5, 3});  // rekeyed meanwhile
  EXPECT_EQ(give(2).value(), std::nullopt) << "the old shares do not count";
  EXPECT_EQ(give(0).value(), std::nullopt);
  EXPECT_EQ(as_text(give(4).value()->view()), as_text(seal.root.view()));
}

TEST_F(ShareCollectorTest, SurvivesARecordWithALoweredThreshold) {
  seal.record.threshold = 1;  // the record lies in clear: anybody may have edited it
  EXPECT_EQ(give(0).error().code, Code::invalid_argument);
  seal.record.threshold = 2;
  ASSERT_TRUE(give(0));
  const auto root = give(1);
  ASSERT_TRUE(root && *root);
  EXPECT_NE(as_text((*root)->view()), as_text(seal.root.view())) << "two of three give nothing";
}

TEST(ParseShare, ReadsHexAndBase64) {
  const Bytes share = hex_decode("00ff10203040506070").value();
  for (const std::string& text : {hex_encode(share), base64_encode(share)}) {
    EXPECT_EQ(as_text(parse_share(text).value().view()), as_text(share)) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("xyz!"), std::string("abc"), std::string(1025, 'a')}) {
    EXPECT_EQ(parse_share(text).error().code, Code::invalid_argument) << text.size();
  }
  const Bytes longest(512, 0xab);
  EXPECT_TRUE(parse_share(hex_encode(longest)));
  EXPECT_TRUE(parse_share(base64_encode(longest)));
  EXPECT_FALSE(parse_share(base64_encode(Bytes(513, 0xab)))) << "too long to be written in hex";
}

}  // namespace
}  // namespace coffer::keys
