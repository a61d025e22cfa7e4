// Asymmetric keys as OpenSSL holds them: reading, checking, writing. Included only by .cc files of
// crypto/. signature.h states what is accepted; these functions decide it.
#pragma once

#include "base/result.h"
#include "crypto/openssl_ptr.h"
#include "crypto/signature.h"
#include "secure/bytes.h"

namespace coffer::crypto {

PkeyPtr generate_key(KeyKind kind);

// A key of a known kind that passed its checks, from all of `der`.
struct CheckedKey {
  PkeyPtr key;
  KeyKind kind;
};

Result<CheckedKey> read_public_key(ByteView spki);
Result<CheckedKey> read_private_key(ByteView pkcs8);

// What those below need of an elliptic key, slow to ask for (elliptic_key.h); empty of others.
Bytes point_of(const CheckedKey& checked);

Bytes write_public_key(const CheckedKey& checked, ByteView point);
secure::SecureBytes write_private_key(const CheckedKey& checked, ByteView point);
// PKCS#8 of a key that was not checked yet.
secure::SecureBytes write_any_private_key(const EVP_PKEY* key);
// The form before PKCS#8: PKCS#1 of RSA, RFC 5915 of elliptic curves. Not for Ed25519.
secure::SecureBytes write_traditional_key(const CheckedKey& checked, ByteView point);

bool is_rsa(KeyKind kind);
bool is_ecdsa(KeyKind kind);

}  // namespace coffer::crypto
