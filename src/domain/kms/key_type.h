// Types of master keys: their names, what each can do, and the sizes of their material.
//
// Names are those of Vault's transit engine; secp256k1 has none there and is called after its
// curve. Pure functions over a table; values are on disk.
#pragma once

#include "crypto/aead.h"
#include "crypto/signature.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::domain {

enum class KeyType : std::uint8_t {  // stored on disk
  aes128_gcm96 = 1,
  aes256_gcm96 = 2,
  chacha20_poly1305 = 3,
  hmac = 4,
  ecdsa_p256 = 5,
  ecdsa_p384 = 6,
  ecdsa_p521 = 7,
  ecdsa_secp256k1 = 8,
  ed25519 = 9,
  rsa2048 = 10,
  rsa3072 = 11,
  rsa4096 = 12,
};

inline constexpr std::size_t kMinHmacKey = 32;  // octets
inline constexpr std::size_t kHmac224Key = 28;  // AWS's HMAC_224; below the minimum otherwise
inline constexpr std::size_t kMaxHmacKey = 512;

// "aes256-gcm96", "rsa-2048"…; "?" for a number that is none.
std::string_view to_text(KeyType type);
std::optional<KeyType> parse_key_type(std::string_view name);

// The cipher of a symmetric type, and the kind of an asymmetric one.
std::optional<crypto::AeadKind> aead_of(KeyType type);
std::optional<crypto::KeyKind> pair_of(KeyType type);

bool is_rsa(KeyType type);
bool encrypts(KeyType type);  // and decrypts
bool signs(KeyType type);     // and verifies
// Whether keys may be derived with a context.
bool derives(KeyType type);
// The name that the public half goes by in key listings: "P-256", "ed25519", "rsa-2048".
std::string_view pair_name(KeyType type);

}  // namespace coffer::domain
