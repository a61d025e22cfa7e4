// The ASN.1 forms of keys on the curves of KeyKind: SubjectPublicKeyInfo (RFC 5480), PKCS#8 (RFC
// 5208) and the older ECPrivateKey (RFC 5915), octet for octet what OpenSSL writes. OpenSSL
// searches its encoders anew for each key, which takes 50 to 500 us; a certificate authority writes
// two forms for each certificate that it issues a key with.
//
// A point is written in the form that the key came with; asking the key for it takes several times
// as long as the rest, so whoever writes a key more than once asks once. Included only by .cc files
// of crypto/. Safe for concurrent use.
#pragma once

#include "crypto/openssl_ptr.h"
#include "crypto/signature.h"
#include "secure/bytes.h"

namespace coffer::crypto {

// The public half of a key, which the others take.
Bytes elliptic_point(const EVP_PKEY* key);

Bytes elliptic_public_key(ByteView point, KeyKind kind);

enum class EllipticForm : std::uint8_t { pkcs8, traditional };

secure::SecureBytes elliptic_private_key(const EVP_PKEY* key,
                                         ByteView point,
                                         KeyKind kind,
                                         EllipticForm form);

}  // namespace coffer::crypto
