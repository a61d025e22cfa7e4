#include "dialects/aws/oidc_keys.h"

#include <gtest/gtest.h>

namespace coffer::dialects::aws {
namespace {

constexpr Timestamp kNow{1'700'000'000'000'000'000};
const std::string kIssuer = "https://127.0.0.1:1";  // where nobody listens

JwksPtr no_keys() {
  return std::make_shared<const std::vector<formats::Jwk>>();
}

TEST(OidcKeysKept, AFailureKeepsOthersFromAskingForAWhile) {
  OidcKeys known;
  EXPECT_FALSE(known.failed_lately(kIssuer, kNow));
  known.note_failure(kIssuer, kNow);
  EXPECT_TRUE(known.failed_lately(kIssuer, kNow + OidcKeys::kPause / 2));
  EXPECT_FALSE(known.failed_lately(kIssuer, kNow + OidcKeys::kPause));
  EXPECT_FALSE(known.failed_lately("https://other.example", kNow));
  EXPECT_FALSE(known.failed_lately(kIssuer, kNow - OidcKeys::kPause)) << "the clock was set back";
  known.keep(kIssuer, no_keys(), kNow);
  EXPECT_FALSE(known.failed_lately(kIssuer, kNow));
}

TEST(OidcKeysKept, WhoeverWaitedTakesTheAnswerThatCameMeanwhile) {
  OidcKeys known;
  const std::uint64_t before = known.answers(kIssuer);
  EXPECT_FALSE(shared_oidc_keys(known, kIssuer, "", before)) << "asked, and nobody is there";
  EXPECT_EQ(known.answers(kIssuer), before + 1);
  EXPECT_FALSE(shared_oidc_keys(known, kIssuer, "", before));
  EXPECT_EQ(known.answers(kIssuer), before + 1) << "not asked again";
  const JwksPtr keys = no_keys();
  known.note_answer(kIssuer, keys);
  EXPECT_EQ(*shared_oidc_keys(known, kIssuer, "", before), keys);
  EXPECT_FALSE(shared_oidc_keys(known, kIssuer, "", before + 2)) << "a later one asks itself";
  EXPECT_EQ(known.answers(kIssuer), before + 3);
}

}  // namespace
}  // namespace coffer::dialects::aws
