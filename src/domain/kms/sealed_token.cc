#include "domain/kms/sealed_token.h"

#include "base/wire.h"
#include "rows/table.h"

namespace coffer::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kHead = 5;

Bytes associated_data(store::RealmId realm, std::string_view purpose, std::uint32_t term) {
  Bytes aad = to_bytes("coffer key token v1|");
  append(aad, as_bytes(purpose));
  aad.push_back('|');
  Writer w(aad);
  w.u32(realm.value());
  w.u32(term);
  return aad;
}

}  // namespace

Result<Bytes> seal_key_token(const keys::Keyring& keyring,
                             store::RealmId realm,
                             std::string_view purpose,
                             ByteView body) {
  const std::uint32_t term = keyring.active_term();
  COFFER_TRY(const crypto::Aead* aead, keyring.table_aead(term, rows::tables::kKeyTokens.id));
  Bytes token;
  Writer w(token);
  w.u8(kFormat);
  w.u32(term);
  aead->seal(associated_data(realm, purpose, term), body, token);
  return token;
}

Result<secure::SecureBytes> open_key_token(const keys::Keyring& keyring,
                                           store::RealmId realm,
                                           std::string_view purpose,
                                           ByteView token) {
  const auto refused = fail(Code::invalid_argument, "not a token of this server");
  Reader head(token);
  const auto format = head.u8();
  const auto term = head.u32();
  if (!format || *format != kFormat || !term) return refused;
  const auto aead = keyring.table_aead(*term, rows::tables::kKeyTokens.id);
  if (!aead) return refused;
  auto body = (*aead)->open(associated_data(realm, purpose, *term), token.subspan(kHead));
  if (!body) return refused;
  return body;
}

}  // namespace coffer::domain
