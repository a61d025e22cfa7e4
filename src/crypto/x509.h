// X.509 certificates (RFC 5280), as much as the server's own listener needs: a self-signed
// certificate for development, and reading facts out of one. The certificate authority builds on
// this file later.
//
// All functions are pure but for OpenSSL's random numbers and safe for concurrent use. Errors are
// invalid_argument and never quote the input.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/signature.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxCertificateText = 64 * 1024;

// Limits: a common name of 1 to 64 printable ASCII characters (RFC 5280 appendix A.1), at most 100
// names, each DNS name of 1 to 253 characters (letters, digits, '-', '.', '_', a leading "*.").
// Times are cut to whole seconds; not_before is before not_after.
struct SelfSignedRequest {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // textual, version 4 or 6
  Timestamp not_before;
  Timestamp not_after;
};

// PEM of a v3 certificate for `key`, usable as a TLS server certificate and as its own trust
// anchor, but not as an authority for others. Without any name no client can match it: at least
// one DNS name or address is needed.
Result<std::string> self_signed(const PrivateKey& key, const SelfSignedRequest& request);

struct CertificateFacts {
  std::string subject_common_name;  // the first; empty when there is none
  std::string serial_hex;           // lower case, no leading zeros but for "00"; at most 20 octets
  Timestamp not_before;
  Timestamp not_after;  // beyond the range of Timestamp (RFC 5280 §4.1.2.5: year 9999) its maximum
  Bytes public_key_der;
  Bytes fingerprint_sha256;  // of the whole certificate's DER
};

// Reads the first certificate of `pem`; malformed input is invalid_argument. Limit 64 KiB. Says
// nothing about whether the certificate is to be trusted.
Result<CertificateFacts> read_certificate(std::string_view pem);

}  // namespace coffer::crypto
