// Authentication of a request by its token.
#pragma once

#include "base/result.h"
#include "domain/auth/principal.h"
#include "work/view.h"

#include <string_view>

namespace coffer::domain {

// Looks the token up by its keyed digest and checks that it lives: not expired, not revoked (nor
// any ancestor), uses left, bound to this source address. Counts a use in the view's gate part.
// Fills the principal's entity, its policies and the identity facts. Errors: permission_denied
// "permission denied" for every kind of bad token, with equal cost; corrupt and unavailable from
// below.
Result<Principal> authenticate(work::View& view,
                               std::string_view token,
                               std::string_view source_ip);

}  // namespace coffer::domain
