// Lists and responses, as OpenSSL's own client code reads and verifies them.
#include "crypto/ocsp.h"

#include "crypto/certificate_samples.h"
#include "crypto/crl.h"
#include "crypto/openssl_ptr.h"

#include <gtest/gtest.h>
#include <openssl/ocsp.h>

namespace coffer::crypto {
namespace {

using CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using RequestPtr = OpensslPtr<OCSP_REQUEST, OCSP_REQUEST_free>;
using ResponsePtr = OpensslPtr<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicPtr = OpensslPtr<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using StorePtr = OpensslPtr<X509_STORE, X509_STORE_free>;

X509Ptr openssl_of(const Bytes& der) {
  const std::uint8_t* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

CrlTemplate list_of(const SampleAuthority& root) {
  return {.issuer_name = root.certificate.subject_der,
          .authority_key_id = root.certificate.subject_key_id,
          .this_update = sample_now(),
          .next_update = sample_now() + std::chrono::hours(72),
          .number = 0x1234567890,
          .base_number = std::nullopt};
}

CrlPtr read_list(const Bytes& der) {
  const std::uint8_t* at = der.data();
  CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (at != der.data() + der.size()) crl.reset();
  return crl;
}

TEST(Crl, NamesTheRevokedAndIsSignedByTheIssuer) {
  const SampleAuthority root(KeyKind::ecdsa_p384);
  Bytes entries;
  append_crl_entry(entries, {{0x81, 1}, sample_now(), RevocationReason::unspecified});
  append_crl_entry(entries, {{0x05}, sample_now(), RevocationReason::key_compromise});
  const auto der = build_crl(list_of(root), entries, root.key, root.scheme);
  const CrlPtr crl = read_list(*der);
  ASSERT_NE(crl, nullptr);
  const X509Ptr issuer = openssl_of(root.certificate.der);
  EXPECT_EQ(X509_CRL_verify(crl.get(), X509_get0_pubkey(issuer.get())), 1);
  EXPECT_EQ(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get())), 2);
  EXPECT_EQ(X509_CRL_get_version(crl.get()), X509_CRL_VERSION_2);
  const BignumPtr number(BN_new());
  BN_set_word(number.get(), 5);
  const OpensslPtr<ASN1_INTEGER, ASN1_INTEGER_free> serial(
      BN_to_ASN1_INTEGER(number.get(), nullptr));
  X509_REVOKED* revoked = nullptr;
  ASSERT_EQ(X509_CRL_get0_by_serial(crl.get(), &revoked, serial.get()), 1);
  const OpensslPtr<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(static_cast<ASN1_ENUMERATED*>(
      X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, nullptr, nullptr)));
  EXPECT_EQ(ASN1_ENUMERATED_get(reason.get()), 1);
}

TEST(Crl, MayBeEmptyOrADelta) {
  const SampleAuthority root(KeyKind::ed25519);
  CrlTemplate list = list_of(root);
  const CrlPtr empty = read_list(*build_crl(list, {}, root.key, root.scheme));
  ASSERT_NE(empty, nullptr);
  EXPECT_EQ(X509_CRL_get_ext_by_NID(empty.get(), NID_delta_crl, -1), -1);
  list.base_number = 7;
  const CrlPtr delta = read_list(*build_crl(list, {}, root.key, root.scheme));
  const int at = X509_CRL_get_ext_by_NID(delta.get(), NID_delta_crl, -1);
  ASSERT_GE(at, 0);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_CRL_get_ext(delta.get(), at)), 1);
}

class Ocsp : public testing::Test {
 protected:
  Ocsp() : request_(OCSP_REQUEST_new()) {
    const auto key = PrivateKey::generate(KeyKind::ecdsa_p256);
    leaf_ = openssl_of(root_.issue(sample_leaf(*key)));
    issuer_ = openssl_of(root_.certificate.der);
  }

  void ask(const EVP_MD* hash) {
    OCSP_request_add0_id(request_.get(), OCSP_cert_to_id(hash, leaf_.get(), issuer_.get()));
  }

  Bytes request() {
    unsigned char* raw = nullptr;
    const int size = i2d_OCSP_REQUEST(request_.get(), &raw);
    const MemoryPtr der(raw);
    return {raw, raw + size};
  }

  Bytes respond(const OcspRequest& request, const OcspAnswer& answer) {
    return *build_ocsp_response({.produced_at = sample_now(),
                                 .this_update = sample_now(),
                                 .next_update = sample_now() + std::chrono::hours(12)},
                                request,
                                std::vector(request.questions.size(), answer),
                                root_.certificate,
                                root_.key,
                                root_.scheme);
  }

  SampleAuthority root_{KeyKind::ecdsa_p256};
  X509Ptr leaf_;
  X509Ptr issuer_;
  RequestPtr request_;
};

TEST_F(Ocsp, ReadsQuestionsAndWhomTheyAreAbout) {
  ask(nullptr);  // SHA-1, the default of clients
  ask(EVP_sha256());
  OCSP_request_add1_nonce(request_.get(), nullptr, -1);
  const auto read = parse_ocsp_request(request());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->questions.size(), 2U);
  const SampleAuthority stranger(KeyKind::ecdsa_p256);
  for (const OcspQuestion& question : read->questions) {
    EXPECT_EQ(question.serial, (Bytes{0x81, 2, 3, 4}));
    EXPECT_TRUE(question.is_about(root_.certificate));
    EXPECT_FALSE(question.is_about(stranger.certificate)) << "same name, other key";
  }
  ASSERT_TRUE(read->nonce);
  EXPECT_EQ(read->nonce->size(), 16U);
}

TEST_F(Ocsp, AnswersWhatAClientVerifies) {
  ask(nullptr);
  OCSP_request_add1_nonce(request_.get(), nullptr, -1);
  const auto read = parse_ocsp_request(request());
  ASSERT_TRUE(read);
  const Bytes der =
      respond(*read, {CertificateStatus::revoked, sample_now(), RevocationReason::superseded});
  const std::uint8_t* at = der.data();
  const ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(OCSP_response_status(response.get()), OCSP_RESPONSE_STATUS_SUCCESSFUL);
  const BasicPtr basic(OCSP_response_get1_basic(response.get()));
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), issuer_.get());
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, issuer_.get());
  EXPECT_EQ(OCSP_basic_verify(basic.get(), chain, store.get(), 0), 1);
  sk_X509_free(chain);
  EXPECT_EQ(OCSP_check_nonce(request_.get(), basic.get()), 1);
  const OpensslPtr<OCSP_CERTID, OCSP_CERTID_free> id(
      OCSP_cert_to_id(nullptr, leaf_.get(), issuer_.get()));
  int status = -1;
  int reason = -1;
  ASSERT_EQ(
      OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, nullptr, nullptr, nullptr), 1);
  EXPECT_EQ(status, V_OCSP_CERTSTATUS_REVOKED);
  EXPECT_EQ(reason, 4);
}

TEST_F(Ocsp, RefusesMalformedRequests) {
  ask(nullptr);
  Bytes der = request();
  EXPECT_TRUE(parse_ocsp_request(der));
  der.push_back(0);
  EXPECT_FALSE(parse_ocsp_request(der));
  der.resize(der.size() - 2);
  EXPECT_FALSE(parse_ocsp_request(der));
  EXPECT_FALSE(parse_ocsp_request({}));
  EXPECT_FALSE(parse_ocsp_request(Bytes(kMaxOcspRequest + 1)));
  for (std::size_t i = 0; i < kMaxOcspQuestions; ++i) ask(nullptr);
  EXPECT_FALSE(parse_ocsp_request(request())) << "one question too many";
}

TEST_F(Ocsp, RefusesNoncesOutOfTheirRange) {
  ask(nullptr);
  Bytes nonce(33, 7);
  OCSP_request_add1_nonce(request_.get(), nonce.data(), static_cast<int>(nonce.size()));
  EXPECT_FALSE(parse_ocsp_request(request()));
}

}  // namespace
}  // namespace coffer::crypto
