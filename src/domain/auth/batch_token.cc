#include "domain/auth/batch_token.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "domain/auth/token_text.h"
#include "rows/codec.h"

namespace coffer::domain {
namespace {

constexpr std::uint8_t kFormat = 1;

Bytes associated_data(store::RealmId realm, std::uint32_t term) {
  Bytes aad = to_bytes("coffer batch token v1");
  Writer w(aad);
  w.u32(realm.value());
  w.u32(term);
  return aad;
}

std::unexpected<Error> denied() {
  return fail(Code::permission_denied, "permission denied");
}

}  // namespace

Result<secure::SecureText> seal_batch_token(const keys::Keyring& keyring,
                                            store::RealmId realm,
                                            const BatchToken& token) {
  Bytes body;
  Writer body_writer(body);
  rows::encode_value(body_writer, token);
  const std::uint32_t term = keyring.active_term();
  COFFER_TRY(const crypto::Aead* aead, keyring.table_aead(term, rows::tables::kBatchTokens.id));
  Bytes whole;
  Writer w(whole);
  w.u8(kFormat);
  w.u32(term);
  aead->seal(associated_data(realm, term), body, whole);
  secure::SecureText text(kBatchPrefix);
  text.append(base64_encode(whole, Base64::url_raw));
  if (text.size() > kMaxTokenText) return fail(Code::too_large, "the batch token is too large");
  return text;
}

Result<BatchToken> open_batch_token(const keys::Keyring& keyring,
                                    store::RealmId realm,
                                    std::string_view text) {
  if (!text.starts_with(kBatchPrefix) || text.size() > kMaxTokenText) return denied();
  const auto whole = base64_decode(text.substr(kBatchPrefix.size()), Base64::url_raw);
  if (!whole) return denied();
  Reader head(*whole);
  const auto format = head.u8();
  const auto term = head.u32();
  if (!format || *format != kFormat || !term) return denied();
  const auto aead = keyring.table_aead(*term, rows::tables::kBatchTokens.id);
  if (!aead) return denied();
  const auto body = (*aead)->open(associated_data(realm, *term), ByteView(*whole).subspan(5));
  if (!body) return denied();
  BatchToken token;
  Reader r(body->view());
  if (!rows::decode_value(r, token) || !r.finish()) return denied();
  return token;
}

}  // namespace coffer::domain
