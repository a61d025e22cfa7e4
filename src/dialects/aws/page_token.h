// Page tokens (NextToken, NextMarker): where a listing goes on, for the caller to hand back.
//
// Opaque and sealed: XAES-256-GCM under a key of the keyring, bound to the operation and to what
// was asked ("request"), so that nobody reads, makes or moves one. A token does not give access:
// the next page is authorised like the first. Text: url-safe base64 without padding of
//   u8 format 1 | u32 term | nonce, ciphertext and tag of the position.
// A token that is not ours, or another operation's, or of a keyring term that is gone, is
// invalid_argument under `error_name`. Limit: kMaxPageToken octets of text. Pure but for
// randomness.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "keys/keyring.h"

#include <string>
#include <string_view>

namespace coffer::dialects::aws {

inline constexpr std::size_t kMaxPageToken = 4096;

// `position`: what the listing needs to go on, at most 2,048 octets; `request`: what must be equal
// in the next call (filters, the key).
Result<std::string> seal_page_token(const keys::Keyring& keyring,
                                    crypto::Random& random,
                                    std::string_view operation,
                                    std::string_view request,
                                    std::string_view position);
Result<std::string> open_page_token(const keys::Keyring& keyring,
                                    crypto::Random& random,
                                    std::string_view operation,
                                    std::string_view request,
                                    std::string_view token,
                                    std::string_view error_name);

}  // namespace coffer::dialects::aws
