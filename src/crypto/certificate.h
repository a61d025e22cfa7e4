// X.509 v3 certificates (RFC 5280) as a certificate authority makes and reads them.
//
// Certificates travel as DER; PEM is read and written by certificate_pem.h. Reading says nothing
// about trust. Limits: kMaxCertificateDer, and those of certificate_names.h. Errors are
// invalid_argument, unsupported for a key of a kind that signature.h does not know, and never quote
// the input. Pure functions but for the randomness of signatures; safe for concurrent use.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate_names.h"
#include "crypto/certificate_sign.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxCertificateDer = 64 * 1024;
inline constexpr std::size_t kMaxSerialOctets = 20;  // RFC 5280 §4.1.2.2

// Bits of the KeyUsage extension (RFC 5280 §4.2.1.3), by their number.
namespace key_usage {
inline constexpr std::uint16_t kDigitalSignature = 1U << 0U;
inline constexpr std::uint16_t kContentCommitment = 1U << 1U;
inline constexpr std::uint16_t kKeyEncipherment = 1U << 2U;
inline constexpr std::uint16_t kDataEncipherment = 1U << 3U;
inline constexpr std::uint16_t kKeyAgreement = 1U << 4U;
inline constexpr std::uint16_t kCertSign = 1U << 5U;
inline constexpr std::uint16_t kCrlSign = 1U << 6U;
inline constexpr std::uint16_t kEncipherOnly = 1U << 7U;
inline constexpr std::uint16_t kDecipherOnly = 1U << 8U;
}  // namespace key_usage

// BasicConstraints; absent where the optional around it is.
struct BasicConstraints {
  bool authority = false;
  std::optional<std::uint32_t> path_length;  // authorities only
};

// Where more about the issuer is to be had: plain URIs.
struct IssuerUrls {
  std::vector<std::string> issuing;  // the issuer's certificate
  std::vector<std::string> ocsp;
  std::vector<std::string> crl;
  std::vector<std::string> delta_crl;
};

struct CertificateTemplate {
  Bytes serial;  // 1 to 20 octets, unsigned
  DistinguishedName subject;
  AlternativeNames names;
  Timestamp not_before;
  Timestamp not_after;
  Bytes public_key_der;  // SubjectPublicKeyInfo
  std::optional<BasicConstraints> constraints;
  std::uint16_t usage = 0;                  // key_usage; 0: no extension
  std::vector<std::string> extended_usage;  // object identifiers
  std::vector<std::string> policies;        // object identifiers
  std::vector<std::string> permitted_dns;   // name constraints of an authority, critical
  IssuerUrls urls;
  Bytes subject_key_id;    // empty: key_identifier() of the public key
  Bytes authority_key_id;  // empty: no extension
};

// What parse_certificate() accepts, or an error. `issuer_name` is the DER of the issuer's subject;
// empty: the subject itself (self-signed).
Result<Bytes> build_certificate(const CertificateTemplate& request,
                                ByteView issuer_name,
                                const PrivateKey& signer,
                                CertificateScheme scheme);

struct Certificate {
  Bytes der;
  Bytes serial;  // without leading zeros
  DistinguishedName subject;
  Bytes subject_der;
  Bytes issuer_der;
  AlternativeNames names;
  Timestamp not_before;
  Timestamp not_after;
  Bytes public_key_der;
  KeyKind key_kind{};
  std::optional<BasicConstraints> constraints;
  std::uint16_t usage = 0xffff;  // all bits where there is no extension
  Bytes subject_key_id;          // empty: not said
  Bytes authority_key_id;

  [[nodiscard]] bool is_authority() const { return constraints && constraints->authority; }
};

Result<Certificate> parse_certificate(ByteView der);

// Whether `issuer` named and signed `certificate`. Says nothing about times and usages.
bool is_issued_by(const Certificate& certificate, const Certificate& issuer);

}  // namespace coffer::crypto
