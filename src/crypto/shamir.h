// Shamir's secret sharing over GF(2^8) with the AES polynomial, share-compatible with Vault.
//
// A share is the value of every octet's polynomial at x, followed by x itself in the last octet; x
// is never 0 and differs between shares (shamir_split numbers them from 1: x is no secret).
// Arithmetic is constant time in the values: no table look-ups and no branches on secret octets;
// scripts/check_constant_time.py refuses them in the source, and a test compares times.
// Any `threshold` shares give the secret back; fewer give nothing. shamir_combine cannot tell a
// wrong share from a right one, nor too few from enough: keys/ keeps digests for that.
// Limits: 2 <= threshold <= shares <= 255, secret 1 octet to 64 KiB; else invalid_argument. Both
// functions are pure but for the Random, and safe for concurrent use.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "secure/bytes.h"

#include <vector>

namespace coffer::crypto {

inline constexpr std::size_t kMaxShares = 255;
inline constexpr std::size_t kMaxSharedSecret = 64 * 1024;

Result<std::vector<secure::SecureBytes>> shamir_split(ByteView secret,
                                                      std::size_t shares,
                                                      std::size_t threshold,
                                                      Random& random);

// The shares in any order. Shares of unequal length, an x that is zero or appears twice, or a count
// outside 2 to 255 is invalid_argument.
Result<secure::SecureBytes> shamir_combine(const std::vector<ByteView>& shares);

}  // namespace coffer::crypto
