// SipHash-2-4 with 128 bits (Aumasson and Bernstein, 2012): a keyed digest that costs a tenth of an
// HMAC, for tables in memory whose key no caller knows. Never stored, never sent.
//
// Without the key nobody can tell its digests from random ones, so nobody finds a text with the
// digest of another. Constant time in the contents. Safe for concurrent use; cannot fail.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>

namespace coffer::crypto {

using SipKey = std::array<std::uint8_t, 16>;
using SipDigest = std::array<std::uint64_t, 2>;  // the octets, read as little-endian numbers

[[nodiscard]] SipDigest sip_hash(const SipKey& key, ByteView data);

}  // namespace coffer::crypto
