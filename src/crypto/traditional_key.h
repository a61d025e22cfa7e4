// Private keys in the forms that came before PKCS#8: PKCS#1 for RSA ("RSA PRIVATE KEY", RFC 8017
// A.1.2), SEC 1 for elliptic curves ("EC PRIVATE KEY", RFC 5915). Kinds that have none (Ed25519)
// stay PKCS#8 ("PRIVATE KEY").
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

namespace coffer::crypto {

// PEM of a key in PKCS#8 DER; the errors of PrivateKey::from_der().
Result<secure::SecureText> traditional_pem(ByteView pkcs8);

}  // namespace coffer::crypto
