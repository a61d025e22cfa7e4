// Response wrapping: a handler whose answer, when the caller sends X-Vault-Wrap-TTL, is kept under
// a single-use token in the same unit of work, and replaced by that token's wrap_info.
#pragma once

#include "gate/operation.h"

namespace coffer::dialects::vault {

// Whose answers are kept: a wrap is a guarded row that lives as long as the caller says, so
// strangers must not make them. A caller without a token has proved who it is where the route's own
// handler asks for a proof (a password, a certificate, a wrapping token).
enum class WrapFor : std::uint8_t { tokens, proven };

// `handler` with wrapping around it. A header that is no positive duration is invalid_argument, as
// is one of a stranger; an empty one asks for nothing. Answers without a body are not wrapped.
gate::Handler wrapping(gate::Handler handler, WrapFor whom = WrapFor::tokens);

}  // namespace coffer::dialects::vault
