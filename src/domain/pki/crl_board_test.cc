#include "domain/pki/crl_board.h"

#include "base/encoding.h"
#include "crypto/certificate_samples.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::domain {
namespace {

class Board : public testing::Test {
 protected:
  CrlDer build(CrlKind kind = CrlKind::complete) {
    auto made = board_.build("issuer", kind, policy_, now_, signer_, [this](const auto& take) {
      ++reads_;
      for (const crypto::CrlEntry& entry : stored_) take(entry);
      return Result<>();
    });
    EXPECT_TRUE(made);
    return *made;
  }

  CrlDer current(CrlKind kind = CrlKind::complete) {
    return board_.current("issuer", kind, policy_, now_);
  }

  void revoke(std::uint8_t serial) {
    const crypto::CrlEntry entry{{0x70, serial}, now_, {}};
    stored_.push_back(entry);
    board_.add("issuer", entry);
  }

  // Whether the list has an entry of this serial number: its INTEGER, as DER.
  static bool has(const CrlDer& der, std::uint8_t serial) {
    const Bytes number{0x02, 0x02, 0x70, serial};
    return !std::ranges::search(*der, number).empty();
  }

  // A list's cRLNumber: of the size of times of these years, 8 octets.
  static std::uint64_t number(const CrlDer& der) {
    const Bytes start{0x06, 3, 0x55, 0x1d, 0x14, 0x04, 10, 0x02, 8};
    const auto at = std::ranges::search(*der, start);
    std::uint64_t out = 0;
    if (at.empty()) return out;
    for (int i = 0; i < 8; ++i) out = out << 8U | at.end()[i];
    return out;
  }

  Timestamp now_ = crypto::sample_now();
  crypto::SampleAuthority authority_{crypto::KeyKind::ecdsa_p256};
  CrlSigner signer_{authority_.certificate,
                    std::make_shared<const crypto::PrivateKey>(
                        *crypto::PrivateKey::from_der(authority_.key.der().view())),
                    authority_.scheme};
  CrlPolicy policy_{.expiry = std::chrono::hours(72), .grace = std::chrono::hours(12)};
  std::vector<crypto::CrlEntry> stored_;
  int reads_ = 0;
  CrlBoard board_;
};

TEST_F(Board, HasNoListBeforeOneIsBuilt) {
  EXPECT_EQ(current(), nullptr);
  const CrlDer made = build();
  EXPECT_EQ(current(), made);
}

TEST_F(Board, HoldsWhatWasStoredAndWhatCameLaterAndReadsTheRowsOnce) {
  revoke(1);
  EXPECT_TRUE(has(build(), 1));
  revoke(2);
  EXPECT_EQ(current(), nullptr) << "the list says less than it should";
  const CrlDer both = build();
  EXPECT_TRUE(has(both, 1) && has(both, 2));
  EXPECT_EQ(reads_, 1);
  EXPECT_EQ(current(), both);
}

TEST_F(Board, ListsAnEntryOnceThatIsStoredWhileTheRowsAreRead) {
  auto made =
      board_.build("issuer", CrlKind::complete, policy_, now_, signer_, [&](const auto& take) {
        const crypto::CrlEntry entry{{0x70, 9}, now_, {}};
        board_.add("issuer", entry);  // committed meanwhile, and seen by the reader as well
        take(entry);
        return Result<>();
      });
  ASSERT_TRUE(made);
  const Bytes number{0x02, 0x02, 0x70, 9};
  const auto first = std::ranges::search(**made, number);
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(
      std::ranges::search(std::ranges::subrange(first.end(), (*made)->end()), number).empty());
}

TEST_F(Board, MakesAListAnewBeforeItsTimeIsOver) {
  build();
  now_ = now_ + std::chrono::hours(59);
  EXPECT_NE(current(), nullptr);
  now_ = now_ + std::chrono::hours(2);
  EXPECT_EQ(current(), nullptr);
}

TEST_F(Board, TellsNewRevocationsByDeltaWhenListsAreMadeOnTimeOnly) {
  policy_.only_on_time = policy_.with_delta = true;
  revoke(1);
  const CrlDer complete = build();
  revoke(2);
  EXPECT_EQ(current(), complete);
  const CrlDer delta = build(CrlKind::delta);
  EXPECT_TRUE(has(delta, 2));
  EXPECT_FALSE(has(delta, 1));
  EXPECT_FALSE(has(current(), 2));
  revoke(3);
  EXPECT_EQ(current(CrlKind::delta), nullptr);
  const CrlDer next = build(CrlKind::delta);
  EXPECT_TRUE(has(next, 2) && has(next, 3)) << "all since the complete list";
}

TEST_F(Board, ListsNothingWhileListsAreSwitchedOff) {
  revoke(1);
  EXPECT_TRUE(has(build(), 1));
  policy_.disabled = true;
  EXPECT_EQ(current(), nullptr);
  EXPECT_FALSE(has(build(), 1));
  policy_.disabled = false;
  EXPECT_EQ(current(), nullptr);
  EXPECT_TRUE(has(build(), 1));
}

// As many as a large authority has; each is named once, and the next revocation costs no reading.
TEST_F(Board, HoldsAHundredThousandEntries) {
  constexpr std::uint32_t kCount = 100'000;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    Bytes serial(20, 0x70);
    for (std::size_t octet = 0; octet < 4; ++octet) {
      serial[octet + 1] = static_cast<std::uint8_t>(i >> (8 * octet));
    }
    stored_.push_back({serial, now_, crypto::RevocationReason::superseded});
  }
  Bytes one;
  crypto::append_crl_entry(one, stored_.front());
  const std::size_t before = build()->size();
  EXPECT_GE(before, kCount * one.size());
  EXPECT_LT(before, kCount * one.size() + 1024);
  revoke(1);
  const CrlDer after = build();
  EXPECT_TRUE(has(after, 1));
  EXPECT_EQ(reads_, 1);
}

TEST_F(Board, ReadsTheRowsAgainWhenToldToForget) {
  revoke(1);
  build();
  stored_.clear();
  board_.forget("issuer");
  EXPECT_FALSE(has(build(), 1));
  EXPECT_EQ(reads_, 2);
}

TEST_F(Board, NumbersGrowAlthoughTheClockIsSetBackAndAllIsForgotten) {
  policy_.with_delta = true;
  const std::uint64_t first = number(build());
  EXPECT_EQ(first, static_cast<std::uint64_t>(now_.ns));
  const std::uint64_t delta = number(build(CrlKind::delta));
  EXPECT_GT(delta, first);
  board_.forget("issuer");
  now_ = now_ - std::chrono::hours(1);
  const std::uint64_t second = number(build());
  EXPECT_GT(second, delta);
  board_.forget_all("iss");
  EXPECT_GT(number(build()), second);
}

TEST_F(Board, NumbersAreLargerThanTheTimeOfWhatIsStored) {
  revoke(1);
  const auto revoked = static_cast<std::uint64_t>(now_.ns);
  now_ = now_ - std::chrono::hours(1);
  EXPECT_GT(number(build()), revoked) << "as after a restart";
}

TEST_F(Board, AddsNothingToWhatWasForgottenUntilAListIsAskedFor) {
  revoke(1);
  build();
  board_.forget("issuer");
  revoke(2);
  stored_.pop_back();
  EXPECT_FALSE(has(build(), 2));
}

TEST_F(Board, GivesNoListWhenTheRowsCannotBeRead) {
  const auto made =
      board_.build("issuer", CrlKind::complete, policy_, now_, signer_, [](const auto&) {
        return Result<>(fail(Code::corrupt, "row"));
      });
  EXPECT_FALSE(made);
  EXPECT_EQ(current(), nullptr);
}

}  // namespace
}  // namespace coffer::domain
