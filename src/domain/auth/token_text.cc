#include "domain/auth/token_text.h"

namespace coffer::domain {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Bytes digest(const keys::Keyring& keyring, std::string_view purpose, std::string_view credential) {
  return to_bytes(ByteView(keyring.lookup_digest(purpose, as_bytes(credential))));
}

}  // namespace

secure::SecureText random_base62(crypto::Random& random, std::size_t characters) {
  constexpr std::uint8_t kUnbiased = 256 / 62 * 62;
  secure::SecureText text;
  text.reserve(characters);
  while (text.size() < characters) {
    const secure::SecureBytes octets = random.bytes(characters + characters / 8);
    for (const std::uint8_t octet : octets.view()) {
      if (octet < kUnbiased && text.size() < characters) text.push_back(kAlphabet[octet % 62]);
    }
  }
  return text;
}

secure::SecureText new_service_token(crypto::Random& random) {
  secure::SecureText token(kServicePrefix);
  token.append(random_base62(random, kTokenCharacters).text());
  return token;
}

std::string new_accessor(crypto::Random& random) {
  return std::string(random_base62(random, 24).text());
}

Bytes token_id(const keys::Keyring& keyring, std::string_view token) {
  return digest(keyring, "token", token);
}

Bytes wrap_id(const keys::Keyring& keyring, std::string_view token) {
  return digest(keyring, "wrap", token);
}

}  // namespace coffer::domain
