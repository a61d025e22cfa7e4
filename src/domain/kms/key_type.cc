#include "domain/kms/key_type.h"

#include <array>

namespace coffer::domain {
namespace {

using crypto::AeadKind;
using crypto::KeyKind;

struct Traits {
  KeyType type;
  std::string_view name;
  std::optional<AeadKind> aead;
  std::optional<KeyKind> pair;
  std::string_view pair_name;
};

constexpr auto kNone = std::nullopt;

constexpr std::array kTypes{
    Traits{KeyType::aes128_gcm96, "aes128-gcm96", AeadKind::aes128_gcm, kNone, ""},
    Traits{KeyType::aes256_gcm96, "aes256-gcm96", AeadKind::aes256_gcm, kNone, ""},
    Traits{KeyType::chacha20_poly1305, "chacha20-poly1305", AeadKind::chacha20_poly1305, kNone, ""},
    Traits{KeyType::hmac, "hmac", kNone, kNone, ""},
    Traits{KeyType::ecdsa_p256, "ecdsa-p256", kNone, KeyKind::ecdsa_p256, "P-256"},
    Traits{KeyType::ecdsa_p384, "ecdsa-p384", kNone, KeyKind::ecdsa_p384, "P-384"},
    Traits{KeyType::ecdsa_p521, "ecdsa-p521", kNone, KeyKind::ecdsa_p521, "P-521"},
    Traits{
        KeyType::ecdsa_secp256k1, "ecdsa-secp256k1", kNone, KeyKind::ecdsa_secp256k1, "secp256k1"},
    Traits{KeyType::ed25519, "ed25519", kNone, KeyKind::ed25519, "ed25519"},
    Traits{KeyType::rsa2048, "rsa-2048", kNone, KeyKind::rsa2048, "rsa-2048"},
    Traits{KeyType::rsa3072, "rsa-3072", kNone, KeyKind::rsa3072, "rsa-3072"},
    Traits{KeyType::rsa4096, "rsa-4096", kNone, KeyKind::rsa4096, "rsa-4096"},
};

constexpr Traits kUnknown{KeyType{}, "?", kNone, kNone, ""};

const Traits& traits_of(KeyType type) {
  for (const Traits& known : kTypes) {
    if (known.type == type) return known;
  }
  return kUnknown;
}

}  // namespace

std::string_view to_text(KeyType type) {
  return traits_of(type).name;
}

std::optional<KeyType> parse_key_type(std::string_view name) {
  for (const Traits& known : kTypes) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

std::optional<AeadKind> aead_of(KeyType type) {
  return traits_of(type).aead;
}

std::optional<KeyKind> pair_of(KeyType type) {
  return traits_of(type).pair;
}

bool is_rsa(KeyType type) {
  return type == KeyType::rsa2048 || type == KeyType::rsa3072 || type == KeyType::rsa4096;
}

bool encrypts(KeyType type) {
  return aead_of(type).has_value() || is_rsa(type);
}

bool signs(KeyType type) {
  return pair_of(type).has_value();
}

bool derives(KeyType type) {
  return aead_of(type).has_value() || type == KeyType::ed25519;
}

std::string_view pair_name(KeyType type) {
  return traits_of(type).pair_name;
}

}  // namespace coffer::domain
