#include "domain/kms/key_material.h"

#include <string>

namespace coffer::domain {
namespace {

constexpr std::size_t kMacKey = 32;

// The kind of an asymmetric key must be its type's: "an RSA key" is no answer to "rsa-4096".
std::unexpected<Error> other_kind(KeyType type) {
  return fail(Code::invalid_argument,
              "invalid key type: expected " + std::string(to_text(type)) + " key");
}

Result<> check_size(KeyType type, std::size_t size) {
  const auto aead = aead_of(type);
  const bool fits = aead ? size == crypto::key_size(*aead)
                         : size == kHmac224Key || (size >= kMinHmacKey && size <= kMaxHmacKey);
  if (fits) return {};
  return fail(Code::invalid_argument,
              "invalid key size " + std::to_string(size) + " bytes for key type " +
                  std::string(to_text(type)));
}

}  // namespace

KeyMaterial generate_material(KeyType type, std::size_t size, crypto::Random& random) {
  KeyMaterial made;
  made.mac = random.bytes(kMacKey);
  if (const auto pair = pair_of(type)) {
    const auto key = *crypto::PrivateKey::generate(*pair);
    made.secret = key.der();
    made.public_key = key.public_der();
  } else if (const auto aead = aead_of(type)) {
    made.secret = random.bytes(crypto::key_size(*aead));
  } else {
    made.secret = random.bytes(size == 0 ? kMinHmacKey : size);
    made.mac = made.secret.clone();
  }
  return made;
}

Result<KeyMaterial> material_of_secret(KeyType type,
                                       secure::SecureBytes secret,
                                       crypto::Random& random) {
  KeyMaterial made;
  made.mac = random.bytes(kMacKey);
  if (const auto pair = pair_of(type)) {
    const auto key = crypto::PrivateKey::from_der(secret.view());
    if (!key) {
      return fail(Code::invalid_argument, "error parsing asymmetric key: " + key.error().message);
    }
    if (key->kind() != *pair) return other_kind(type);
    made.secret = key->der();  // in its one encoding
    made.public_key = key->public_der();
    return made;
  }
  COFFER_CHECK(check_size(type, secret.size()));
  if (type == KeyType::hmac) made.mac = secret.clone();
  made.secret = std::move(secret);
  return made;
}

Result<KeyMaterial> material_of_public(KeyType type, std::string_view pem, crypto::Random& random) {
  const auto pair = pair_of(type);
  if (!pair) {
    return fail(Code::invalid_argument, "provided type does not support public_key import");
  }
  const auto key = crypto::PublicKey::from_pem(pem);
  if (!key) {
    return fail(Code::invalid_argument, "error parsing public key: " + key.error().message);
  }
  if (key->kind() != *pair) return other_kind(type);
  KeyMaterial made;
  made.mac = random.bytes(kMacKey);
  made.public_key = key->der();
  return made;
}

}  // namespace coffer::domain
