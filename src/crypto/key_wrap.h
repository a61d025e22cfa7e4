// AES key wrap: RFC 3394 (KW) for keys of whole 8-octet blocks, RFC 5649 (KWP) for keys of any
// size.
//
// Deterministic authenticated encryption of keys under a key of 16, 24 or 32 octets. Unwrapping
// anything that this key did not wrap is Code::corrupt, whatever is wrong; a wrapping key or a size
// that the standard does not take is invalid_argument. Limit: kMaxWrappedKey octets of key. Pure
// functions; safe for concurrent use.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "secure/bytes.h"

namespace coffer::crypto {

inline constexpr std::size_t kMaxWrappedKey = 16 * 1024;

// KW: `key` has at least 16 octets, a multiple of 8.
Result<Bytes> wrap_key(ByteView wrapping_key, ByteView key);
Result<secure::SecureBytes> unwrap_key(ByteView wrapping_key, ByteView wrapped);

// KWP: `key` has at least one octet.
Result<Bytes> wrap_padded_key(ByteView wrapping_key, ByteView key);
Result<secure::SecureBytes> unwrap_padded_key(ByteView wrapping_key, ByteView wrapped);

}  // namespace coffer::crypto
