// Shamir's secret sharing over GF(2^8) with the AES polynomial, share-compatible with Vault.
//
// A share is the value of every octet's polynomial at x, followed by x itself in the last octet; x
// is never 0 and differs between shares. Arithmetic is constant time in the values: no table
// look-ups and no branches on secret octets. Any `threshold` shares give the secret back; fewer
// give nothing. combine() cannot tell a wrong share from a right one: keys/ keeps digests for that.
// Limits: 2 <= threshold <= shares <= 255, secret 1 octet to 64 KiB; else invalid_argument.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "secure/bytes.h"

#include <vector>

namespace coffer::crypto {

Result<std::vector<secure::SecureBytes>> shamir_split(ByteView secret,
                                                      std::size_t shares,
                                                      std::size_t threshold,
                                                      Random& random);

Result<secure::SecureBytes> shamir_combine(const std::vector<ByteView>& shares);

}  // namespace coffer::crypto
