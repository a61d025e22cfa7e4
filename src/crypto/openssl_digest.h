// HashKind as OpenSSL knows it. Included only by .cc files of crypto/.
#pragma once

#include "crypto/hash.h"

#include <openssl/evp.h>

namespace coffer::crypto {

// Fetched once per process; valid until exit. Safe for concurrent use.
const EVP_MD* openssl_digest(HashKind kind);

// The name that OpenSSL's parameters take.
const char* openssl_digest_name(HashKind kind);

}  // namespace coffer::crypto
