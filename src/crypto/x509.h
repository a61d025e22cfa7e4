// X.509 certificates (RFC 5280), as much as the server's own listener needs: a self-signed
// certificate for development, and reading facts out of one. The certificate authority builds on
// this file later.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/signature.h"

#include <string>
#include <vector>

namespace coffer::crypto {

struct SelfSignedRequest {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // textual
  Timestamp not_before;
  Timestamp not_after;
};

// PEM of a v3 certificate for `key`, usable as a TLS server certificate and as its own trust
// anchor.
Result<std::string> self_signed(const PrivateKey& key, const SelfSignedRequest& request);

struct CertificateFacts {
  std::string subject_common_name;
  std::string serial_hex;
  Timestamp not_before;
  Timestamp not_after;
  Bytes public_key_der;
  Bytes fingerprint_sha256;
};

// Reads the first certificate of `pem`; malformed input is invalid_argument. Limit 64 KiB.
Result<CertificateFacts> read_certificate(std::string_view pem);

}  // namespace coffer::crypto
