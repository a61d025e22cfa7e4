#include "crypto/certificate.h"
#include "crypto/certificate_read.h"
#include "crypto/openssl_key.h"

namespace coffer::crypto {
namespace {

using BitsPtr = OpensslPtr<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using ConstraintsPtr = OpensslPtr<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;

Bytes public_key_der(X509* certificate) {
  unsigned char* raw = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &raw);
  const MemoryPtr der(raw);
  return size <= 0 ? Bytes() : Bytes(der.get(), der.get() + size);
}

Bytes octets(const ASN1_OCTET_STRING* string) {
  if (string == nullptr) return {};
  const unsigned char* data = ASN1_STRING_get0_data(string);
  return {data, data + ASN1_STRING_length(string)};
}

Result<std::optional<BasicConstraints>> read_constraints(const STACK_OF(X509_EXTENSION) *
                                                         extensions) {
  COFFER_TRY(BASIC_CONSTRAINTS* const found,
             read_extension<BASIC_CONSTRAINTS>(extensions, NID_basic_constraints));
  if (found == nullptr) return std::optional<BasicConstraints>();
  const ConstraintsPtr value(found);
  BasicConstraints out{.authority = value->ca != 0, .path_length = std::nullopt};
  if (value->pathlen != nullptr) {
    const long length = ASN1_INTEGER_get(value->pathlen);
    if (length < 0 || length > 255) {
      return fail(Code::invalid_argument, "path length out of its range");
    }
    out.path_length = static_cast<std::uint32_t>(length);
  }
  return std::optional(out);
}

Result<std::uint16_t> read_usage(const STACK_OF(X509_EXTENSION) * extensions) {
  COFFER_TRY(ASN1_BIT_STRING* const found,
             read_extension<ASN1_BIT_STRING>(extensions, NID_key_usage));
  if (found == nullptr) return std::uint16_t{0xffff};
  const BitsPtr bits(found);
  std::uint16_t usage = 0;
  for (int bit = 0; bit <= 8; ++bit) {
    if (ASN1_BIT_STRING_get_bit(bits.get(), bit) == 1) {
      usage = static_cast<std::uint16_t>(usage | 1U << static_cast<unsigned>(bit));
    }
  }
  return usage;
}

X509Ptr decode(ByteView der) {
  const std::uint8_t* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate != nullptr && at != der.data() + der.size()) certificate.reset();
  return certificate;
}

}  // namespace

Result<Certificate> parse_certificate(ByteView der) {
  const QuietErrors quiet;
  if (der.empty() || der.size() > kMaxCertificateDer) {
    return fail(Code::invalid_argument, "certificate of an impossible size");
  }
  const X509Ptr x509 = decode(der);
  if (x509 == nullptr) return fail(Code::invalid_argument, "not an X.509 certificate");
  const STACK_OF(X509_EXTENSION)* extensions = X509_get0_extensions(x509.get());
  Certificate out;
  out.der = to_bytes(der);
  COFFER_TRY(out.serial, read_serial(X509_get0_serialNumber(x509.get())));
  COFFER_TRY(out.subject, read_name(X509_get_subject_name(x509.get())));
  out.subject_der = name_der(X509_get_subject_name(x509.get()));
  out.issuer_der = name_der(X509_get_issuer_name(x509.get()));
  COFFER_TRY(out.names, read_alternative_names(extensions));
  COFFER_TRY(out.not_before, read_time(X509_get0_notBefore(x509.get())));
  COFFER_TRY(out.not_after, read_time(X509_get0_notAfter(x509.get())));
  out.public_key_der = public_key_der(x509.get());
  COFFER_TRY(const CheckedKey key, read_public_key(out.public_key_der));
  out.key_kind = key.kind;
  COFFER_TRY(out.constraints, read_constraints(extensions));
  COFFER_TRY(out.usage, read_usage(extensions));
  out.subject_key_id = octets(X509_get0_subject_key_id(x509.get()));
  out.authority_key_id = octets(X509_get0_authority_key_id(x509.get()));
  return out;
}

bool is_issued_by(const Certificate& certificate, const Certificate& issuer) {
  const QuietErrors quiet;
  if (certificate.issuer_der != issuer.subject_der) return false;
  const X509Ptr x509 = decode(certificate.der);
  const auto key = read_public_key(issuer.public_key_der);
  return x509 != nullptr && key && X509_verify(x509.get(), key->key.get()) == 1;
}

}  // namespace coffer::crypto
