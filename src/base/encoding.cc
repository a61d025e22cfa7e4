#include "base/encoding.h"

#include <array>

namespace coffer {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr bool padded(Base64 kind) {
  return kind == Base64::standard || kind == Base64::url;
}

constexpr bool url_alphabet(Base64 kind) {
  return kind == Base64::url || kind == Base64::url_raw;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Branches on the character, not on a table index: the text may be a secret.
int sextet(char c, bool url) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (url ? '-' : '+')) return 62;
  if (c == (url ? '_' : '/')) return 63;
  return -1;
}

}  // namespace

std::string hex_encode(ByteView bytes) {
  std::string out(bytes.size() * 2, '0');
  char* digit = out.data();
  for (const std::uint8_t b : bytes) {
    *digit++ = kHex[b >> 4];
    *digit++ = kHex[b & 15];
  }
  return out;
}

Result<std::size_t> hex_decode_to(std::string_view text, std::uint8_t* out) {
  if (text.size() % 2 != 0) return fail(Code::invalid_argument, "odd number of hex digits");
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return fail(Code::invalid_argument, "not a hex digit");
    out[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return text.size() / 2;
}

Result<Bytes> hex_decode(std::string_view text) {
  Bytes out(text.size() / 2);
  COFFER_TRY(const std::size_t size, hex_decode_to(text, out.data()));
  out.resize(size);
  return out;
}

void base64_encode_to(ByteView bytes, Base64 kind, char* out) {
  const std::string_view alphabet = url_alphabet(kind) ? kUrl : kStandard;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = std::uint32_t{bytes[i]} << 16 | std::uint32_t{bytes[i + 1]} << 8 |
                                std::uint32_t{bytes[i + 2]};
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = alphabet[group >> shift & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t group =
      std::uint32_t{bytes[i]} << 16 | (left == 2 ? std::uint32_t{bytes[i + 1]} << 8 : 0U);
  *out++ = alphabet[group >> 18 & 63];
  *out++ = alphabet[group >> 12 & 63];
  if (left == 2) *out++ = alphabet[group >> 6 & 63];
  if (!padded(kind)) return;
  if (left == 1) *out++ = '=';
  *out = '=';
}

std::string base64_encode(ByteView bytes, Base64 kind) {
  std::string out(base64_encoded_size(bytes.size(), kind), '\0');
  base64_encode_to(bytes, kind, out.data());
  return out;
}

Result<std::size_t> base64_decode_to(std::string_view text, Base64 kind, std::uint8_t* out) {
  if (padded(kind)) {
    if (text.size() % 4 != 0)
      return fail(Code::invalid_argument, "base64 length is not a multiple of 4");
    if (text.ends_with("==")) {
      text.remove_suffix(2);
    } else if (text.ends_with('=')) {
      text.remove_suffix(1);
    }
  }
  if (text.size() % 4 == 1) return fail(Code::invalid_argument, "base64 is cut short");
  std::uint32_t group = 0;
  int bits = 0;
  std::size_t size = 0;
  for (const char c : text) {
    const int value = sextet(c, url_alphabet(kind));
    if (value < 0) return fail(Code::invalid_argument, "not a base64 character");
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[size++] = static_cast<std::uint8_t>(group >> bits & 0xff);
  }
  if ((group & ((1U << bits) - 1)) != 0) {
    return fail(Code::invalid_argument, "base64 has trailing bits");
  }
  return size;
}

Result<Bytes> base64_decode(std::string_view text, Base64 kind) {
  Bytes out(text.size() * 3 / 4 + 1);
  COFFER_TRY(const std::size_t size, base64_decode_to(text, kind, out.data()));
  out.resize(size);
  return out;
}

}  // namespace coffer
