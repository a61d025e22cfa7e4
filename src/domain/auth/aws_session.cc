#include "domain/auth/aws_session.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "domain/identity/aws_names.h"
#include "rows/codec.h"
#include "rows/table.h"

namespace coffer::domain {
namespace {

constexpr std::uint8_t kFormat = 1;

Bytes associated_data(store::RealmId realm, std::uint32_t term) {
  Bytes aad = to_bytes("coffer aws session v1");
  Writer w(aad);
  w.u32(realm.value());
  w.u32(term);
  return aad;
}

std::unexpected<Error> no_session() {
  return aws_error(Code::unauthenticated,
                   "The security token included in the request is invalid.",
                   "UnrecognizedClientException");
}

// How much of the token policies and tags take, in percent of what there is room for.
unsigned packed_percent(const AwsSession& session) {
  std::size_t octets = session.policy.size();
  for (const std::string& arn : session.policy_arns) octets += arn.size();
  for (const auto& [key, value] : session.tags) octets += key.size() + value.size();
  constexpr std::size_t kRoom = formats::kMaxSessionTokenText / 2;
  return static_cast<unsigned>((octets * 100 + kRoom - 1) / kRoom);
}

}  // namespace

Result<IssuedAwsSession> issue_aws_session(const keys::Keyring& keyring,
                                           store::RealmId realm,
                                           crypto::Random& random,
                                           AwsSession session) {
  const auto too_large = [] {
    return aws_error(Code::too_large,
                     "The session's policies, tags and origin take more room than a session token "
                     "has.",
                     "PackedPolicyTooLargeException");
  };
  if (session.parents.size() > kMaxAwsParents) return too_large();
  session.access_key_id = new_aws_id("ASIA", random);
  session.secret = new_aws_secret(random);
  secure::SecureBytes body;
  {
    Bytes plain;
    plain.reserve(rows::encoded_bound(session));  // no growth: no copies left behind
    Writer w(plain);
    rows::encode_value(w, session);
    body = secure::SecureBytes(plain);
    secure::wipe(plain.data(), plain.size());
  }
  const std::uint32_t term = keyring.active_term();
  COFFER_TRY(const crypto::Aead* aead, keyring.table_aead(term, rows::tables::kAwsSessions.id));
  Bytes whole;
  Writer w(whole);
  w.u8(kFormat);
  w.u32(term);
  aead->seal(associated_data(realm, term), body.view(), whole);
  IssuedAwsSession issued;
  issued.token = secure::SecureText(base64_encode(whole, Base64::url_raw));
  if (issued.token.size() > formats::kMaxSessionTokenText) return too_large();
  issued.packed_percent = packed_percent(session);
  issued.access_key_id = std::move(session.access_key_id);
  issued.secret = std::move(session.secret);
  issued.expires = session.expires;
  return issued;
}

Result<AwsSession> open_aws_session(const keys::Keyring& keyring,
                                    store::RealmId realm,
                                    std::string_view token) {
  if (token.size() > formats::kMaxSessionTokenText) return no_session();
  const auto whole = base64_decode(token, Base64::url_raw);
  if (!whole) return no_session();
  Reader head(*whole);
  const auto format = head.u8();
  const auto term = head.u32();
  if (!format || *format != kFormat || !term) return no_session();
  const auto aead = keyring.table_aead(*term, rows::tables::kAwsSessions.id);
  if (!aead) return no_session();
  const auto body = (*aead)->open(associated_data(realm, *term), ByteView(*whole).subspan(5));
  if (!body) return no_session();
  AwsSession session;
  Reader r(body->view());
  if (!rows::decode_value(r, session) || !r.finish()) return no_session();
  return session;
}

}  // namespace coffer::domain
