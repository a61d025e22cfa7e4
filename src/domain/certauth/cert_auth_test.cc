// Who gets in with a client certificate, and every way in which one should not.
#include "domain/certauth/cert_auth.h"

#include "crypto/certificate_pem.h"
#include "crypto/certificate_samples.h"
#include "crypto/crl.h"
#include "domain/auth/auth_world.h"
#include "domain/pki/authority.h"
#include "domain/pki/revocations.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using crypto::CertificateTemplate;
using crypto::KeyKind;
using crypto::PrivateKey;
using crypto::SampleAuthority;
using std::chrono::hours;

class CertLogin : public testing::Test {
 protected:
  CertLogin() {
    world_.clock.advance(crypto::sample_now() - world_.clock.now());
    trust("web", crypto::certificate_pem(root_.certificate.der));
  }

  CertificateTemplate leaf() const {
    CertificateTemplate out = crypto::sample_leaf(*key_);
    out.extended_usage = {"1.3.6.1.5.5.7.3.2"};
    out.subject.add(crypto::attribute::kOrganizationalUnit, "ops");
    return out;
  }

  Mount mount() { return world_.mount("cert/"); }

  Result<> write(std::string_view name, CertRoleRow row) {
    work::View view = world_.view();
    const Mount at = mount();
    COFFER_CHECK(CertAuth(view, at).write_role(name, std::move(row)));
    return world_.commit(view);
  }

  void trust(std::string_view name, std::string pem, CertConstraints constraints = {}) {
    CertRoleRow row;
    row.pem = std::move(pem);
    row.constraints = std::move(constraints);
    row.token->policies = {"dev"};
    const Result<> written = write(name, std::move(row));
    ASSERT_TRUE(written) << written.error().message;
  }

  // The token of a login, or why there is none.
  Result<TokenRow> log_in(const std::vector<Bytes>& shown, std::string_view role = "") {
    work::View view = world_.view();
    const Mount at = mount();
    CertAuth auth(view, at);
    COFFER_TRY(const auto accepted, auth.accept(&shown, role));
    COFFER_TRY(IssuedToken issued, auth.issue(accepted, "auth/cert/", "127.0.0.1"));
    COFFER_CHECK(world_.commit(view));
    return std::move(issued.row);
  }

  bool enters(const Bytes& shown, std::string_view role = "") {
    return log_in({shown}, role).has_value();
  }

  Result<TokenRow> renew(const TokenRow& token, const std::vector<Bytes>* shown) {
    work::View view = world_.view();
    const Mount at = mount();
    COFFER_TRY(const Bytes binding, CertAuth(view, at).renewal(token, shown));
    return Tokens(view).renew(token, {}, binding);
  }

  Result<> load(const SampleAuthority& issuer,
                const std::vector<Bytes>& serials,
                Duration lasts = hours(1),
                std::string_view name = "list") {
    Bytes entries;
    for (const Bytes& serial : serials) {
      crypto::append_crl_entry(
          entries, {serial, crypto::sample_now(), crypto::RevocationReason::key_compromise});
    }
    COFFER_TRY(Bytes der,
               crypto::build_crl({.issuer_name = issuer.certificate.subject_der,
                                  .authority_key_id = issuer.certificate.subject_key_id,
                                  .this_update = crypto::sample_now() - hours(2),
                                  .next_update = crypto::sample_now() + lasts,
                                  .number = 1,
                                  .base_number = {}},
                                 entries,
                                 issuer.key,
                                 issuer.scheme));
    work::View view = world_.view();
    const Mount at = mount();
    COFFER_CHECK(CertAuth(view, at).write_list(name, std::move(der)));
    return world_.commit(view);
  }

  bool fits(CertConstraints constraints) {
    trust("narrow", crypto::certificate_pem(root_.certificate.der), std::move(constraints));
    return enters(own_, "narrow");
  }

  AuthWorld world_;
  const SampleAuthority root_{KeyKind::ecdsa_p256};
  const Result<PrivateKey> key_ = PrivateKey::generate(KeyKind::ecdsa_p256);
  const Bytes own_ = root_.issue(leaf());
};

TEST_F(CertLogin, GivesATokenThatSaysWhoseItIs) {
  const auto token = log_in({own_});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(*token->policies, (std::vector<std::string>{"default", "dev"}));
  EXPECT_EQ(*token->display_name, "cert-web");
  EXPECT_EQ(token->meta->at("cert_name"), "web");
  EXPECT_EQ(token->meta->at("common_name"), "www.example.com");
  EXPECT_EQ(token->meta->at("serial_number"), "2164392708") << "0x81020304";
  EXPECT_TRUE(token->meta->at("authority_key_id").contains(':'));
  EXPECT_EQ(token->binding->size(), 32U);
  EXPECT_FALSE(token->entity_id->empty());
}

TEST_F(CertLogin, NeedsACertificateAndARole) {
  EXPECT_EQ(log_in({}).error().message, "client certificate must be supplied");
  EXPECT_TRUE(enters(own_, "web"));
  EXPECT_TRUE(enters(own_, "WEB"));
  EXPECT_FALSE(enters(own_, "other"));
  work::View view = world_.view();
  const Mount at = mount();
  EXPECT_FALSE(CertAuth(view, at).accept(nullptr, ""));
}

// CVE-2024-2048, CVE-2025-6037.
TEST_F(CertLogin, AForgedCertificateWithTheSameSubjectAndSerialIsRefused) {
  const SampleAuthority forger(KeyKind::ecdsa_p256);
  const auto forged_key = PrivateKey::generate(KeyKind::ecdsa_p256);
  CertificateTemplate same = leaf();
  same.public_key_der = forged_key->public_key().der();
  same.authority_key_id = root_.certificate.subject_key_id;
  const Bytes forged =
      *crypto::build_certificate(same, root_.certificate.subject_der, forger.key, forger.scheme);
  EXPECT_FALSE(enters(forged));
  EXPECT_FALSE(log_in({forged, forger.certificate.der}));
  trust("pinned", crypto::certificate_pem(own_));
  EXPECT_TRUE(enters(own_, "pinned"));
  EXPECT_FALSE(enters(forged, "pinned"))
      << "name, serial number and key ids are not the certificate";
  // The same key, name and number, signed by somebody else.
  CertificateTemplate resigned = leaf();
  resigned.authority_key_id = root_.certificate.subject_key_id;
  EXPECT_FALSE(enters(*crypto::build_certificate(
                          resigned, root_.certificate.subject_der, forger.key, forger.scheme),
                      "pinned"));
}

TEST_F(CertLogin, ACertificateThatIsTrustedAsItselfVouchesForNobody) {
  trust("pinned", crypto::certificate_pem(own_));
  const crypto::Certificate pinned = *crypto::parse_certificate(own_);
  const auto other = PrivateKey::generate(KeyKind::ecdsa_p256);
  CertificateTemplate below = crypto::sample_leaf(*other);
  below.extended_usage = {"1.3.6.1.5.5.7.3.2"};
  below.authority_key_id = pinned.subject_key_id;
  const Bytes signed_by_it = *crypto::build_certificate(
      below, pinned.subject_der, *key_, *crypto::scheme_for(key_->kind(), 0, false));
  EXPECT_FALSE(enters(signed_by_it, "pinned"));
  EXPECT_FALSE(log_in({signed_by_it, own_}));
}

TEST_F(CertLogin, AServersCertificateAndOneOutOfItsTimeAreRefused) {
  EXPECT_FALSE(enters(root_.issue(crypto::sample_leaf(*key_)))) << "for servers";
  CertificateTemplate over = leaf();
  over.not_after = crypto::sample_now() - hours(1);
  const Bytes expired = root_.issue(over);
  EXPECT_FALSE(enters(expired));
  trust("pinned", crypto::certificate_pem(expired));
  EXPECT_FALSE(enters(expired, "pinned"));
}

TEST_F(CertLogin, AListThatIsLoadedRevokes) {
  ASSERT_TRUE(load(root_, {{1, 2, 3}}));
  EXPECT_TRUE(enters(own_));
  ASSERT_TRUE(load(root_, {leaf().serial}));
  EXPECT_FALSE(enters(own_));
  trust("pinned", crypto::certificate_pem(own_));
  EXPECT_FALSE(enters(own_, "pinned")) << "also where nobody vouches";
  work::View view = world_.view();
  const Mount at = mount();
  ASSERT_TRUE(CertAuth(view, at).remove_list("list"));
  ASSERT_TRUE(world_.commit(view));
  EXPECT_TRUE(enters(own_));
}

TEST_F(CertLogin, AListOfAnotherIssuerRevokesNothing) {
  const SampleAuthority other(KeyKind::ecdsa_p256);  // of the same name
  ASSERT_TRUE(load(other, {leaf().serial}));
  EXPECT_TRUE(enters(own_));
}

TEST_F(CertLogin, AnIssuerWhoseListsAreAllOutOfDateLetsNobodyIn) {
  ASSERT_TRUE(load(root_, {}, -hours(1)));
  EXPECT_FALSE(enters(own_));
  ASSERT_TRUE(load(root_, {}, hours(1), "newer"));
  EXPECT_TRUE(enters(own_));
  ASSERT_TRUE(load(root_, {leaf().serial}, -hours(1)));
  EXPECT_FALSE(enters(own_)) << "what was revoked stays so";
}

TEST_F(CertLogin, WhatOurOwnAuthorityRevokedIsRefusedStoredOrNot) {
  Mount pki;
  pki.path = "pki/";
  pki.engine = Engine::pki;
  {
    work::View view = world_.view();
    ASSERT_TRUE(Mounts(view).add(MountKind::secret, pki));
    ASSERT_TRUE(world_.commit(view));
  }
  {
    work::View view = world_.view();
    pki = *AuthWorld::value(Mounts(view).resolve(MountKind::secret, "pki/")).mount;
    ASSERT_TRUE(Authority(view, pki).add_issuer(root_.certificate, "root"));
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_TRUE(enters(own_));
  CrlBoard board;
  {
    work::View view = world_.view();
    ASSERT_TRUE(
        Revocations(view, pki, board)
            .revoke(*crypto::parse_certificate(own_), crypto::RevocationReason::superseded));
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_FALSE(enters(own_));
  CertificateTemplate another = leaf();
  another.serial = {7};
  EXPECT_TRUE(enters(root_.issue(another)));
}

// CVE-2026-39388.
TEST_F(CertLogin, AnotherCertificateDoesNotRenewTheToken) {
  const auto token = log_in({own_});
  ASSERT_TRUE(token);
  CertificateTemplate again = leaf();  // the same key and name, a certificate of its own
  again.serial = {8};
  const std::vector<Bytes> other{root_.issue(again)};
  const std::vector<Bytes> own{own_};
  EXPECT_TRUE(enters(other.front()));
  EXPECT_FALSE(renew(*token, &other));
  EXPECT_FALSE(renew(*token, nullptr));
  EXPECT_TRUE(renew(*token, &own));
  work::View view = world_.view();
  EXPECT_FALSE(Tokens(view).renew(*token, {})) << "whoever forgets to ask is refused";
  EXPECT_TRUE(Tokens(view).renew(*token, {}, *token->binding));
}

TEST_F(CertLogin, ATokenIsNotRenewedOnceItsCertificateOrRoleIsNot) {
  const auto token = log_in({own_});
  ASSERT_TRUE(token);
  const std::vector<Bytes> own{own_};
  ASSERT_TRUE(load(root_, {leaf().serial}));
  EXPECT_FALSE(renew(*token, &own));
  ASSERT_TRUE(load(root_, {}));
  EXPECT_TRUE(renew(*token, &own));
  CertRoleRow changed;
  changed.pem = crypto::certificate_pem(root_.certificate.der);
  changed.token->policies = {"other"};
  ASSERT_TRUE(write("web", std::move(changed)));
  EXPECT_EQ(renew(*token, &own).error().message, "policies have changed, not renewing");
  work::View view = world_.view();
  const Mount at = mount();
  ASSERT_TRUE(CertAuth(view, at).remove_role("web"));
  ASSERT_TRUE(world_.commit(view));
  EXPECT_FALSE(renew(*token, &own));
}

TEST_F(CertLogin, WithoutBindingARenewalNeedsNoCertificate) {
  const auto token = log_in({own_});
  ASSERT_TRUE(token);
  work::View view = world_.view();
  const Mount at = mount();
  CertConfigRow settings;
  settings.disable_binding = true;
  ASSERT_TRUE(CertAuth(view, at).write_config(settings));
  ASSERT_TRUE(world_.commit(view));
  EXPECT_TRUE(renew(*token, nullptr));
}

TEST_F(CertLogin, ConstraintsHoldEachForItself) {
  EXPECT_TRUE(fits({}));
  EXPECT_TRUE(fits({.names = {"nobody", "*.example.com"}}));
  EXPECT_TRUE(fits({.names = {"ops@*"}}));
  EXPECT_FALSE(fits({.names = {"*.example.org"}}));
  EXPECT_TRUE(fits({.common_names = {"www.*"}}));
  EXPECT_FALSE(fits({.common_names = {"ops@example.com"}}));
  EXPECT_TRUE(fits({.dns_sans = {"www.example.com"}}));
  EXPECT_FALSE(fits({.dns_sans = {"www.example.co"}}));
  EXPECT_TRUE(fits({.email_sans = {"*@example.com"}}));
  EXPECT_FALSE(fits({.email_sans = {"www.example.com"}}));
  EXPECT_TRUE(fits({.uri_sans = {"spiffe://example/*"}}));
  EXPECT_FALSE(fits({.uri_sans = {"spiffe://other/*"}}));
  EXPECT_TRUE(fits({.organizational_units = {"dev", "ops"}}));
  EXPECT_FALSE(fits({.organizational_units = {"dev"}}));
  EXPECT_TRUE(fits({.required_extensions = {"hex:2.5.29.15:030203*"}}));
  EXPECT_FALSE(fits({.required_extensions = {"hex:2.5.29.15:030203*", "1.2.3.4:*"}}));
  EXPECT_FALSE(fits({.required_extensions = {"2.5.29.15:*"}})) << "which is no text";
  EXPECT_FALSE(fits({.common_names = {"www.*"}, .uri_sans = {"x"}})) << "all of them";
}

TEST_F(CertLogin, RolesAreNotMadeOfRubbish) {
  const std::string good = crypto::certificate_pem(root_.certificate.der);
  const auto refused = [&](auto change) {
    CertRoleRow row;
    row.pem = good;
    change(row);
    return !write("r", std::move(row));
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& r) { r.pem = std::string(); }));
  EXPECT_TRUE(refused([](auto& r) { r.pem = std::string("-----BEGIN CERTIFICATE-----"); }));
  EXPECT_TRUE(refused([&](auto& r) { *r.pem += key_->pem().text(); })) << "a private key";
  EXPECT_TRUE(refused([](auto& r) { r.pem = std::string(kMaxTrustedPem + 1, 'a'); }));
  EXPECT_TRUE(refused([](auto& r) { r.constraints->required_extensions = {"1.2.3"}; }));
  EXPECT_TRUE(refused([](auto& r) { r.constraints->required_extensions = {"x:y"}; }));
  EXPECT_TRUE(refused([](auto& r) { r.constraints->metadata_extensions = {"x"}; }));
  EXPECT_TRUE(refused([](auto& r) { r.constraints->names.assign(65, "a"); }));
  EXPECT_TRUE(refused([](auto& r) { r.token->policies = {"Root"}; }));
  work::View view = world_.view();
  const Mount at = mount();
  EXPECT_FALSE(CertAuth(view, at).write_role("a/b", {}));
  EXPECT_FALSE(CertAuth(view, at).write_list("l", root_.certificate.der)) << "no list";
}

TEST_F(CertLogin, AddressesAreThoseOfTheRole) {
  CertRoleRow row;
  row.pem = crypto::certificate_pem(root_.certificate.der);
  row.token->bound_cidrs = {"10.0.0.0/8"};
  ASSERT_TRUE(write("bound", std::move(row)));
  EXPECT_EQ(log_in({own_}, "bound").error().code, Code::permission_denied);
}

}  // namespace
}  // namespace coffer::domain
