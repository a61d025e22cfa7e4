#include "crypto/certificate_trust.h"

#include "crypto/certificate_pem.h"
#include "crypto/certificate_samples.h"
#include "crypto/crl.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";

CertificateTemplate client_leaf(const PrivateKey& key) {
  CertificateTemplate leaf = sample_leaf(key);
  leaf.extended_usage = {std::string(kClientAuth)};
  return leaf;
}

class ClientPath : public testing::Test {
 protected:
  // An authority below the root.
  Bytes intermediate(const PrivateKey& key, bool authority = true) const {
    CertificateTemplate out;
    out.serial = {2};
    out.subject.add(attribute::kCommonName, "Intermediate");
    out.not_before = *parse_rfc3339("2026-01-01T00:00:00Z");
    out.not_after = *parse_rfc3339("2046-01-01T00:00:00Z");
    out.public_key_der = key.public_key().der();
    out.constraints = BasicConstraints{.authority = authority, .path_length = std::nullopt};
    out.usage = authority ? key_usage::kCertSign | key_usage::kCrlSign
                          : std::uint16_t{key_usage::kDigitalSignature};
    return root_.issue(out);
  }

  Bytes issued_below(const PrivateKey& key, ByteView issuer_der) const {
    const Certificate issuer = *parse_certificate(issuer_der);
    CertificateTemplate leaf = client_leaf(*leaf_key_);
    leaf.authority_key_id = issuer.subject_key_id;
    return *build_certificate(leaf, issuer.subject_der, key, *scheme_for(key.kind(), 0, false));
  }

  static Code refusal(const std::vector<Bytes>& shown,
                      const std::vector<Bytes>& anchors,
                      Timestamp now = sample_now()) {
    const auto path = verify_client_path(shown, anchors, now);
    return path ? Code::internal : path.error().code;
  }

  const SampleAuthority root_{KeyKind::ecdsa_p256};
  const Result<PrivateKey> leaf_key_ = PrivateKey::generate(KeyKind::ecdsa_p256);
  const Bytes leaf_ = root_.issue(client_leaf(*leaf_key_));
};

TEST_F(ClientPath, EndsAtAnAnchor) {
  const auto path = verify_client_path({leaf_}, {root_.certificate.der}, sample_now());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, (std::vector<Bytes>{leaf_, root_.certificate.der}));
  const auto key = PrivateKey::generate(KeyKind::ed25519);
  const Bytes middle = intermediate(*key);
  const Bytes below = issued_below(*key, middle);
  EXPECT_TRUE(verify_client_path({below, middle}, {root_.certificate.der}, sample_now()));
  EXPECT_EQ(refusal({below}, {root_.certificate.der}), Code::permission_denied);
  const auto partial = verify_client_path({below}, {middle}, sample_now());
  ASSERT_TRUE(partial) << "an intermediate that is trusted ends the path";
  EXPECT_EQ(partial->size(), 2U);
}

TEST_F(ClientPath, IsNotMadeOfNamesAndSerialNumbers) {
  const SampleAuthority forger(KeyKind::ecdsa_p256);  // the same name and serial number as the root
  EXPECT_EQ(forger.certificate.subject_der, root_.certificate.subject_der);
  CertificateTemplate forged = client_leaf(*leaf_key_);
  forged.authority_key_id = root_.certificate.subject_key_id;
  const Bytes leaf =
      *build_certificate(forged, root_.certificate.subject_der, forger.key, forger.scheme);
  EXPECT_EQ(refusal({leaf}, {root_.certificate.der}), Code::permission_denied);
  EXPECT_EQ(refusal({leaf, forger.certificate.der}, {root_.certificate.der}),
            Code::permission_denied);
}

TEST_F(ClientPath, DoesNotLeadThroughWhatIsNoAuthority) {
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const Bytes middle = intermediate(*key, false);
  const Bytes below = issued_below(*key, middle);
  EXPECT_EQ(refusal({below, middle}, {root_.certificate.der}), Code::permission_denied);
  EXPECT_EQ(refusal({below}, {middle}), Code::permission_denied)
      << "a leaf that is trusted vouches for nobody";
}

TEST_F(ClientPath, HoldsInItsTimeAndForClientsOnly) {
  const std::vector<Bytes> anchors{root_.certificate.der};
  EXPECT_EQ(refusal({leaf_}, anchors, *parse_rfc3339("2025-12-31T00:00:00Z")),
            Code::permission_denied);
  EXPECT_EQ(refusal({leaf_}, anchors, *parse_rfc3339("2027-01-03T00:00:00Z")),
            Code::permission_denied);
  const Bytes server = root_.issue(sample_leaf(*leaf_key_));
  EXPECT_EQ(refusal({server}, anchors), Code::permission_denied) << "a certificate for servers";
  CertificateTemplate any = client_leaf(*leaf_key_);
  any.extended_usage.clear();
  EXPECT_TRUE(verify_client_path({root_.issue(any)}, anchors, sample_now()));
}

TEST_F(ClientPath, IsNotLookedForInRubbish) {
  EXPECT_EQ(refusal({}, {root_.certificate.der}), Code::invalid_argument);
  EXPECT_EQ(refusal({Bytes{1, 2}}, {root_.certificate.der}), Code::invalid_argument);
  EXPECT_EQ(refusal({leaf_}, {Bytes{}}), Code::invalid_argument);
  EXPECT_EQ(refusal(std::vector<Bytes>(kMaxShown + 1, leaf_), {root_.certificate.der}),
            Code::invalid_argument);
  EXPECT_EQ(refusal({leaf_}, {}), Code::permission_denied);
}

TEST_F(ClientPath, ExtensionsAreShownAsTheyStand) {
  const auto all = read_extensions(leaf_);
  ASSERT_TRUE(all);
  const auto usage =
      std::ranges::find(*all, std::string("2.5.29.15"), [](const Extension& e) { return e.oid; });
  ASSERT_NE(usage, all->end());
  EXPECT_EQ(usage->value, (Bytes{0x03, 0x02, 0x03, 0x88}));
  EXPECT_FALSE(read_extensions(Bytes{0x30}));
}

TEST(DerText, IsTextAndNothingElse) {
  EXPECT_EQ(der_text(Bytes{0x0c, 3, 'a', 0xc3, 0xa9}), "aé");
  EXPECT_EQ(der_text(Bytes{0x13, 2, 'a', 'b'}), "ab");
  EXPECT_EQ(der_text(Bytes{0x1e, 2, 0, 'a'}), "a");
  EXPECT_EQ(der_text(Bytes{0x0c, 3, 'a', 'b'}), std::nullopt);
  EXPECT_EQ(der_text(Bytes{0x0c, 1, 'a', 'b'}), std::nullopt);
  EXPECT_EQ(der_text(Bytes{0x04, 1, 'a'}), std::nullopt);
  EXPECT_EQ(der_text(Bytes{0x30, 0}), std::nullopt);
  EXPECT_EQ(der_text({}), std::nullopt);
}

class ForeignCrl : public testing::Test {
 protected:
  Bytes list(std::vector<Bytes> serials, std::optional<std::uint64_t> base = {}) const {
    Bytes entries;
    for (Bytes& serial : serials) {
      append_crl_entry(entries,
                       {std::move(serial), sample_now(), RevocationReason::key_compromise});
    }
    return *build_crl({.issuer_name = root_.certificate.subject_der,
                       .authority_key_id = root_.certificate.subject_key_id,
                       .this_update = sample_now(),
                       .next_update = sample_now() + std::chrono::hours(1),
                       .number = 1,
                       .base_number = base},
                      entries,
                      root_.key,
                      root_.scheme);
  }

  const SampleAuthority root_{KeyKind::ecdsa_p256};
};

TEST_F(ForeignCrl, NamesWhatIsRevoked) {
  const Bytes der = list({{9}, {0x81, 2}});
  const auto read = parse_crl(der);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->serials, (std::vector<Bytes>{{9}, {0x81, 2}}));
  EXPECT_EQ(read->issuer_der, root_.certificate.subject_der);
  EXPECT_EQ(read->next_update, sample_now() + std::chrono::hours(1));
  EXPECT_TRUE(is_list_of(der, root_.certificate));
  EXPECT_EQ(*crl_from_pem(crl_pem(der)), der);
}

TEST_F(ForeignCrl, IsItsIssuersOnly) {
  const Bytes der = list({{9}});
  EXPECT_FALSE(is_list_of(der, SampleAuthority(KeyKind::ecdsa_p256).certificate))
      << "another key of the same name";
  Certificate other = root_.certificate;
  other.usage = key_usage::kCertSign;
  EXPECT_FALSE(is_list_of(der, other)) << "may not sign lists";
  Bytes changed = der;
  changed.back() ^= 1;
  EXPECT_FALSE(is_list_of(changed, root_.certificate));
}

TEST_F(ForeignCrl, IsRefusedInPartsCutOrWithMoreBehindIt) {
  EXPECT_FALSE(parse_crl(list({{9}}, 1))) << "a delta";
  Bytes der = list({{9}});
  der.push_back(0);
  EXPECT_FALSE(parse_crl(der));
  der.resize(der.size() - 2);
  EXPECT_FALSE(parse_crl(der));
  EXPECT_FALSE(parse_crl({}));
  EXPECT_FALSE(parse_crl(root_.certificate.der));
}

}  // namespace
}  // namespace coffer::crypto
