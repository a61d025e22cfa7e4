// The text in which transit gives out ciphertexts, signatures and MACs (reference: Vault HTTP API,
// "Transit"):
//
//   "vault:v" version ":" base64
//
// version: decimal digits from 1; 0 is read as 1, as the oldest servers wrote it. base64: standard
// with padding, or for JWS signatures url-safe without. Errors are invalid_argument with Vault's
// texts, which begin with what the text is of: "ciphertext", "signature", "HMAC". Pure functions;
// limits are those of the request.
#pragma once

#include "base/encoding.h"
#include "base/result.h"
#include "secure/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::dialects::vault {

struct VersionedText {
  std::uint64_t version = 0;
  std::string_view encoded;  // the base64, not decoded yet
};

Result<VersionedText> parse_versioned(std::string_view what, std::string_view text);
secure::SecureText versioned_text(std::uint32_t version,
                                  ByteView octets,
                                  Base64 kind = Base64::standard);

// Standard base64 with padding into wiped memory; nullopt when it is none.
std::optional<secure::SecureBytes> decode_secret(std::string_view text);

}  // namespace coffer::dialects::vault
