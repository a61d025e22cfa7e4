// Certificate signing requests (PKCS#10, RFC 2986).
//
// A request that parses has proven possession: its signature holds under the key inside. What it
// asks for is a wish; whoever signs decides what of it to grant. Limits: kMaxCsrDer, and those of
// certificate_names.h. Errors are invalid_argument, unsupported for a key of an unknown kind.
#pragma once

#include "base/result.h"
#include "crypto/certificate.h"

namespace coffer::crypto {

inline constexpr std::size_t kMaxCsrDer = 64 * 1024;

struct Csr {
  DistinguishedName subject;
  AlternativeNames names;
  Bytes public_key_der;
  KeyKind key_kind{};
};

Result<Csr> parse_csr(ByteView der);

struct CsrTemplate {
  DistinguishedName subject;
  AlternativeNames names;
  bool authority = false;  // asks for BasicConstraints with CA set
};

Result<Bytes> build_csr(const CsrTemplate& request,
                        const PrivateKey& key,
                        CertificateScheme scheme);

}  // namespace coffer::crypto
