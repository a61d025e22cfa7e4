// Imports: material that travels under the wrapping key of a mount.
//
//   blob = RSA-OAEP(wrapping key, ephemeral key of 32 octets), 512 octets
//          | AES-KWP(ephemeral key, material), RFC 5649
//
// The material is raw octets for symmetric types and PKCS#8 DER for the others. Limit: kMaxImport
// octets of blob. Errors are invalid_argument, and do not tell which part of a blob was wrong. A
// private operation of RSA-4096 takes milliseconds: never on a loop thread.
#pragma once

#include "base/result.h"
#include "crypto/hash.h"
#include "secure/bytes.h"

#include <optional>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kMaxImport = 16 * 1024;

// `wrapping_key`: PKCS#8 DER of an RSA-4096 key. `hash` is that of OAEP.
Result<secure::SecureBytes> unwrap_import(ByteView wrapping_key,
                                          ByteView blob,
                                          crypto::HashKind hash);

// "SHA1", "SHA224", "SHA256", "SHA384", "SHA512", in either case.
std::optional<crypto::HashKind> parse_import_hash(std::string_view name);

}  // namespace coffer::domain
