#include "crypto/certificate_read.h"
#include "crypto/ocsp.h"

#include <openssl/ocsp.h>

#include <array>

namespace coffer::crypto {
namespace {

constexpr std::size_t kMaxNonce = 32;

using OcspRequestPtr = OpensslPtr<OCSP_REQUEST, OCSP_REQUEST_free>;
using OctetsPtr = OpensslPtr<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using PublicKeyInfoPtr = OpensslPtr<X509_PUBKEY, X509_PUBKEY_free>;

std::unexpected<Error> malformed() {
  return fail(Code::invalid_argument, "malformed OCSP request");
}

Bytes octets(const ASN1_STRING* string) {
  const unsigned char* data = ASN1_STRING_get0_data(string);
  return {data, data + ASN1_STRING_length(string)};
}

Result<OcspQuestion> read_question(OCSP_ONEREQ* one) {
  OCSP_CERTID* id = OCSP_onereq_get0_id(one);
  ASN1_OCTET_STRING* name_hash = nullptr;
  ASN1_OBJECT* hash = nullptr;
  ASN1_OCTET_STRING* key_hash = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(&name_hash, &hash, &key_hash, &serial, id) != 1) return malformed();
  OcspQuestion out;
  unsigned char* raw = nullptr;
  const int size = i2d_OCSP_CERTID(id, &raw);
  const MemoryPtr der(raw);
  std::array<char, 128> oid{};
  const int oid_size = OBJ_obj2txt(oid.data(), static_cast<int>(oid.size()), hash, 1);
  if (size <= 0 || oid_size <= 0 || static_cast<std::size_t>(oid_size) >= oid.size()) {
    return malformed();
  }
  out.id_der.assign(der.get(), der.get() + size);
  out.hash_oid.assign(oid.data(), static_cast<std::size_t>(oid_size));
  out.name_hash = octets(name_hash);
  out.key_hash = octets(key_hash);
  COFFER_TRY(out.serial, read_serial(serial));
  return out;
}

// The extension's value is an OCTET STRING (RFC 8954 §2.1).
Result<std::optional<Bytes>> read_nonce(OCSP_REQUEST* request) {
  const int at = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
  if (at < 0) return std::optional<Bytes>();
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(request, at));
  const Bytes wrapped = octets(value);
  const std::uint8_t* cursor = wrapped.data();
  const OctetsPtr inner(d2i_ASN1_OCTET_STRING(nullptr, &cursor, static_cast<long>(wrapped.size())));
  const bool whole = inner != nullptr && cursor == wrapped.data() + wrapped.size();
  if (!whole) return malformed();
  Bytes out = octets(inner.get());
  if (out.empty() || out.size() > kMaxNonce) return malformed();
  return std::optional(std::move(out));
}

// Null: not a hash that is understood.
const EVP_MD* hash_named(const std::string& oid) {
  if (oid == "1.3.14.3.2.26") return EVP_sha1();
  if (oid == "2.16.840.1.101.3.4.2.1") return EVP_sha256();
  if (oid == "2.16.840.1.101.3.4.2.2") return EVP_sha384();
  if (oid == "2.16.840.1.101.3.4.2.3") return EVP_sha512();
  return nullptr;
}

Bytes digest_of(const EVP_MD* hash, ByteView data) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  must(EVP_Digest(data.data(), data.size(), out.data(), &size, hash, nullptr) == 1,
       "OpenSSL failed to hash");
  out.resize(size);
  return out;
}

}  // namespace

Result<OcspRequest> parse_ocsp_request(ByteView der) {
  const QuietErrors quiet;
  if (der.empty() || der.size() > kMaxOcspRequest) return malformed();
  const std::uint8_t* at = der.data();
  const OcspRequestPtr request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(der.size())));
  if (request == nullptr || at != der.data() + der.size()) return malformed();
  const int count = OCSP_request_onereq_count(request.get());
  if (count < 1 || static_cast<std::size_t>(count) > kMaxOcspQuestions) return malformed();
  OcspRequest out;
  for (int i = 0; i < count; ++i) {
    COFFER_TRY(auto question, read_question(OCSP_request_onereq_get0(request.get(), i)));
    out.questions.push_back(std::move(question));
  }
  COFFER_TRY(out.nonce, read_nonce(request.get()));
  return out;
}

bool OcspQuestion::is_about(const Certificate& issuer) const {
  const EVP_MD* const hash = hash_named(hash_oid);
  if (hash == nullptr) return false;
  const std::uint8_t* at = issuer.public_key_der.data();
  const PublicKeyInfoPtr info(
      d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(issuer.public_key_der.size())));
  const unsigned char* bits = nullptr;
  int size = 0;
  if (info == nullptr || X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, info.get()) != 1) {
    return false;
  }
  return name_hash == digest_of(hash, issuer.subject_der) &&
         key_hash == digest_of(hash, ByteView(bits, static_cast<std::size_t>(size)));
}

}  // namespace coffer::crypto
