// The renewal of a token by whatever route: one that was got with a client certificate is renewed
// only over a connection that shows the same one (see domain/certauth/cert_auth.h).
#pragma once

#include "domain/auth/tokens.h"
#include "gate/operation.h"

namespace coffer::dialects::vault {

// Errors: those of domain::Tokens::renew() and domain::CertAuth::renewal().
Result<domain::TokenRow> renew_token(gate::Call& call,
                                     const domain::TokenRow& token,
                                     Duration increment);

}  // namespace coffer::dialects::vault
