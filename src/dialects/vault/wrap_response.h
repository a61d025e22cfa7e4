// Response wrapping: a handler whose answer, when the caller sends X-Vault-Wrap-TTL, is kept under
// a single-use token in the same unit of work, and replaced by that token's wrap_info.
#pragma once

#include "gate/operation.h"

namespace coffer::dialects::vault {

// `handler` with wrapping around it. A header that is no positive duration is invalid_argument; an
// empty one asks for nothing. Answers without a body are not wrapped.
gate::Handler wrapping(gate::Handler handler);

}  // namespace coffer::dialects::vault
