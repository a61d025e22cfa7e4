// The certificate authority through the whole gate.
#include "base/encoding.h"
#include "crypto/certificate_pem.h"
#include "crypto/certificate_samples.h"
#include "crypto/csr.h"
#include "dialects/vault/test_gate.h"
#include "domain/pki/pki_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using proof::EventType;

std::string escaped(std::string_view text) {
  secure::SecureText out;
  formats::JsonWriter(out).string(text);
  return std::string(out.text());
}

crypto::Certificate certificate_of(std::string_view pem) {
  const auto der = crypto::certificate_from_pem(pem);
  const auto certificate = der ? crypto::parse_certificate(*der)
                               : Result<crypto::Certificate>(std::unexpected(der.error()));
  if (!certificate) throw std::runtime_error(certificate.error().message);
  return *certificate;
}

class Pki : public testing::Test {
 protected:
  Pki() {
    gate_.clock.advance(std::chrono::seconds(0));
    EXPECT_EQ(gate_.as_root("POST", "/v1/sys/mounts/pki", R"({"type":"pki"})").status, 204);
  }

  TestAnswer write(std::string_view path, std::string_view body = "{}") {
    return gate_.as_root("POST", "/v1/pki/" + std::string(path), body);
  }

  TestAnswer read(std::string_view path) {
    return gate_.as_root("GET", "/v1/pki/" + std::string(path));
  }

  // Without a token.
  TestAnswer fetch(std::string_view path) {
    return gate_.call("GET", "/v1/pki/" + std::string(path), "", "");
  }

  TestAnswer make_root(std::string_view more = "") {
    return write("root/generate/internal",
                 R"({"common_name":"Root","key_type":"ec")" + std::string(more) + "}");
  }

  void make_role(std::string_view more = "") {
    const TestAnswer made = write(
        "roles/web",
        R"({"allowed_domains":"example.com","allow_subdomains":true,"key_type":"ec","max_ttl":"24h")" +
            std::string(more) + "}");
    EXPECT_EQ(made.status, 200) << made.body;
  }

  TestAnswer issue(std::string_view name = "www.example.com") {
    return write("issue/web", R"({"common_name":)" + escaped(name) + "}");
  }

  // The DER of the list, fetched as a stranger does.
  Bytes list() {
    const TestAnswer answer = fetch("crl");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, "application/pkix-crl");
    return to_bytes(answer.body);
  }

  static bool lists(const Bytes& crl, const std::string& serial) {
    const Bytes number = *domain::parse_serial(serial);
    return !std::ranges::search(crl, number).empty();
  }

  TestGate gate_;
};

TEST_F(Pki, MakesARootAndShowsItToEverybody) {
  EXPECT_EQ(fetch("ca/pem").status, 204) << "no authority yet";
  const TestAnswer made = make_root(R"(,"issuer_name":"first","ttl":"100h")");
  ASSERT_EQ(made.status, 200) << made.body;
  const crypto::Certificate root = certificate_of(made.text("data", "certificate"));
  EXPECT_TRUE(root.is_authority());
  EXPECT_EQ(root.subject.first(crypto::attribute::kCommonName), "Root");
  EXPECT_EQ(root.serial.size(), 20U);
  EXPECT_EQ(made.text("data", "serial_number"), domain::serial_text(root.serial));
  EXPECT_EQ(made.text("data", "private_key"), "") << "internal keys stay inside";
  EXPECT_EQ(fetch("ca").body, as_text(root.der));
  EXPECT_EQ(fetch("ca").content_type, "application/pkix-cert");
  EXPECT_EQ(fetch("ca/pem").body, made.text("data", "certificate"));
  EXPECT_EQ(fetch("ca/pem").content_type, "application/pem-certificate-chain");
  EXPECT_EQ(fetch("ca_chain").body, made.text("data", "certificate"));
  EXPECT_EQ(fetch("cert/ca").text("data", "certificate"), made.text("data", "certificate"));
  EXPECT_EQ(read("issuer/first").text("data", "issuer_id"), made.text("data", "issuer_id"));
  EXPECT_EQ(read("issuer/default").text("data", "issuer_id"), made.text("data", "issuer_id"));
}

TEST_F(Pki, GeneratesRsaKeysOffTheLoop) {
  const TestAnswer made =
      write("root/generate/exported", R"({"common_name":"Root","key_type":"rsa"})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_TRUE(made.text("data", "private_key").starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  const auto keys = crypto::read_pem_bundle(made.text("data", "private_key"));
  ASSERT_EQ(keys->keys.size(), 1U);
  EXPECT_EQ(keys->keys[0].public_key().der(),
            certificate_of(made.text("data", "certificate")).public_key_der);
  EXPECT_EQ(gate_.as_root("LIST", "/v1/pki/keys").text("data", "keys").size(), 40U) << "one id";
}

TEST_F(Pki, IssuesByRoleAndRefusesWhatTheRoleDoesNotAllow) {
  make_root();
  make_role();
  const TestAnswer issued = issue();
  ASSERT_EQ(issued.status, 200) << issued.body;
  const crypto::Certificate leaf = certificate_of(issued.text("data", "certificate"));
  const crypto::Certificate root = certificate_of(issued.text("data", "issuing_ca"));
  EXPECT_TRUE(crypto::is_issued_by(leaf, root));
  EXPECT_EQ(leaf.names.dns, (std::vector<std::string>{"www.example.com"}));
  EXPECT_FALSE(leaf.is_authority());
  EXPECT_EQ(leaf.not_after - leaf.not_before, std::chrono::hours(24) + std::chrono::seconds(30));
  EXPECT_TRUE(issued.text("data", "private_key").starts_with("-----BEGIN EC PRIVATE KEY-----"));
  EXPECT_EQ(issue("example.org").status, 400);
  EXPECT_EQ(issue("example.com").status, 400) << "bare";
  EXPECT_EQ(write("issue/none", R"({"common_name":"www.example.com"})").status, 400);
  const std::string serial = issued.text("data", "serial_number");
  EXPECT_EQ(fetch("cert/" + serial).text("data", "certificate"),
            issued.text("data", "certificate"));
  EXPECT_EQ(fetch("cert/" + serial + "/raw").body, as_text(leaf.der));
  EXPECT_EQ(fetch("cert/01:02").status, 404);
  EXPECT_TRUE(gate_.as_root("LIST", "/v1/pki/certs").body.contains(serial));
}

TEST_F(Pki, HoldsNamesOfACsrToTheSameFilter) {
  make_root();
  make_role(R"(,"allow_ip_sans":false,"allowed_uri_sans":"spiffe://example/*")");
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256);
  const auto sign = [&](auto change) {
    crypto::CsrTemplate asked;
    asked.subject.add(crypto::attribute::kCommonName, "a.example.com");
    change(asked);
    const auto der = crypto::build_csr(asked, *key, {});
    return write("sign/web", R"({"csr":)" + escaped(crypto::csr_pem(*der)) + "}");
  };
  const TestAnswer good = sign([](auto& asked) { asked.names.uri = {"spiffe://example/x"}; });
  ASSERT_EQ(good.status, 200) << good.body;
  const auto leaf = certificate_of(good.text("data", "certificate"));
  EXPECT_EQ(leaf.public_key_der, key->public_key().der());
  EXPECT_EQ(good.text("data", "private_key"), "");
  EXPECT_EQ(sign([](auto& asked) { asked.names.ip = {{10, 0, 0, 1}}; }).status, 400);
  EXPECT_EQ(sign([](auto& asked) { asked.names.uri = {"spiffe://other/x"}; }).status, 400);
  EXPECT_EQ(sign([](auto& asked) { asked.names.email = {"u@evil.test"}; }).status, 400);
  EXPECT_EQ(sign([](auto& asked) { asked.names.other = {{"1.2.3", "u"}}; }).status, 400);
  EXPECT_EQ(sign([](auto& asked) { asked.names.dns = {"evil.test"}; }).status, 400);
  const auto verbatim = crypto::build_csr({.subject = {{{"2.5.4.10", "Any"}}}}, *key, {});
  EXPECT_EQ(
      write("sign-verbatim", R"({"ttl":"1h","csr":)" + escaped(crypto::csr_pem(*verbatim)) + "}")
          .status,
      200);
}

TEST_F(Pki, NoCertificateOutlivesItsIssuerUnlessTheIssuerSaysSo) {
  const TestAnswer made = make_root(R"(,"ttl":"2h")");
  const crypto::Certificate root = certificate_of(made.text("data", "certificate"));
  make_role();
  EXPECT_EQ(issue().status, 400);
  EXPECT_TRUE(issue().error().contains("beyond the expiration of the CA certificate"));
  write("issuer/default", R"({"leaf_not_after_behavior":"truncate"})");
  EXPECT_EQ(certificate_of(issue().text("data", "certificate")).not_after, root.not_after);
  write("issuer/default", R"({"leaf_not_after_behavior":"permit"})");
  EXPECT_GT(certificate_of(issue().text("data", "certificate")).not_after, root.not_after);
}

TEST_F(Pki, TheListHasWhatWasRevokedAsSoonAsItIsRevoked) {
  make_root();
  make_role();
  const std::string first = issue().text("data", "serial_number");
  const std::string second = issue().text("data", "serial_number");
  EXPECT_FALSE(lists(list(), first));
  const TestAnswer revoked =
      write("revoke", R"({"serial_number":")" + first + R"(","reason":"keyCompromise"})");
  ASSERT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_EQ(revoked.text("data", "state"), "revoked");
  EXPECT_TRUE(lists(list(), first));
  EXPECT_FALSE(lists(list(), second));
  EXPECT_TRUE(fetch("crl/pem").body.starts_with("-----BEGIN X509 CRL-----"));
  EXPECT_EQ(fetch("cert/" + first).text("data", "revocation_time"),
            revoked.text("data", "revocation_time"));
  EXPECT_EQ(fetch("cert/" + second).text("data", "revocation_time"), "0");
  const TestAnswer again = write("revoke", R"({"serial_number":")" + first + R"("})");
  EXPECT_EQ(again.text("data", "revocation_time"), revoked.text("data", "revocation_time"));
  EXPECT_EQ(write("revoke", R"({"serial_number":"01:02"})").status, 400);
  EXPECT_EQ(write("revoke", R"({"serial_number":")" + second + R"(","reason":"hold"})").status,
            400);
  EXPECT_EQ(read("crl/rotate").text("data", "success"), "true");
  EXPECT_TRUE(lists(list(), first)) << "also in a list that is made from the rows";
  EXPECT_TRUE(gate_.as_root("LIST", "/v1/pki/certs/revoked").body.contains(first));
}

TEST_F(Pki, WhatWasRevokedIsListedInPages) {
  make_root();
  make_role();
  std::vector<std::string> serials;
  for (int i = 0; i < 3; ++i) {
    serials.push_back(issue().text("data", "serial_number"));
    EXPECT_EQ(write("revoke", R"({"serial_number":")" + serials.back() + R"("})").status, 200);
  }
  std::ranges::sort(serials);
  const auto page = [&](const std::string& query) {
    return gate_.as_root("LIST", "/v1/pki/certs/revoked?" + query);
  };
  const auto keys = [](std::string_view first, std::string_view second) {
    return R"([")" + std::string(first) + R"(",")" + std::string(second) + R"("])";
  };
  EXPECT_EQ(page("limit=2").text("data", "keys"), keys(serials[0], serials[1]));
  EXPECT_EQ(page("after=" + serials[0]).text("data", "keys"), keys(serials[1], serials[2]));
  EXPECT_EQ(page("after=" + serials[1] + "&limit=2").text("data", "keys"),
            R"([")" + serials[2] + R"("])");
  EXPECT_EQ(page("after=01:02").status, 400);
}

// Checklist D and G: the same serial number and issuer name do not make it the same certificate.
TEST_F(Pki, AForgedCertificateRevokesNothing) {
  make_root();
  make_role();
  const TestAnswer issued = issue();
  const crypto::Certificate leaf = certificate_of(issued.text("data", "certificate"));
  const crypto::SampleAuthority forger(crypto::KeyKind::ecdsa_p256);
  crypto::CertificateTemplate twin = crypto::sample_leaf(forger.key);
  twin.serial = leaf.serial;
  const auto forged = crypto::build_certificate(twin, leaf.issuer_der, forger.key, forger.scheme);
  const auto revoke = [&](const Bytes& der) {
    return write("revoke", R"({"certificate":)" + escaped(crypto::certificate_pem(der)) + "}");
  };
  EXPECT_EQ(revoke(*forged).status, 400);
  twin.serial = {0x55};
  EXPECT_EQ(
      revoke(*crypto::build_certificate(twin, leaf.issuer_der, forger.key, forger.scheme)).status,
      400);
  EXPECT_EQ(revoke(leaf.der).status, 200);
}

TEST_F(Pki, BuildsAChainThroughAnIntermediate) {
  make_root();
  gate_.as_root("POST", "/v1/sys/mounts/int", R"({"type":"pki"})");
  const TestAnswer csr = gate_.as_root(
      "POST", "/v1/int/intermediate/generate/internal", R"({"common_name":"Int","key_type":"ec"})");
  ASSERT_EQ(csr.status, 200) << csr.body;
  const TestAnswer signed_by_root = write("root/sign-intermediate",
                                          R"({"common_name":"Int","max_path_length":0,"csr":)" +
                                              escaped(csr.text("data", "csr")) + "}");
  ASSERT_EQ(signed_by_root.status, 200) << signed_by_root.body;
  const std::string intermediate = signed_by_root.text("data", "certificate");
  const TestAnswer set = gate_.as_root(
      "POST",
      "/v1/int/intermediate/set-signed",
      R"({"certificate":)" +
          escaped(intermediate + "\n" + signed_by_root.text("data", "issuing_ca")) + "}");
  ASSERT_EQ(set.status, 200) << set.body;
  gate_.as_root(
      "POST", "/v1/int/roles/web", R"({"allow_any_name":true,"key_type":"ec","ttl":"1h"})");
  const TestAnswer leaf = gate_.as_root("POST", "/v1/int/issue/web", R"({"common_name":"a.test"})");
  ASSERT_EQ(leaf.status, 200) << leaf.body;
  EXPECT_EQ(leaf.text("data", "issuing_ca"), intermediate);
  const std::string chain = leaf.text("data", "ca_chain");
  EXPECT_EQ(std::ranges::count(chain, ','), 1) << "the intermediate and the root";
  EXPECT_TRUE(crypto::is_issued_by(certificate_of(leaf.text("data", "certificate")),
                                   certificate_of(intermediate)));
  const TestAnswer below =
      gate_.as_root("POST",
                    "/v1/int/root/sign-intermediate",
                    R"({"common_name":"Deeper","csr":)" + escaped(csr.text("data", "csr")) + "}");
  EXPECT_EQ(below.status, 400) << "its path length is zero";
}

TEST_F(Pki, AnswersOcspForItsIssuersOnly) {
  make_root();
  make_role();
  EXPECT_EQ(
      gate_.call("POST", "/v1/pki/ocsp", "junk", "", {{"content-type", "application/ocsp-request"}})
          .status,
      400);
  EXPECT_EQ(fetch("ocsp/MEIwQDA").status, 400);
}

// DER of what OCSP asks: the issuer by SHA-256, and the serial number.
Bytes ocsp_id(const crypto::Certificate& leaf, const crypto::Certificate& issuer) {
  constexpr std::size_t kPoint = 65;  // of a P-256 key: the end of its SubjectPublicKeyInfo
  const auto element = [](std::uint8_t tag, ByteView content) {
    Bytes out{tag, static_cast<std::uint8_t>(content.size())};
    append(out, content);
    return out;
  };
  const Bytes sha256{0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
  Bytes id = sha256;
  append(id, element(0x04, crypto::sha256(issuer.subject_der)));
  append(id, element(0x04, crypto::sha256(ByteView(issuer.public_key_der).last(kPoint))));
  append(id, element(0x02, leaf.serial));
  return element(0x30, id);
}

// The tag of what a stranger is told: 0x80 good, 0xa1 revoked, 0x82 unknown.
int ocsp_status(TestGate& gate, const Bytes& id) {
  Bytes request = id;
  for (int i = 0; i < 4; ++i) {
    Bytes outer{0x30, static_cast<std::uint8_t>(request.size())};
    append(outer, request);
    request = outer;
  }
  const TestAnswer answer = gate.call("POST",
                                      "/v1/pki/ocsp",
                                      std::string(as_text(request)),
                                      "",
                                      {{"content-type", "application/ocsp-request"}});
  EXPECT_EQ(answer.status, 200);
  const auto at = answer.body.find(as_text(id));
  return at == std::string::npos ? 0 : static_cast<std::uint8_t>(answer.body[at + id.size()]);
}

// Relying parties know an issuer by its name and key, which a renewed root has in common with the
// one before.
TEST_F(Pki, ARootRenewedOverItsKeyTellsWhatTheFirstOnesCertificatesAreWorth) {
  const std::string first = make_root().text("data", "issuer_id");
  make_role();
  const TestAnswer issued = issue();
  const std::string serial = issued.text("data", "serial_number");
  const TestAnswer made = write("root/rotate/existing", R"({"common_name":"Root","ttl":"200h"})");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string next = made.text("data", "issuer_id");
  ASSERT_EQ(write("root/replace", R"({"default":")" + next + R"("})").status, 200);
  EXPECT_FALSE(lists(list(), serial));
  const Bytes asked = ocsp_id(certificate_of(issued.text("data", "certificate")),
                              certificate_of(made.text("data", "certificate")));
  EXPECT_EQ(ocsp_status(gate_, asked), 0x80);

  EXPECT_EQ(write("revoke", R"({"serial_number":")" + serial + R"("})").status, 200);
  EXPECT_TRUE(lists(list(), serial));
  EXPECT_EQ(read("crl/rotate").text("data", "success"), "true");
  EXPECT_TRUE(lists(list(), serial)) << "also in a list that is made from the rows";
  EXPECT_EQ(ocsp_status(gate_, asked), 0xa1);
  write("issuer/" + first, R"({"usage":"read-only"})");
  EXPECT_EQ(ocsp_status(gate_, asked), 0xa1) << "whichever of them answers";
}

TEST_F(Pki, AKeyThatIsGoneSignsNoMore) {
  make_root();
  make_role();
  ASSERT_EQ(issue().status, 200);
  EXPECT_EQ(gate_.as_root("DELETE", "/v1/pki/key/default").status, 204);
  EXPECT_EQ(issue().status, 400);
  EXPECT_EQ(gate_.as_root("DELETE", "/v1/pki/root").status, 204);
  EXPECT_EQ(fetch("ca").status, 204);
  EXPECT_EQ(issue().status, 400);
}

TEST_F(Pki, ARevokedIssuerSignsNoMoreButStillTells) {
  make_root();
  make_role();
  const std::string serial = issue().text("data", "serial_number");
  EXPECT_EQ(write("issuer/default/revoke").text("data", "revoked"), "true");
  EXPECT_EQ(issue().status, 400);
  write("issuer/default", R"({"usage":"read-only,issuing-certificates,crl-signing"})");
  EXPECT_EQ(issue().status, 400) << "whatever its usages say";
  EXPECT_EQ(write("revoke", R"({"serial_number":")" + serial + R"("})").status, 200);
  EXPECT_TRUE(lists(list(), serial));
}

TEST_F(Pki, ImportsABundleOnce) {
  const crypto::SampleAuthority other(crypto::KeyKind::ecdsa_p384);
  const std::string bundle =
      crypto::certificate_pem(other.certificate.der) + std::string(other.key.pem().text());
  const std::string body = R"({"pem_bundle":)" + escaped(bundle) + "}";
  const TestAnswer first = write("config/ca", body);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.text("data", "existing_issuers"), "[]");
  const TestAnswer second = write("issuers/import/bundle", body);
  EXPECT_EQ(second.text("data", "imported_issuers"), "[]");
  EXPECT_EQ(second.text("data", "existing_issuers"), first.text("data", "imported_issuers"));
  EXPECT_EQ(fetch("ca").body, as_text(other.certificate.der));
  EXPECT_EQ(write("issuers/import/cert", body).status, 400) << "with a key in it";
  const Bytes leaf = other.issue(crypto::sample_leaf(other.key));
  EXPECT_EQ(
      write("config/ca", R"({"pem_bundle":)" + escaped(crypto::certificate_pem(leaf)) + "}").status,
      400);
}

TEST_F(Pki, RefusesSettingsThatWouldNotBeKept) {
  EXPECT_EQ(write("roles/a", R"({"generate_lease":true})").status, 400);
  EXPECT_EQ(write("roles/a", R"({"allowed_domains_template":true})").status, 400);
  EXPECT_EQ(write("roles/a", R"({"key_type":"dsa"})").status, 400);
  EXPECT_EQ(write("roles/a", R"({"key_usage":"Everything"})").status, 400);
  EXPECT_EQ(write("roles/a", R"({"allowed_ip_sans_cidr":"10.0.0.0/33"})").status, 400);
  EXPECT_EQ(write("config/crl", R"({"enable_delta":true})").status, 400);
  EXPECT_EQ(write("config/urls", R"({"ocsp_servers":"javascript:x"})").status, 400);
  EXPECT_EQ(read("roles/a").status, 404);
}

TEST_F(Pki, NeedsTheCapabilityOnItsPath) {
  make_root();
  make_role();
  const std::string token =
      gate_.token_with(R"(path "pki/issue/web" { capabilities = ["update"] })");
  const auto with = [&](std::string_view path) {
    return gate_
        .call("POST", "/v1/pki/" + std::string(path), R"({"common_name":"a.example.com"})", token)
        .status;
  };
  EXPECT_EQ(with("issue/web"), 200);
  EXPECT_EQ(with("issue/other"), 403);
  EXPECT_EQ(with("root/generate/internal"), 403);
  EXPECT_EQ(with("revoke"), 403);
  EXPECT_EQ(gate_.call("GET", "/v1/pki/crl/rotate", "", "").status, 403);
}

TEST_F(Pki, StoresNothingForAStrangerWhoAsksForAWrap) {
  make_root();
  const TestAnswer answer =
      gate_.call("GET", "/v1/pki/cert/ca", "", "", {{"x-vault-wrap-ttl", "60s"}});
  EXPECT_EQ(answer.status, 400);
}

TEST_F(Pki, LogsWhatWasIssuedAndRevoked) {
  make_root();
  make_role();
  gate_.events();
  const std::string serial = issue().text("data", "serial_number");
  write("revoke", R"({"serial_number":")" + serial + R"("})");
  std::vector<EventType> types;
  for (const proof::Event& event : gate_.events()) {
    if (event.type == EventType::auth_root_used) continue;
    types.push_back(event.type);
    const auto fact = std::ranges::find(event.facts, "serial", &proof::Fact::name);
    ASSERT_NE(fact, event.facts.end());
    EXPECT_EQ(fact->value, serial);
  }
  EXPECT_EQ(types, (std::vector{EventType::certificate_issued, EventType::certificate_revoked}));
}

// S4: certificates of agents, applications and administrators, bound to whom they were issued to.
TEST_F(Pki, BoundCertificatesNameTheirEntityAndNobodyElseCan) {
  write("root/generate/internal", R"({"common_name":"Root","key_type":"ec"})");
  const std::string names = R"("allow_any_name":true,"enforce_hostnames":false,"key_type":"ec",)"
                            R"("ttl":"1h","allowed_uri_sans":"*")";
  ASSERT_EQ(write("roles/agents", "{" + names + R"(,"certificate_type":"agent"})").status, 200);
  ASSERT_EQ(write("roles/plain", "{" + names + "}").status, 200);
  EXPECT_EQ(write("roles/x", "{" + names + R"(,"certificate_type":"root"})").status, 400);
  EXPECT_EQ(write("roles/x", "{" + names + R"(,"certificate_type":"app","no_store":true})").status,
            400);
  EXPECT_EQ(gate_.as_root("GET", "/v1/pki/roles/agents").text("data", "certificate_type"), "agent");
  EXPECT_EQ(write("issue/agents", R"({"common_name":"a"})").status, 400) << "root has no entity";

  gate_.as_root("POST",
                "/v1/sys/policies/acl/issue",
                R"({"policy":"path \"pki/*\" {capabilities=[\"update\"]}"})");
  gate_.as_root("POST", "/v1/sys/auth/people", R"({"type":"userpass"})");
  gate_.as_root(
      "POST", "/v1/auth/people/users/ann", R"({"password":"right","token_policies":"issue"})");
  const TestAnswer in =
      gate_.call("POST", "/v1/auth/people/login/ann", R"({"password":"right"})", "");
  const std::string token = in.text("auth", "client_token");
  const std::string entity = in.text("auth", "entity_id");
  ASSERT_FALSE(entity.empty()) << in.body;
  const TestAnswer made = gate_.call(
      "POST", "/v1/pki/issue/agents", R"({"common_name":"a","uri_sans":"spiffe://x/y"})", token);
  ASSERT_EQ(made.status, 200) << made.body;
  const crypto::Certificate certificate = certificate_of(made.text("data", "certificate"));
  EXPECT_EQ(certificate.names.uri,
            (std::vector<std::string>{"spiffe://x/y", "urn:coffer:agent:" + entity}));
  EXPECT_EQ(certificate.usage, crypto::key_usage::kDigitalSignature);
  const TestAnswer listed = gate_.as_root("LIST", "/v1/pki/certs/entity/" + entity);
  EXPECT_EQ(listed.text("data", "keys"), "[\"" + made.text("data", "serial_number") + "\"]");

  for (const std::string role : {"plain", "agents"}) {
    const std::string forged =
        R"({"common_name":"a","uri_sans":"URN:coffer:admin:)" + entity + R"("})";
    EXPECT_EQ(gate_.call("POST", "/v1/pki/issue/" + role, forged, token).status, 400) << role;
  }
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256);
  crypto::CsrTemplate csr;
  csr.names.uri = {"urn:coffer:admin:" + entity};
  const std::string pem =
      crypto::csr_pem(*crypto::build_csr(csr, *key, *crypto::scheme_for(key->kind(), 0, false)));
  for (const std::string path : {"sign-verbatim", "sign-verbatim/plain", "sign/plain"}) {
    EXPECT_EQ(write(path, R"({"common_name":"a","csr":)" + escaped(pem) + "}").status, 400) << path;
  }
  EXPECT_EQ(write("sign-verbatim/agents", R"({"csr":)" + escaped(pem) + "}").status, 400);
}

}  // namespace
}  // namespace coffer::dialects::vault
