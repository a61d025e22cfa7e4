// Revocations over rows: what lists and OCSP say, what stays after a restart, what tidying removes.
#include "domain/pki/revocations.h"

#include "crypto/certificate_samples.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::domain {
namespace {

using crypto::RevocationReason;

const std::string kIssuer = "00000000-0000-4000-8000-000000000001";
const std::string kOther = "00000000-0000-4000-8000-000000000002";

class RevocationsTest : public testing::Test {
 protected:
  RevocationsTest() {
    mount_.path = "pki/";
    mount_.engine = Engine::pki;
    mount_.id = to_bytes("\x01mount\xff!");
    issuer_.mount = mount_.id;
    issuer_.id = kIssuer;
  }

  template <class F>
  auto unit(F&& work) {
    work::View view = world_.view();
    auto result = work(view);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) result = std::unexpected(done.error());
    }
    return result;
  }

  void store(const Bytes& serial, const std::string& issuer = kIssuer, Duration lasts = kHour) {
    ASSERT_TRUE(unit([&](work::View& view) -> Result<> {
      CertificateRow row;
      row.mount = mount_.id;
      row.serial = serial;
      row.issuer_id = issuer;
      row.der = to_bytes("der" + serial_text(serial));
      row.not_after = view.now() + lasts;
      return view.put(std::move(row));
    }));
  }

  Result<RevocationRow> revoke(const Bytes& serial,
                               RevocationReason reason = RevocationReason::superseded) {
    return unit(
        [&](work::View& view) { return Revocations(view, mount_, board_).revoke(serial, reason); });
  }

  crypto::CertificateStatus status(const Bytes& serial) {
    work::View view = world_.view();
    const auto issuers = Authority(view, mount_).equivalents(*issuer_.id);
    return Revocations(view, mount_, board_).status(*issuers, serial)->status;
  }

  // Serial numbers of what is stored as revoked.
  Result<std::vector<Bytes>> stored(const IssuerRow& issuer) {
    std::vector<Bytes> serials;
    work::View view = world_.view();
    COFFER_TRY(const auto issuers, Authority(view, mount_).equivalents(*issuer.id));
    const auto reader = stored_entries(*world_.rows, work::kTestRealm, mount_.id, issuers);
    COFFER_CHECK(reader([&](const crypto::CrlEntry& entry) { serials.push_back(entry.serial); }));
    return serials;
  }

  IssuerRow add_issuer(const Bytes& der) {
    const auto added = unit([&](work::View& view) {
      return Authority(view, mount_).add_issuer(*crypto::parse_certificate(der), "");
    });
    IssuerRow row = issuer_;
    row.id = work::TestWorld::value(added).id;
    return row;
  }

  // The same authority in another certificate.
  static Bytes renewed(const crypto::SampleAuthority& root, std::uint8_t serial = 2) {
    crypto::CertificateTemplate next;
    next.serial = {serial};
    next.subject.add(crypto::attribute::kCommonName, "Root");
    next.not_before = crypto::sample_now();
    next.not_after = crypto::sample_now() + kHour * 1000;
    next.public_key_der = root.key.public_key().der();
    next.constraints = crypto::BasicConstraints{.authority = true, .path_length = std::nullopt};
    return *crypto::build_certificate(next, {}, root.key, root.scheme);
  }

  // The serial number's INTEGER.
  static bool has(const CrlDer& der, const Bytes& serial) {
    Bytes number{0x02, static_cast<std::uint8_t>(serial.size())};
    append(number, serial);
    return !std::ranges::search(*der, number).empty();
  }

  CrlDer list_of(const IssuerRow& issuer, const crypto::SampleAuthority& root) {
    work::View view = world_.view();
    const auto issuers = Authority(view, mount_).equivalents(*issuer.id);
    const CrlSigner signer{root.certificate,
                           std::make_shared<const crypto::PrivateKey>(
                               *crypto::PrivateKey::from_der(root.key.der().view())),
                           root.scheme};
    return work::TestWorld::value(
        board_.build(board_name(mount_.id, *issuer.id),
                     CrlKind::complete,
                     crl_policy({}),
                     world_.clock.now(),
                     signer,
                     stored_entries(*world_.rows, work::kTestRealm, mount_.id, *issuers)));
  }

  static constexpr Duration kHour = std::chrono::hours(1);
  work::TestWorld world_;
  CrlBoard board_;
  Mount mount_;
  IssuerRow issuer_;
};

TEST_F(RevocationsTest, TellsGoodRevokedAndUnknownApart) {
  store({1});
  store({2}, kOther);
  EXPECT_EQ(status({1}), crypto::CertificateStatus::good);
  EXPECT_EQ(status({2}), crypto::CertificateStatus::unknown) << "another issuer's";
  EXPECT_EQ(status({3}), crypto::CertificateStatus::unknown);
  ASSERT_TRUE(revoke({1}));
  EXPECT_EQ(status({1}), crypto::CertificateStatus::revoked);
  world_.restart();
  EXPECT_EQ(status({1}), crypto::CertificateStatus::revoked);
}

// A root that was renewed over its key: relying parties cannot tell its certificates from the new
// one's, and ask either.
TEST_F(RevocationsTest, IssuersOfOneNameAndKeyTellEachOthersRevocations) {
  const crypto::SampleAuthority root(crypto::KeyKind::ecdsa_p256);
  const crypto::SampleAuthority namesake(crypto::KeyKind::ecdsa_p256);
  const IssuerRow first = add_issuer(root.certificate.der);
  const IssuerRow second = add_issuer(renewed(root));
  const IssuerRow stranger = add_issuer(namesake.certificate.der);
  const Bytes one{0x71, 1};
  const Bytes two{0x71, 2};
  store(one, *first.id);
  store(two, *first.id);
  const auto says = [&](const IssuerRow& issuer, const Bytes& serial) {
    issuer_ = issuer;
    return status(serial);
  };
  EXPECT_EQ(says(second, one), crypto::CertificateStatus::good);
  ASSERT_TRUE(revoke(one));
  EXPECT_TRUE(has(list_of(second, root), one)) << "in a list that is made from the rows";
  ASSERT_TRUE(revoke(two));
  EXPECT_TRUE(has(list_of(second, root), two)) << "in a list that is kept up";
  EXPECT_FALSE(has(list_of(stranger, namesake), one));
  for (const IssuerRow& issuer : {first, second}) {
    EXPECT_EQ(says(issuer, one), crypto::CertificateStatus::revoked);
    EXPECT_EQ(*stored(issuer), (std::vector<Bytes>{one, two}));
  }
  EXPECT_EQ(says(stranger, one), crypto::CertificateStatus::unknown);
  EXPECT_TRUE(stored(stranger)->empty());
}

TEST_F(RevocationsTest, WhatARemovedIssuerRevokedStaysRevokedByItsEquivalents) {
  const crypto::SampleAuthority root(crypto::KeyKind::ecdsa_p256);
  const IssuerRow first = add_issuer(root.certificate.der);
  const IssuerRow second = add_issuer(renewed(root, 2));
  store({0x71, 1}, *first.id);
  store({0x71, 2}, *first.id);
  store({0x71, 3}, *first.id);
  const auto remove = [&](const IssuerRow& issuer) {
    return unit(
        [&](work::View& view) { return Authority(view, mount_).remove_issuer(*issuer.id); });
  };
  ASSERT_TRUE(revoke({0x71, 1}));
  ASSERT_TRUE(remove(first));
  ASSERT_TRUE(revoke({0x71, 2}));
  issuer_ = add_issuer(renewed(root, 3));
  ASSERT_TRUE(remove(second));
  EXPECT_EQ(*stored(issuer_), (std::vector<Bytes>{{0x71, 1}, {0x71, 2}}));
  EXPECT_EQ(status({0x71, 1}), crypto::CertificateStatus::revoked);
  EXPECT_EQ(status({0x71, 2}), crypto::CertificateStatus::revoked);
  EXPECT_EQ(status({0x71, 3}), crypto::CertificateStatus::good);
  EXPECT_FALSE(has(list_of(issuer_, root), {0x71, 3}));
  ASSERT_TRUE(revoke({0x71, 3}));
  EXPECT_TRUE(has(list_of(issuer_, root), {0x71, 3})) << "in a list that is kept up";
}

TEST_F(RevocationsTest, WhatWasShownAndIsNotStoredIsRevokedByEveryEquivalent) {
  const crypto::SampleAuthority root(crypto::KeyKind::ecdsa_p256);
  const IssuerRow first = add_issuer(root.certificate.der);
  const Bytes leaf = root.issue(crypto::sample_leaf(root.key));
  const auto certificate = crypto::parse_certificate(leaf);
  const auto show = [&](RevocationReason reason) {
    return unit([&](work::View& view) {
      return Revocations(view, mount_, board_).revoke(*certificate, reason);
    });
  };
  ASSERT_TRUE(show(RevocationReason::key_compromise));
  // Whichever of them is found first: there is one revocation.
  for (int i = 0; i < 4; ++i) {
    issuer_ = add_issuer(renewed(root, static_cast<std::uint8_t>(2 + i)));
    EXPECT_EQ(status(certificate->serial), crypto::CertificateStatus::revoked);
    const auto again = show(RevocationReason::superseded);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again->reason, RevocationReason::key_compromise);
    EXPECT_EQ(*stored(issuer_), (std::vector<Bytes>{certificate->serial}));
  }
}

TEST_F(RevocationsTest, KeepsTheFirstRevocationOfACertificate) {
  store({1});
  const auto first = revoke({1}, RevocationReason::key_compromise);
  const auto second = revoke({1}, RevocationReason::superseded);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*second->at, *first->at);
  EXPECT_EQ(*second->reason, RevocationReason::key_compromise);
  EXPECT_FALSE(revoke({9}));
}

TEST_F(RevocationsTest, ReadsTheStoredOnesOfOneIssuerPageByPage) {
  constexpr std::uint16_t kCount = 1503;  // more than a page of one issuer
  for (std::uint16_t i = 1; i <= kCount; ++i) {
    const Bytes serial{0x40, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)};
    work::View view = world_.view();
    RevocationRow row;
    row.mount = mount_.id;
    row.issuer_id = i % 500 == 0 ? kOther : kIssuer;
    row.serial = serial;
    ASSERT_TRUE(view.put(std::move(row)));
    ASSERT_TRUE(world_.commit(view));
  }
  IssuerRow other = issuer_;
  other.id = kOther;
  EXPECT_EQ(stored(issuer_)->size(), 1500U);
  EXPECT_EQ(stored(other)->size(), 3U);
}

TEST_F(RevocationsTest, ATidyingRemovesWhatExpiredBeforeItsMomentAndEnds) {
  store({1}, kIssuer, kHour);
  store({2}, kIssuer, kHour * 100);
  ASSERT_TRUE(revoke({1}) && revoke({2}));
  const auto sweep = [&] {
    return unit([&](work::View& view) { return sweep_certificates(view, board_, 40); });
  };
  world_.clock.advance(kHour * 2);
  EXPECT_EQ(*sweep(), 0U) << "nobody asked";
  ASSERT_TRUE(unit([&](work::View& view) -> Result<> {
    AuthorityRow row;
    row.mount = mount_.id;
    row.tidy_before = view.now() - std::chrono::minutes(1);
    return view.put(std::move(row));
  }));
  EXPECT_EQ(*sweep(), 2U) << "certificate and revocation";
  EXPECT_EQ(*sweep(), 1U) << "the wish";
  EXPECT_EQ(*sweep(), 0U);
  EXPECT_EQ(*stored(issuer_), (std::vector<Bytes>{{2}}));
  EXPECT_EQ(status({1}), crypto::CertificateStatus::unknown);
  EXPECT_EQ(status({2}), crypto::CertificateStatus::revoked);
}

// Else a list of the new issuer, made meanwhile, would never hear of it.
TEST_F(RevocationsTest, ARevocationIsMadeAgainWhenTheIssuersChangedMeanwhile) {
  const crypto::SampleAuthority root(crypto::KeyKind::ecdsa_p256);
  const IssuerRow first = add_issuer(root.certificate.der);
  store({1}, *first.id);
  work::View view = world_.view();
  ASSERT_TRUE(Revocations(view, mount_, board_).revoke(Bytes{1}, RevocationReason::superseded));
  add_issuer(renewed(root));
  const auto done = world_.commit(view);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::conflict);
}

TEST_F(RevocationsTest, FindsCertificatesByFingerprint) {
  store({7});
  work::View view = world_.view();
  Bytes entry = mount_.id;
  append(entry, crypto::sha256(to_bytes("der07")));
  EXPECT_EQ(view.lookup<CertificateRow>(kCertificateFingerprint, entry, 2)->size(), 1U);
}

TEST(Reason, IsOneOfRfc5280ThatCannotBeTakenBack) {
  EXPECT_EQ(*parse_reason(""), RevocationReason::unspecified);
  EXPECT_EQ(*parse_reason("keyCompromise"), RevocationReason::key_compromise);
  EXPECT_EQ(*parse_reason("key_compromise"), RevocationReason::key_compromise);
  EXPECT_EQ(*parse_reason("9"), RevocationReason::privilege_withdrawn);
  for (const std::string_view bad :
       {"certificateHold", "6", "removeFromCRL", "8", "7", "-1", "x"}) {
    EXPECT_FALSE(parse_reason(bad)) << bad;
  }
}

TEST(Serial, IsReadInEverySpellingAndWrittenInOne) {
  EXPECT_EQ(serial_text(Bytes{0x0a, 0xff}), "0a:ff");
  for (const std::string_view text : {"0a:ff", "0A-FF", "aff", "00:0a:ff"}) {
    EXPECT_EQ(*parse_serial(text), (Bytes{0x0a, 0xff})) << text;
  }
  for (const std::string_view text : {"", "0", "xx", "0a:f g"}) EXPECT_FALSE(parse_serial(text));
  EXPECT_FALSE(parse_serial(std::string(42, '1')));
}

}  // namespace
}  // namespace coffer::domain
