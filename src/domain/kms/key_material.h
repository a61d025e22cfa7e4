// KeyMaterial: what one version of a master key is made of, on its way into a row or out of one.
//
//   symmetric, hmac   secret: the octets of the key
//   asymmetric        secret: PKCS#8 DER; public_key: SubjectPublicKeyInfo DER. A version that was
//                     imported as a public key has no secret: it verifies and encrypts only
//   mac               every version has a key for MACs beside its own; an hmac key uses `secret`
//
// Held in wiped memory. Functions are pure but for the Random and safe for concurrent use; errors
// are invalid_argument with Vault's texts.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "domain/kms/key_type.h"
#include "secure/bytes.h"

#include <string_view>

namespace coffer::domain {

struct KeyMaterial {
  secure::SecureBytes secret;
  Bytes public_key;
  secure::SecureBytes mac;

  [[nodiscard]] KeyMaterial clone() const { return {secret.clone(), public_key, mac.clone()}; }
};

// New material. RSA takes up to seconds: never on a loop thread. `size`: octets of an hmac key; 0:
// 32.
KeyMaterial generate_material(KeyType type, std::size_t size, crypto::Random& random);

// Somebody's own key: raw octets for symmetric types, PKCS#8 DER for the others.
Result<KeyMaterial> material_of_secret(KeyType type,
                                       secure::SecureBytes secret,
                                       crypto::Random& random);
// A public key in PEM.
Result<KeyMaterial> material_of_public(KeyType type, std::string_view pem, crypto::Random& random);

}  // namespace coffer::domain
