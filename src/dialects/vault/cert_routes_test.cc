// auth/cert from request to reply. Who gets in is the matter of domain/certauth.
#include "crypto/certificate_pem.h"
#include "crypto/certificate_samples.h"
#include "crypto/crl.h"
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

std::string json_text(std::string_view text) {
  secure::SecureText out;
  formats::JsonWriter w(out);
  w.string(text);
  return std::string(out.text());
}

struct CertGate : TestGate {
  CertGate() {
    clock.advance(crypto::sample_now() - clock.now());
    as_root("POST", "/v1/sys/auth/cert", R"({"type":"cert"})");
  }

  Bytes client(std::uint8_t serial = 9) {
    crypto::CertificateTemplate leaf = crypto::sample_leaf(*key);
    leaf.serial = {serial};
    leaf.extended_usage = {"1.3.6.1.5.5.7.3.2"};
    return authority.issue(leaf);
  }

  TestAnswer trust(std::string_view more = "") {
    return as_root("POST",
                   "/v1/auth/cert/certs/web",
                   R"({"certificate":)" +
                       json_text(crypto::certificate_pem(authority.certificate.der)) +
                       R"(,"token_policies":"dev")" + std::string(more) + "}");
  }

  TestAnswer log_in(std::string_view body = "{}") {
    return call("POST", "/v1/auth/cert/login", body, "");
  }

  void show(Bytes certificate) {
    certificates = std::make_shared<const std::vector<Bytes>>(1, std::move(certificate));
  }

  const crypto::SampleAuthority authority{crypto::KeyKind::ecdsa_p256};
  const Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256);
};

TEST(CertRoutes, ARoleIsKeptListedAndRemoved) {
  CertGate gate;
  ASSERT_EQ(
      gate.trust(R"(,"allowed_names":["a","b"],"display_name":"shown","token_ttl":60)").status,
      204);
  const TestAnswer read = gate.as_root("GET", "/v1/auth/cert/certs/web");
  EXPECT_EQ(read.text("data", "allowed_names"), R"(["a","b"])");
  EXPECT_EQ(read.text("data", "allowed_uri_sans"), "[]");
  EXPECT_EQ(read.text("data", "display_name"), "shown");
  EXPECT_EQ(read.text("data", "token_policies"), R"(["dev"])");
  EXPECT_EQ(read.text("data", "token_ttl"), "60");
  EXPECT_TRUE(read.text("data", "certificate").starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/cert/certs/web", R"({"token_ttl":"2m"})").status, 204);
  const TestAnswer again = gate.as_root("GET", "/v1/auth/cert/certs/web");
  EXPECT_EQ(again.text("data", "token_ttl"), "120");
  EXPECT_EQ(again.text("data", "allowed_names"), R"(["a","b"])") << "what was not named stays";
  EXPECT_EQ(gate.as_root("LIST", "/v1/auth/cert/certs").text("data", "keys"), R"(["web"])");
  EXPECT_EQ(gate.as_root("DELETE", "/v1/auth/cert/certs/web").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/cert/certs/web").status, 404);
}

TEST(CertRoutes, ChecksThatAreNotMadeAreRefused) {
  CertGate gate;
  EXPECT_EQ(gate.trust(R"(,"ocsp_enabled":true)").status, 400);
  EXPECT_EQ(gate.trust(R"(,"ocsp_servers_override":"http://o")").status, 400);
  EXPECT_EQ(gate.trust(R"(,"ocsp_enabled":false,"ocsp_fail_open":true)").status, 204);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/cert/crls/x", R"({"url":"http://c"})").status, 400);
  EXPECT_EQ(gate.as_root("POST", "/v1/auth/cert/certs/y", "{}").error(),
            "failed to parse certificate");
}

TEST(CertRoutes, SettingsAreKept) {
  CertGate gate;
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/cert/config").text("data", "disable_binding"), "false");
  ASSERT_EQ(gate.as_root("POST", "/v1/auth/cert/config", R"({"disable_binding":true})").status,
            204);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/cert/config").text("data", "disable_binding"), "true");
}

TEST(CertRoutes, AConnectionWithoutTlsOrCertificateLogsInNobody) {
  CertGate gate;
  gate.trust();
  EXPECT_EQ(gate.log_in().error(), "tls connection required");
  gate.certificates = std::make_shared<const std::vector<Bytes>>();
  EXPECT_EQ(gate.log_in().error(), "client certificate must be supplied");
  gate.show(gate.client());
  EXPECT_EQ(gate.log_in(R"({"name":"other"})").error(),
            "invalid certificate or no client certificate supplied");
}

TEST(CertRoutes, ALoginIsRecordedWithItsCertificate) {
  CertGate gate;
  gate.trust();
  gate.show(gate.client());
  gate.events();
  const TestAnswer in = gate.log_in();
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.text("auth", "metadata", "cert_name"), "web");
  EXPECT_EQ(in.text("auth", "metadata", "serial_number"), "9");
  const auto events = gate.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, proof::EventType::auth_login);
  EXPECT_EQ(events[0].actor_type, "cert");
  EXPECT_EQ(events[0].actor_name, "cert-web");
  EXPECT_TRUE(std::ranges::any_of(events[0].facts, [](const proof::Fact& fact) {
    return fact.name == "certificate_sha256" && fact.value.size() == 64;
  }));
}

// CVE-2026-39388, by every way to renew a token.
TEST(CertRoutes, NoRouteRenewsATokenForAnotherCertificate) {
  CertGate gate;
  gate.trust();
  // A policy that is named and missing would deny everything.
  ASSERT_EQ(
      gate.as_root("POST", "/v1/sys/policies/acl/dev", R"({"policy":"path \"a\" {}"})").status,
      204);
  const Bytes own = gate.client(9);
  gate.show(own);
  const TestAnswer in = gate.log_in();
  const std::string token = in.text("auth", "client_token");
  const std::string accessor = in.text("auth", "accessor");
  const TestAnswer looked = gate.as_root(
      "POST", "/v1/auth/token/lookup-accessor", R"({"accessor":")" + accessor + R"("})");
  const TestAnswer leases = gate.as_root("LIST", "/v1/sys/leases/lookup/auth/cert/login");
  const std::string listed = leases.text("data", "keys");
  const auto keys = formats::JsonView::parse(listed);
  ASSERT_TRUE(keys && !keys->elements().empty()) << leases.body << looked.body;
  const std::string lease = "auth/cert/login/" + *keys->elements().front().string();
  const auto renewals = [&] {
    return std::vector<int>{
        gate.call("POST", "/v1/auth/token/renew-self", "{}", token).status,
        gate.as_root("POST", "/v1/auth/token/renew", R"({"token":")" + token + R"("})").status,
        gate.as_root(
                "POST", "/v1/auth/token/renew-accessor", R"({"accessor":")" + accessor + R"("})")
            .status,
        gate.as_root("POST", "/v1/sys/leases/renew", R"({"lease_id":")" + lease + R"("})").status};
  };
  EXPECT_EQ(renewals(), (std::vector<int>(4, 200)));
  gate.show(gate.client(10));
  EXPECT_EQ(renewals(), (std::vector<int>(4, 400)));
  gate.certificates = nullptr;
  EXPECT_EQ(renewals(), (std::vector<int>(4, 400)));
  gate.show(own);
  EXPECT_EQ(renewals(), (std::vector<int>(4, 200)));
}

TEST(CertRoutes, AListIsLoadedShownAndRemoved) {
  CertGate gate;
  gate.trust();
  gate.show(gate.client(13));
  Bytes entries;
  crypto::append_crl_entry(entries,
                           {{13}, crypto::sample_now(), crypto::RevocationReason::key_compromise});
  const Bytes der =
      *crypto::build_crl({.issuer_name = gate.authority.certificate.subject_der,
                          .authority_key_id = gate.authority.certificate.subject_key_id,
                          .this_update = crypto::sample_now(),
                          .next_update = crypto::sample_now() + std::chrono::hours(9),
                          .number = 1,
                          .base_number = {}},
                         entries,
                         gate.authority.key,
                         gate.authority.scheme);
  const std::string body = R"({"crl":)" + json_text(crypto::crl_pem(der)) + "}";
  EXPECT_EQ(gate.log_in().status, 200);
  ASSERT_EQ(gate.as_root("POST", "/v1/auth/cert/crls/first", body).status, 204);
  EXPECT_EQ(gate.log_in().status, 400);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/cert/crls/first").text("data", "serials"),
            R"({"13":{}})");
  EXPECT_EQ(gate.as_root("LIST", "/v1/auth/cert/crls").text("data", "keys"), R"(["first"])");
  EXPECT_EQ(gate.as_root("DELETE", "/v1/auth/cert/crls/first").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/auth/cert/crls/first").status, 404);
  EXPECT_EQ(gate.log_in().status, 200);
}

}  // namespace
}  // namespace coffer::dialects::vault
