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

Bytes write_public_key(const EVP_PKEY* key);
secure::SecureBytes write_private_key(const EVP_PKEY* key);

bool is_rsa(KeyKind kind);
bool is_ecdsa(KeyKind kind);

}  // namespace coffer::crypto
