// The Online Certificate Status Protocol (RFC 6960): requests read, responses made.
//
// A response is signed by the issuer itself, for all the certificates that one request asks about.
// Signatures of requests are not looked at. Limits: a request of 16 KiB, 32 certificates, a nonce
// of 1 to 32 octets (RFC 8954). Errors of reading are invalid_argument.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/crl.h"

#include <optional>
#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxOcspRequest = 16 * 1024;
inline constexpr std::size_t kMaxOcspQuestions = 32;

struct OcspQuestion {
  Bytes id_der;  // CertID as it was sent
  Bytes serial;  // without leading zeros
  std::string hash_oid;
  Bytes name_hash;
  Bytes key_hash;

  // Whether it asks about a certificate of this issuer. SHA-1 (which only names the issuer here)
  // and SHA-2 are understood; another hash asks about nobody.
  [[nodiscard]] bool is_about(const Certificate& issuer) const;
};

struct OcspRequest {
  std::vector<OcspQuestion> questions;  // at least one
  std::optional<Bytes> nonce;
};

Result<OcspRequest> parse_ocsp_request(ByteView der);

enum class CertificateStatus : std::uint8_t { good, revoked, unknown };

struct OcspAnswer {
  CertificateStatus status = CertificateStatus::unknown;
  Timestamp revoked_at;       // of revoked ones
  RevocationReason reason{};  // of revoked ones
};

struct OcspTemplate {
  Timestamp produced_at;
  Timestamp this_update;
  std::optional<Timestamp> next_update;
};

// One answer for each question, in order.
Result<Bytes> build_ocsp_response(const OcspTemplate& response,
                                  const OcspRequest& request,
                                  const std::vector<OcspAnswer>& answers,
                                  const Certificate& issuer,
                                  const PrivateKey& signer,
                                  CertificateScheme scheme);

// OCSPResponseStatus of answers without content.
enum class OcspFailure : std::uint8_t {
  malformed_request = 1,
  internal_error = 2,
  try_later = 3,
  unauthorized = 6,
};

Bytes build_ocsp_failure(OcspFailure failure);

}  // namespace coffer::crypto
