// What gave a token, asked again before each renewal: renewals must not keep alive what no login
// and no role would give any more.
//
// Roles and users are found by name: one that was deleted and made again under its name counts, as
// in Vault. Tokens of client certificates: domain/certauth/cert_auth.h. Errors are invalid_argument
// with Vault's texts, but for names in them.
#pragma once

#include "domain/auth/token_row.h"
#include "domain/realms/mounts.h"
#include "work/view.h"

namespace coffer::domain {

// The token role that the token was made with, if any, is there.
Result<> check_token_role(work::View& view, const TokenRow& token);

// For a token of a login at `mount`: the AppRole is there; the user is there, and a login would
// give the same policies. A method that is not known here renews nothing.
Result<> check_login(work::View& view, const Mount& mount, const TokenRow& token);

}  // namespace coffer::domain
