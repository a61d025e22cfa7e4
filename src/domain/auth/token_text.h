// The texts of credentials that the server makes, and how they are looked up.
//
//   hvs.…   service token and wrapping token: 24 characters of base62 (142 bits), as Vault's
//           have: its clients know how long a one-time password for generate-root is
//   hvb.…   batch token: base64url of a sealed body (batch_token.h)
//
// A text is never stored: rows are found by HMAC under the keyring's lookup key, one purpose each.
#pragma once

#include "base/bytes.h"
#include "crypto/random.h"
#include "keys/keyring.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::string_view kServicePrefix = "hvs.";
inline constexpr std::string_view kBatchPrefix = "hvb.";
inline constexpr std::size_t kTokenCharacters = 24;
inline constexpr std::size_t kMaxTokenText = 8192;  // octets of any credential that is looked up

// Base62 without bias.
secure::SecureText random_base62(crypto::Random& random, std::size_t characters);
secure::SecureText new_service_token(crypto::Random& random);
// Random and public: names a credential without being one.
std::string new_accessor(crypto::Random& random);

// Key of the token's row.
Bytes token_id(const keys::Keyring& keyring, std::string_view token);
// Key of a wrapping token's row.
Bytes wrap_id(const keys::Keyring& keyring, std::string_view token);

}  // namespace coffer::domain
