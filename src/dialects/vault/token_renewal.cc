#include "dialects/vault/token_renewal.h"

#include "domain/auth/token_origin.h"
#include "domain/certauth/cert_auth.h"
#include "domain/realms/mounts.h"

namespace coffer::dialects::vault {
namespace {

using domain::MountKind;
using domain::TokenRow;

// What Tokens::renew() is to be shown, if the token may be renewed.
Result<Bytes> proof_of(gate::Call& call, const TokenRow& token) {
  COFFER_CHECK(domain::check_token_role(*call.view, token));
  if (token.mount_accessor->empty()) return Bytes();
  COFFER_TRY(const auto found,
             domain::Mounts(*call.view).by_accessor(MountKind::auth, *token.mount_accessor));
  if (found.mount == nullptr) return fail(Code::invalid_argument, "lease is not renewable");
  if (found.mount->engine == domain::Engine::cert) {
    return domain::CertAuth(*call.view, *found.mount)
        .renewal(token, call.request.peer.certificates.get());
  }
  COFFER_CHECK(domain::check_login(*call.view, *found.mount, token));
  return Bytes();
}

}  // namespace

Result<TokenRow> renew_token(gate::Call& call, const TokenRow& token, Duration increment) {
  COFFER_TRY(const Bytes shown, proof_of(call, token));
  return domain::Tokens(*call.view).renew(token, increment, shown);
}

}  // namespace coffer::dialects::vault
