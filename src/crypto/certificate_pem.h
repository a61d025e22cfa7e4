// PEM (RFC 7468) of what a certificate authority reads and gives out: certificates, requests,
// revocation lists and private keys, alone and in bundles.
//
// Private keys are PKCS#8, or in the older forms "RSA PRIVATE KEY" (RFC 8017) and "EC PRIVATE KEY"
// (RFC 5915). Encrypted keys and other labels are refused. Limits: a bundle of 1 MiB and 100
// blocks. Errors are invalid_argument, unsupported for a key of an unknown kind.
#pragma once

#include "base/result.h"
#include "crypto/signature.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxBundle = 1 << 20;
inline constexpr std::size_t kMaxBundleBlocks = 100;

struct PemBundle {
  std::vector<Bytes>
      certificates;  // DER, in the order given; parse_certificate() has not seen them
  std::vector<PrivateKey> keys;
};

Result<PemBundle> read_pem_bundle(std::string_view text);

// The DER of one certificate, and of one request ("CERTIFICATE REQUEST", "NEW CERTIFICATE
// REQUEST").
Result<Bytes> certificate_from_pem(std::string_view text);
Result<Bytes> csr_from_pem(std::string_view text);

std::string certificate_pem(ByteView der);
std::string csr_pem(ByteView der);
std::string crl_pem(ByteView der);

// The older form of a private key and its PEM label; Ed25519 keys have none and stay PKCS#8.
struct LegacyKey {
  std::string_view label;
  secure::SecureBytes der;

  [[nodiscard]] secure::SecureText pem() const;
};

LegacyKey legacy_key(const PrivateKey& key);

}  // namespace coffer::crypto
