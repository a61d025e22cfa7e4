// The renewal of a token, the same by whatever route: what gave the token is asked first whether it
// still would (domain/auth/token_origin.h, domain/certauth/cert_auth.h).
#pragma once

#include "domain/auth/tokens.h"
#include "gate/operation.h"

namespace coffer::dialects::vault {

// Errors: those of domain::Tokens::renew(), domain::CertAuth::renewal() and token_origin.h.
Result<domain::TokenRow> renew_token(gate::Call& call,
                                     const domain::TokenRow& token,
                                     Duration increment);

}  // namespace coffer::dialects::vault
