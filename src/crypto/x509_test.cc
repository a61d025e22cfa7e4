#include "crypto/x509.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "crypto/openssl_ptr.h"

#include <gtest/gtest.h>

namespace coffer::crypto {
namespace {

using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;

SelfSignedRequest request() {
  return {.common_name = "coffer",
          .dns_names = {"localhost", "*.coffer.test"},
          .ip_addresses = {"127.0.0.1", "::1"},
          .not_before = *parse_rfc3339("2026-01-02T03:04:05Z"),
          .not_after = *parse_rfc3339("2051-01-02T03:04:05Z")};  // a GeneralizedTime
}

X509Ptr parse(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// Verifies as a strict TLS client does that trusts this certificate alone.
int verify_as_client(X509* certificate, std::string_view host) {
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), certificate);
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(param, parse_rfc3339("2030-01-01T00:00:00Z")->ns / 1'000'000'000);
  X509_VERIFY_PARAM_set1_host(param, host.data(), host.size());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(SelfSigned, IsItsOwnTrustAnchorForItsNames) {
  for (const KeyKind kind : {KeyKind::ecdsa_p256, KeyKind::ecdsa_p384, KeyKind::ed25519}) {
    const auto key = PrivateKey::generate(kind);
    const auto pem = self_signed(*key, request());
    ASSERT_TRUE(pem);
    const X509Ptr certificate = parse(*pem);
    ASSERT_NE(certificate, nullptr);
    EXPECT_EQ(verify_as_client(certificate.get(), "localhost"), X509_V_OK);
    EXPECT_EQ(verify_as_client(certificate.get(), "a.coffer.test"), X509_V_OK);
    EXPECT_EQ(verify_as_client(certificate.get(), "coffer.test"), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.2", 0), 0);
    EXPECT_EQ(X509_check_ca(certificate.get()), 0);
  }
}

TEST(SelfSigned, SaysWhatItWasAsked) {
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const auto facts = read_certificate(*self_signed(*key, request()));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject_common_name, "coffer");
  EXPECT_EQ(facts->not_before, request().not_before);
  EXPECT_EQ(facts->not_after, request().not_after);
  EXPECT_EQ(facts->public_key_der, key->public_key().der());
  EXPECT_EQ(facts->serial_hex.size(), 32U);
  EXPECT_EQ(facts->fingerprint_sha256.size(), 32U);
  const auto other = read_certificate(*self_signed(*key, request()));
  EXPECT_NE(facts->serial_hex, other->serial_hex);
  EXPECT_NE(facts->fingerprint_sha256, other->fingerprint_sha256);
}

TEST(SelfSigned, RefusesMalformedRequests) {
  const auto key = PrivateKey::generate(KeyKind::ed25519);
  const auto refused = [&key](auto change) {
    SelfSignedRequest changed = request();
    change(changed);
    const auto made = self_signed(*key, changed);
    return !made && made.error().code == Code::invalid_argument;
  };
  using Request = SelfSignedRequest;
  EXPECT_FALSE(refused([](Request&) {}));
  EXPECT_TRUE(refused([](Request& r) { r.common_name = ""; }));
  EXPECT_TRUE(refused([](Request& r) { r.common_name = std::string(65, 'a'); }));
  EXPECT_TRUE(refused([](Request& r) { r.common_name = "a\nb"; }));
  for (const std::string_view name : {"", "*.", "a b", "a,DNS:b", "a*b", "\xc3\xa4"}) {
    EXPECT_TRUE(refused([name](Request& r) { r.dns_names = {std::string(name)}; })) << name;
  }
  EXPECT_TRUE(refused([](Request& r) { r.dns_names = {std::string("a\0b", 3)}; }));
  EXPECT_TRUE(refused([](Request& r) { r.dns_names = {std::string(254, 'a')}; }));
  EXPECT_TRUE(refused([](Request& r) { r.dns_names = std::vector<std::string>(99, "a"); }));
  for (const std::string_view ip : {"", "127.0.0", "127.0.0.256", "::1::", "localhost"}) {
    EXPECT_TRUE(refused([ip](Request& r) { r.ip_addresses = {std::string(ip)}; })) << ip;
  }
  EXPECT_TRUE(refused([](Request& r) { r.dns_names = r.ip_addresses = {}; }));
  EXPECT_TRUE(refused([](Request& r) { r.not_after = r.not_before; }));
}

// A certificate with the given common name and end, which self_signed() would refuse.
std::string hostile(std::string_view common_name, const char* not_after) {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()),
                             NID_commonName,
                             V_ASN1_UTF8STRING,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()),
                             -1,
                             0);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), not_after);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST(ReadCertificate, RefusesZeroOctetInTheCommonName) {
  EXPECT_EQ(read_certificate(hostile("good.test", "20300101000000Z"))->subject_common_name,
            "good.test");
  EXPECT_EQ(read_certificate(hostile(std::string_view("good.test\0evil", 14), "20300101000000Z"))
                .error()
                .code,
            Code::invalid_argument);
}

TEST(ReadCertificate, CutsTheEndOfTimeToTheRange) {
  const auto facts = read_certificate(hostile("a", "99991231235959Z"));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->not_after.ns, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(facts->serial_hex, "00");
}

TEST(ReadCertificate, TakesTheFirstOfSeveralAndSkipsTextAround) {
  const std::string first = hostile("first", "20300101000000Z");
  const std::string second = hostile("second", "20300101000000Z");
  const auto facts = read_certificate("some text\n" + first + second);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject_common_name, "first");
}

TEST(ReadCertificate, RefusesMalformedText) {
  const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
  const std::string pem = *self_signed(*key, request());
  std::string other_octet = pem;
  other_octet[30] = other_octet[30] == 'A' ? 'B' : 'A';  // in the outer length
  const std::vector<std::string> rejects = {"",
                                            "-----BEGIN CERTIFICATE-----\n",
                                            pem.substr(0, pem.size() / 2),
                                            other_octet,
                                            key->public_key().pem(),
                                            pem + std::string(kMaxCertificateText, ' ')};
  for (const auto& text : rejects) {
    const auto facts = read_certificate(text);
    ASSERT_FALSE(facts) << text.substr(0, 60);
    EXPECT_EQ(facts.error().code, Code::invalid_argument);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace coffer::crypto
