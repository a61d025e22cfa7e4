// Key derivation: HKDF (RFC 5869) for keys from keys, scrypt (RFC 7914) for keys from passwords.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "secure/bytes.h"

#include <cstdint>
#include <string_view>

namespace coffer::crypto {

// HKDF extract and expand. At most 255 hash lengths of output, else invalid_argument.
Result<secure::SecureBytes> hkdf(
    HashKind kind, ByteView key, ByteView salt, ByteView info, std::size_t size);

// 32 octets for one purpose from a 32-octet key: HKDF-SHA-256 without salt, info = label.
secure::SecureBytes derive_key(ByteView key, std::string_view label);

struct ScryptCost {
  std::uint64_t n = 1U << 15;  // memory = 128 * n * r octets: 32 MiB
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};

// Limits of scrypt(): N a power of two from 2 to kMaxScryptN, r, p and the size from 1.
inline constexpr std::uint64_t kMaxScryptN = 1U << 18;
inline constexpr std::uint32_t kMaxScryptR = 32;
inline constexpr std::uint32_t kMaxScryptP = 16;
inline constexpr std::size_t kMaxScryptSize = 1024;

// Slow by design (tens of milliseconds): never on a loop thread. Beyond the limits is
// invalid_argument.
Result<secure::SecureBytes> scrypt(ByteView password,
                                   ByteView salt,
                                   ScryptCost cost,
                                   std::size_t size);

}  // namespace coffer::crypto
