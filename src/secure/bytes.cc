#include "secure/bytes.h"

#include "base/encoding.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

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

SecureBytes::SecureBytes(std::size_t size) {
  resize(size);
}

void SecureBytes::resize(std::size_t size) {
  if (size > capacity_) move_to(size);
  if (size < size_) {
    wipe(data_ + size, size_ - size);
  } else if (size > size_) {
    std::memset(data_ + size_, 0, size - size_);
  }
  size_ = size;
}

void SecureBytes::grow(std::size_t more) {
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max();
  if (more > kMost - size_) throw std::length_error("SecureBytes beyond the address space");
  // What grows once more is being written piece by piece, an answer for instance: doubling it from
  // its first octet would copy and wipe it again and again.
  constexpr std::size_t kWritten = 256;
  const std::size_t least = data_ == nullptr ? 0 : std::max(capacity_ * 2, kWritten);
  move_to(std::max(size_ + more, least));
}

void SecureBytes::move_to(std::size_t capacity) {
  auto* fresh = static_cast<std::uint8_t*>(::operator new(capacity));
  if (size_ > 0) std::memcpy(fresh, data_, size_);
  if (data_ != nullptr) release();
  data_ = fresh;
  capacity_ = capacity;
}

void SecureBytes::release() {
  wipe(data_, capacity_);
  ::operator delete(data_, capacity_);
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
