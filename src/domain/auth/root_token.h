// The first token: made at initialisation or by generate-root, with the root policy and no expiry.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"
#include "work/view.h"

#include <string_view>

namespace coffer::domain {

// Stages an orphan service token with the policy "root". A non-empty `fixed` is used as the token
// itself (development servers only).
Result<secure::SecureText> issue_root_token(work::View& view, std::string_view fixed);

}  // namespace coffer::domain
