// Text encodings of octets: hexadecimal and base64 (RFC 4648 §4, §5), strict in both directions.
//
// Decoders refuse wrong lengths, foreign characters, misplaced padding and non-zero trailing bits,
// so that decode∘encode is the identity and every value has one spelling. Pure functions. base64
// takes time by sizes alone, whatever it codes (scripts/check_constant_time.py); the table look-ups
// of hexadecimal do not. What is returned by value lies in ordinary memory: secrets go through the
// buffer-to-buffer forms, or the encodings of secure/bytes.h.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace coffer {

enum class Base64 : std::uint8_t {
  standard,      // +/ with padding
  standard_raw,  // +/ without padding
  url,           // -_ with padding
  url_raw,       // -_ without padding
};

std::string hex_encode(ByteView bytes);           // lower case
Result<Bytes> hex_decode(std::string_view text);  // either case
std::string base64_encode(ByteView bytes, Base64 kind = Base64::standard);
Result<Bytes> base64_decode(std::string_view text, Base64 kind = Base64::standard);

// Buffer-to-buffer forms, for callers that choose where the octets live.
constexpr std::size_t base64_encoded_size(std::size_t bytes, Base64 kind) {
  const bool padded = kind == Base64::standard || kind == Base64::url;
  return padded ? (bytes + 2) / 3 * 4 : (bytes * 4 + 2) / 3;
}

void base64_encode_to(ByteView bytes, Base64 kind, char* out);
// Writes at most text.size() * 3 / 4 octets to `out`; returns how many.
Result<std::size_t> base64_decode_to(std::string_view text, Base64 kind, std::uint8_t* out);
Result<std::size_t> hex_decode_to(std::string_view text, std::uint8_t* out);

}  // namespace coffer
