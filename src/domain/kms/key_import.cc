#include "domain/kms/key_import.h"

#include "crypto/key_wrap.h"
#include "crypto/signature.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace coffer::domain {
namespace {

constexpr std::size_t kWrappedEphemeral = 512;  // RSA-4096
constexpr std::size_t kEphemeral = 32;

std::unexpected<Error> unwrappable() {
  return fail(Code::invalid_argument, "the ciphertext was not made with the wrapping key");
}

}  // namespace

Result<secure::SecureBytes> unwrap_import(ByteView wrapping_key,
                                          ByteView blob,
                                          crypto::HashKind hash) {
  if (blob.size() <= kWrappedEphemeral || blob.size() > kMaxImport) {
    return fail(Code::invalid_argument, "provided ciphertext is too short or too long");
  }
  COFFER_TRY(const auto key, crypto::PrivateKey::from_der(wrapping_key));
  const auto ephemeral = key.decrypt_oaep(blob.first(kWrappedEphemeral), hash);
  if (!ephemeral || ephemeral->size() != kEphemeral) return unwrappable();
  auto material = crypto::unwrap_padded_key(ephemeral->view(), blob.subspan(kWrappedEphemeral));
  if (!material) return unwrappable();
  return material;
}

std::optional<crypto::HashKind> parse_import_hash(std::string_view name) {
  using crypto::HashKind;
  constexpr std::array kKnown{std::pair{std::string_view("SHA1"), HashKind::sha1},
                              std::pair{std::string_view("SHA224"), HashKind::sha224},
                              std::pair{std::string_view("SHA256"), HashKind::sha256},
                              std::pair{std::string_view("SHA384"), HashKind::sha384},
                              std::pair{std::string_view("SHA512"), HashKind::sha512}};
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  for (const auto& [known, kind] : kKnown) {
    if (upper == known) return kind;
  }
  return std::nullopt;
}

}  // namespace coffer::domain
