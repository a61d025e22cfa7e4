#include "base/encoding.h"

namespace coffer {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
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

}  // namespace coffer
