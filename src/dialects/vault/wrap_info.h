// The "wrap_info" answer, for wrapped responses and for sys/wrapping/*.
#pragma once

#include "domain/auth/wraps.h"
#include "gate/operation.h"

#include <optional>

namespace coffer::dialects::vault {

gate::Reply wrap_answer(gate::Call& call, domain::WrapInfo info);

// X-Vault-Wrap-TTL; nullopt when absent or 0. invalid_argument when it is no duration or negative.
Result<std::optional<Duration>> asked_wrap_ttl(const net::Request& request);

}  // namespace coffer::dialects::vault
