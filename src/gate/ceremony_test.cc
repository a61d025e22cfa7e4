#include "gate/ceremony.h"

#include "base/encoding.h"
#include "keys/keyring.h"

#include <gtest/gtest.h>

namespace coffer::gate {
namespace {

class CeremonyTest : public testing::Test {
 protected:
  CeremonyTest()
      : keyring_(*keys::Keyring::create(clock_.now(), *random_)), seal_(make_seal({5, 3}, 1)) {}

  keys::NewSeal make_seal(keys::SealNumbers numbers, std::uint64_t generation) {
    return *keys::make_seal(numbers, *keyring_, "cluster", generation, clock_.now(), *random_);
  }

  [[nodiscard]] SealInForce in_force() const { return {seal_.record, seal_.root.view()}; }

  [[nodiscard]] ByteView share(std::size_t i) const { return seal_.shares.shares.at(i).view(); }

  RekeyCeremony::Make maker() {
    return [this](keys::SealNumbers numbers) -> Result<keys::NewSeal> {
      return make_seal(numbers, 2);
    };
  }

  FakeClock clock_;
  std::unique_ptr<crypto::Random> random_ = crypto::seeded_random(1);
  std::unique_ptr<keys::Keyring> keyring_;
  keys::NewSeal seal_;
};

using RootCeremonyTest = CeremonyTest;
using RekeyCeremonyTest = CeremonyTest;

TEST_F(RootCeremonyTest, MasksTheTokenWithThePasswordOfTheAttempt) {
  RootCeremony root(clock_, *random_);
  const auto password = root.start(9);
  ASSERT_TRUE(password);
  EXPECT_EQ(password->size(), 9U);
  const std::string nonce = root.status(seal_.record).nonce;
  EXPECT_EQ(root.submit(in_force(), share(0), nonce), false);
  EXPECT_EQ(root.submit(in_force(), share(1), nonce), false);
  EXPECT_EQ(root.status(seal_.record).progress, 2U);
  EXPECT_EQ(root.submit(in_force(), share(4), nonce), true);

  const auto masked = root.mask("hvs.token", nonce);
  ASSERT_TRUE(masked);
  Bytes octets = *base64_decode(masked->text(), Base64::standard_raw);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= password->view()[i];
  EXPECT_EQ(as_text(octets), "hvs.token");
  root.finish(nonce);
  EXPECT_FALSE(root.status(seal_.record).started);
  EXPECT_FALSE(root.mask("hvs.token", nonce));
}

TEST_F(RootCeremonyTest, RefusesWrongNoncesAndASecondAttempt) {
  RootCeremony root(clock_, *random_);
  EXPECT_EQ(root.submit(in_force(), share(0), "").error().code, Code::precondition_failed);
  ASSERT_TRUE(root.start(9));
  EXPECT_EQ(root.start(9).error().code, Code::precondition_failed);
  EXPECT_EQ(root.submit(in_force(), share(0), "x").error().code, Code::precondition_failed);
  EXPECT_EQ(root.status(seal_.record).progress, 0U);
  const std::string old = root.status(seal_.record).nonce;
  root.cancel();
  ASSERT_TRUE(root.start(9));
  EXPECT_FALSE(root.submit(in_force(), share(0), old));
}

// An attacker who can write to the store can put digests of shares of their own there.
TEST_F(RootCeremonyTest, RefusesSharesOfAnotherRootKeyThatTheRecordKnows) {
  const keys::NewSeal forged = make_seal({1, 1}, 2);
  RootCeremony root(clock_, *random_);
  ASSERT_TRUE(root.start(9));
  const auto got = root.submit({forged.record, seal_.root.view()},
                               forged.shares.shares[0].view(),
                               root.status(seal_.record).nonce);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::invalid_argument);
}

TEST_F(RootCeremonyTest, ForgetsGivenSharesWhenCancelled) {
  RootCeremony root(clock_, *random_);
  ASSERT_TRUE(root.start(9));
  ASSERT_TRUE(root.submit(in_force(), share(0), root.status(seal_.record).nonce));
  root.cancel();
  EXPECT_FALSE(root.status(seal_.record).started);
  EXPECT_EQ(root.status(seal_.record).progress, 0U);
}

TEST_F(RekeyCeremonyTest, MakesTheSealWithTheNumbersAskedFor) {
  RekeyCeremony rekey(clock_, *random_);
  ASSERT_TRUE(rekey.start({{4, 2}, false}));
  const std::string nonce = rekey.status(seal_.record).nonce;
  for (const std::size_t i : {0U, 1U}) {
    const auto made = rekey.submit(in_force(), share(i), nonce, maker());
    ASSERT_TRUE(made);
    EXPECT_EQ(made->seal, nullptr);
  }
  const auto made = rekey.submit(in_force(), share(2), nonce, maker());
  ASSERT_TRUE(made);
  ASSERT_NE(made->seal, nullptr);
  EXPECT_EQ(made->seal->record.shares, 4);
  EXPECT_EQ(made->seal->record.threshold, 2);
  EXPECT_TRUE(made->verification_nonce.empty());
  EXPECT_TRUE(rekey.status(seal_.record).started) << "until its unit is durable";
  rekey.finish(nonce);
  EXPECT_FALSE(rekey.status(seal_.record).started);
}

TEST_F(RekeyCeremonyTest, RefusesImpossibleNumbers) {
  RekeyCeremony rekey(clock_, *random_);
  for (const keys::SealNumbers numbers : {keys::SealNumbers{0, 0}, {3, 1}, {2, 3}, {256, 3}}) {
    EXPECT_FALSE(rekey.start({numbers, false})) << numbers.shares << " " << numbers.threshold;
  }
  EXPECT_FALSE(rekey.status(seal_.record).started);
}

TEST_F(RekeyCeremonyTest, WantsTheNewSharesBackWhenVerificationIsAskedFor) {
  RekeyCeremony rekey(clock_, *random_);
  ASSERT_TRUE(rekey.start({{3, 2}, true}));
  EXPECT_FALSE(rekey.verify(share(0), ""));
  const std::string nonce = rekey.status(seal_.record).nonce;
  RekeyCeremony::Made made;
  for (const std::size_t i : {0U, 1U, 2U}) {
    made = *rekey.submit(in_force(), share(i), nonce, maker());
  }
  ASSERT_NE(made.seal, nullptr);
  EXPECT_FALSE(rekey.submit(in_force(), share(0), nonce, maker())) << "only new shares count now";
  const auto& fresh = made.seal->shares.shares;
  EXPECT_FALSE(rekey.verify(share(0), made.verification_nonce)) << "an old share";
  ASSERT_EQ(*rekey.verify(fresh[0].view(), made.verification_nonce), nullptr);
  EXPECT_EQ(rekey.verification().progress, 1U);

  ASSERT_TRUE(rekey.restart_verification());
  const std::string second = rekey.verification().nonce;
  EXPECT_NE(second, made.verification_nonce);
  EXPECT_EQ(rekey.verification().progress, 0U);
  EXPECT_FALSE(rekey.verify(fresh[0].view(), made.verification_nonce));
  ASSERT_EQ(*rekey.verify(fresh[2].view(), second), nullptr);
  EXPECT_EQ(*rekey.verify(fresh[1].view(), second), made.seal);
}

}  // namespace
}  // namespace coffer::gate
