#include "secure/bytes.h"

#include "base/encoding.h"

#include <cstring>

namespace coffer::secure {

void wipe(void* data, std::size_t size) {
  if (size == 0) return;
  std::memset(data, 0, size);
  // The barrier makes the store observable, so that it cannot be removed as dead.
  asm volatile("" : : "r"(data) : "memory");
}

bool equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

void SecureBytes::resize(std::size_t size) {
  if (size < data_.size()) wipe(data_.data() + size, data_.size() - size);
  data_.resize(size);
}

SecureText hex_text(ByteView bytes) {
  SecureBytes out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t b : bytes) {
    for (const int nibble : {b >> 4, b & 15}) {
      out.push_back(static_cast<std::uint8_t>(nibble < 10 ? '0' + nibble : 'a' + nibble - 10));
    }
  }
  return SecureText(std::move(out));
}

SecureText base64_text(ByteView bytes) {
  SecureBytes out(base64_encoded_size(bytes.size(), Base64::standard));
  base64_encode_to(bytes, Base64::standard, reinterpret_cast<char*>(out.mutable_view().data()));
  return SecureText(std::move(out));
}

}  // namespace coffer::secure
