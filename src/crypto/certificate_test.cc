// What is made here is read back by OpenSSL's verifier, which knows nothing of the writer.
#include "crypto/certificate.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "crypto/certificate_der.h"
#include "crypto/certificate_pem.h"
#include "crypto/certificate_samples.h"
#include "crypto/csr.h"
#include "crypto/openssl_ptr.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

X509Ptr openssl_of(const Bytes& der) {
  const std::uint8_t* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// As a strict TLS client that trusts `root` alone.
int verify(const Bytes& leaf, const Bytes& root, const std::string& host) {
  const StorePtr store(X509_STORE_new());
  const X509Ptr trusted = openssl_of(root);
  const X509Ptr presented = openssl_of(leaf);
  X509_STORE_add_cert(store.get(), trusted.get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), presented.get(), nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(param, sample_now().ns / 1'000'000'000);
  X509_VERIFY_PARAM_set1_host(param, host.data(), host.size());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

class EveryKeyKind : public testing::TestWithParam<KeyKind> {};

TEST_P(EveryKeyKind, SignsALeafThatAStrictVerifierAccepts) {
  const SampleAuthority root(GetParam());
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const Bytes leaf = root.issue(sample_leaf(*key));
  EXPECT_EQ(verify(leaf, root.certificate.der, "www.example.com"), X509_V_OK);
  EXPECT_EQ(verify(leaf, root.certificate.der, "other.example.com"), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_TRUE(is_issued_by(*parse_certificate(leaf), root.certificate));
  const SampleAuthority stranger(GetParam());  // of the same name
  EXPECT_FALSE(is_issued_by(*parse_certificate(leaf), stranger.certificate));
}

INSTANTIATE_TEST_SUITE_P(
    Certificate,
    EveryKeyKind,
    testing::Values(KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ed25519, KeyKind::rsa2048));

TEST(Certificate, SaysWhatItWasAsked) {
  const SampleAuthority root(KeyKind::ecdsa_p256);
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const CertificateTemplate asked = sample_leaf(*key);
  const auto read = parse_certificate(root.issue(asked));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->serial, asked.serial);
  EXPECT_EQ(read->subject, asked.subject);
  EXPECT_EQ(read->names, asked.names);
  EXPECT_EQ(read->not_before, asked.not_before);
  EXPECT_EQ(read->not_after, asked.not_after);
  EXPECT_EQ(read->public_key_der, asked.public_key_der);
  EXPECT_EQ(read->usage, asked.usage);
  EXPECT_FALSE(read->is_authority());
  EXPECT_EQ(read->issuer_der, root.certificate.subject_der);
  EXPECT_EQ(read->authority_key_id, root.certificate.subject_key_id);
  EXPECT_EQ(read->subject_key_id, key_identifier(asked.public_key_der));
  EXPECT_TRUE(root.certificate.is_authority());
}

TEST(Certificate, WritesEveryExtensionSoThatOpensslReadsIt) {
  const SampleAuthority root(KeyKind::ecdsa_p256);
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  CertificateTemplate asked = sample_leaf(*key);
  asked.constraints = BasicConstraints{.authority = true, .path_length = 2};
  asked.permitted_dns = {"example.com", ".example.org"};
  asked.policies = {"1.3.6.1.4.1.1.1", "2.23.140.1.2.1"};
  asked.urls = {.issuing = {"http://ca.test/ca"},
                .ocsp = {"http://ca.test/ocsp"},
                .crl = {"http://ca.test/crl", "http://b.test/crl"},
                .delta_crl = {"http://ca.test/delta"}};
  const X509Ptr x509 = openssl_of(root.issue(asked));
  ASSERT_NE(x509, nullptr);
  const BioPtr out(BIO_new(BIO_s_mem()));
  for (int i = 0; i < X509_get_ext_count(x509.get()); ++i) {
    BIO_printf(out.get(), "[");
    EXPECT_EQ(X509V3_EXT_print(out.get(), X509_get_ext(x509.get(), i), X509V3_EXT_ERROR_UNKNOWN, 0),
              1);
    BIO_printf(out.get(), "]");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  const std::string text(data, static_cast<std::size_t>(size));
  for (const std::string_view part :
       {"[CA:TRUE, pathlen:2]",
        "Permitted:\n  DNS:example.com\n  DNS:.example.org",
        "Policy: 1.3.6.1.4.1.1.1",
        "Policy: 2.23.140.1.2.1",
        "OCSP - URI:http://ca.test/ocsp",
        "CA Issuers - URI:http://ca.test/ca",
        "URI:http://b.test/crl",
        "URI:http://ca.test/delta",
        "[Digital Signature, Key Agreement]",
        "TLS Web Server Authentication",
        "DNS:www.example.com, email:ops@example.com, IP Address:192.0.2.7, URI:spiffe://example/x, "
        "othername: UPN::user@example.com"}) {
    EXPECT_TRUE(text.contains(part)) << part << " in " << text;
  }
}

TEST(Certificate, IsNotMadeOfWhatCannotBeWritten) {
  const SampleAuthority root(KeyKind::ecdsa_p256);
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const auto refused = [&](auto change) {
    CertificateTemplate asked = sample_leaf(*key);
    change(asked);
    return !build_certificate(asked, root.certificate.subject_der, root.key, root.scheme);
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& t) { t.serial = {}; }));
  EXPECT_TRUE(refused([](auto& t) { t.serial = {0, 0}; }));
  EXPECT_TRUE(refused([](auto& t) { t.serial = Bytes(21, 1); }));
  EXPECT_TRUE(refused([](auto& t) { t.not_after = t.not_before; }));
  EXPECT_TRUE(refused([](auto& t) { t.names.dns = {"a b"}; }));
  EXPECT_TRUE(refused([](auto& t) { t.names.dns = {std::string("a\0b", 3)}; }));
  EXPECT_TRUE(refused([](auto& t) { t.names.ip = {Bytes(5)}; }));
  EXPECT_TRUE(refused([](auto& t) { t.names.other = {{"1.x", "v"}}; }));
  EXPECT_TRUE(refused([](auto& t) { t.subject.add(attribute::kCountry, "Ö"); }));
  EXPECT_TRUE(refused([](auto& t) { t.subject.add(attribute::kOrganization, "a\nb"); }));
  EXPECT_TRUE(refused([](auto& t) { t.extended_usage = {"server"}; }));
  EXPECT_TRUE(refused([](auto& t) { t.urls.crl = {"http://a b"}; }));
  EXPECT_TRUE(refused([](auto& t) { t.names.dns.assign(501, "a"); }));
}

TEST(Certificate, IsRefusedCutOrWithMoreBehindIt) {
  const SampleAuthority root(KeyKind::ed25519);
  Bytes der = root.certificate.der;
  der.push_back(0);
  EXPECT_FALSE(parse_certificate(der));
  der.resize(der.size() - 2);
  EXPECT_FALSE(parse_certificate(der));
  EXPECT_FALSE(parse_certificate(Bytes(kMaxCertificateDer + 1, 0x30)));
}

// RFC 8017 parameters must be those of the structure inside, or a verifier refuses.
TEST(Certificate, IsSignedInEverySchemeOfRsa) {
  const SampleAuthority root(KeyKind::rsa2048);
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  for (const bool pss : {false, true}) {
    for (const int bits : {0, 256, 384, 512}) {
      const auto scheme = scheme_for(KeyKind::rsa2048, bits, pss);
      CertificateTemplate asked = sample_leaf(*key);
      asked.authority_key_id = root.certificate.subject_key_id;
      const auto leaf = build_certificate(asked, root.certificate.subject_der, root.key, *scheme);
      EXPECT_EQ(verify(*leaf, root.certificate.der, "www.example.com"), X509_V_OK) << bits << pss;
    }
  }
  EXPECT_FALSE(scheme_for(KeyKind::rsa2048, 160, false));
}

TEST(Der, WritesLengthsNumbersBitsAndTimesInTheirShortestForm) {
  const auto hex = [](auto write) {
    DerWriter w;
    write(w);
    return hex_encode(w.octets());
  };
  EXPECT_EQ(hex([](auto& w) { w.integer(std::uint64_t{0}); }), "020100");
  EXPECT_EQ(hex([](auto& w) { w.integer(std::uint64_t{127}); }), "02017f");
  EXPECT_EQ(hex([](auto& w) { w.integer(std::uint64_t{128}); }), "02020080");
  EXPECT_EQ(hex([](auto& w) { w.integer(Bytes{0, 0, 1}); }), "020101");
  EXPECT_EQ(hex([](auto& w) { w.named_bits(0b1); }), "03020780");
  EXPECT_EQ(hex([](auto& w) { w.named_bits(key_usage::kCertSign | key_usage::kCrlSign); }),
            "03020106");
  EXPECT_EQ(hex([](auto& w) { w.named_bits(key_usage::kDecipherOnly); }), "0303070080");
  EXPECT_EQ(hex([](auto& w) { w.oid("1.2.840.113549"); }), "06062a864886f70d");
  EXPECT_EQ(hex([](auto& w) { w.oid("2.999.3"); }), "0603883703");
  EXPECT_EQ(hex([](auto& w) { w.node(der::kOctetString, Bytes(127)); }).substr(0, 4), "047f");
  EXPECT_EQ(hex([](auto& w) { w.node(der::kOctetString, Bytes(128)); }).substr(0, 6), "048180");
  EXPECT_EQ(hex([](auto& w) { w.node(der::kOctetString, Bytes(65536)); }).substr(0, 10),
            "0483010000");
  const auto time_text = [](std::string_view at) {
    DerWriter w;
    w.time(*parse_rfc3339(at));
    return std::string(as_text(w.octets()).substr(2));
  };
  EXPECT_EQ(time_text("2049-12-31T23:59:59.9Z"), "491231235959Z");
  EXPECT_EQ(time_text("2050-01-01T00:00:00Z"), "20500101000000Z");
}

TEST(Der, KnowsObjectIdentifiers) {
  for (const std::string_view good : {"1.2", "2.5.29.17", "0.9.2342.19200300.100.1.1", "2.999"}) {
    EXPECT_TRUE(is_oid(good)) << good;
  }
  for (const std::string_view bad : {"",
                                     "1",
                                     "1.",
                                     ".1",
                                     "1..2",
                                     "3.1",
                                     "1.40",
                                     "1.02",
                                     "1.2.x",
                                     "1.2 ",
                                     "1.4294967296",
                                     "-1.2"}) {
    EXPECT_FALSE(is_oid(bad)) << bad;
  }
  std::string long_one = "1.2";
  for (int i = 0; i < 40; ++i) long_one += ".1";
  EXPECT_FALSE(is_oid(long_one));
}

TEST(Csr, IsReadBackAndProvesPossession) {
  for (const KeyKind kind : {KeyKind::ecdsa_p384, KeyKind::ed25519, KeyKind::rsa2048}) {
    const auto key = PrivateKey::generate(kind);
    const CertificateTemplate like = sample_leaf(*key);
    const CsrTemplate asked{.subject = like.subject, .names = like.names, .authority = true};
    const auto der = build_csr(asked, *key, *scheme_for(kind, 0, false));
    const auto read = parse_csr(*der);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->subject, asked.subject);
    EXPECT_EQ(read->names, asked.names);
    EXPECT_EQ(read->public_key_der, key->public_key().der());
    EXPECT_EQ(read->key_kind, kind);
    EXPECT_EQ(*csr_from_pem(csr_pem(*der)), *der);
  }
}

TEST(Csr, IsRefusedWithoutTheRightSignature) {
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const auto other = PrivateKey::generate(KeyKind::ecdsa_p256);
  CsrTemplate asked;
  asked.subject.add(attribute::kCommonName, "a");
  const CertificateScheme scheme = *scheme_for(KeyKind::ecdsa_p256, 0, false);
  Bytes der = *build_csr(asked, *key, scheme);
  // Another's key in the place of one's own: what a thief of names would send.
  const Bytes mine = key->public_key().der();
  const Bytes theirs = other->public_key().der();
  const auto at = std::ranges::search(der, mine);
  ASSERT_FALSE(at.empty());
  std::ranges::copy(theirs, at.begin());
  const auto refused = parse_csr(der);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "certificate request without proof of possession");
}

TEST(PemBundle, HoldsCertificatesAndKeysOfEveryForm) {
  const SampleAuthority root(KeyKind::rsa2048);
  const auto elliptic = PrivateKey::generate(KeyKind::ecdsa_p256);
  const auto edwards = PrivateKey::generate(KeyKind::ed25519);
  std::string text = "leading words\n" + certificate_pem(root.certificate.der);
  text += legacy_key(root.key).pem().text();
  text += legacy_key(*elliptic).pem().text();
  text += legacy_key(*edwards).pem().text();
  text += elliptic->pem().text();
  EXPECT_TRUE(text.contains("BEGIN RSA PRIVATE KEY") && text.contains("BEGIN EC PRIVATE KEY"));
  const auto bundle = read_pem_bundle(text);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->certificates, (std::vector<Bytes>{root.certificate.der}));
  ASSERT_EQ(bundle->keys.size(), 4U);
  EXPECT_TRUE(bundle->keys[0].der() == root.key.der());
  EXPECT_TRUE(bundle->keys[1].der() == elliptic->der());
  EXPECT_TRUE(bundle->keys[2].der() == edwards->der());
  EXPECT_TRUE(bundle->keys[3].der() == elliptic->der());
}

TEST(PemBundle, IsRefusedWithAnythingElseInIt) {
  const SampleAuthority root(KeyKind::ecdsa_p256);
  const std::string good = certificate_pem(root.certificate.der);
  EXPECT_TRUE(read_pem_bundle(""));
  EXPECT_FALSE(read_pem_bundle(good + crl_pem(root.certificate.der)));
  EXPECT_FALSE(read_pem_bundle(good + good.substr(0, good.size() / 2)));
  EXPECT_FALSE(read_pem_bundle(std::string(kMaxBundle + 1, ' ')));
  std::string many;
  for (std::size_t i = 0; i <= kMaxBundleBlocks; ++i) many += good;
  EXPECT_FALSE(read_pem_bundle(many));
}

}  // namespace
}  // namespace coffer::crypto
