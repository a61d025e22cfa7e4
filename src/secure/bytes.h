// SecureBytes and SecureText: octets and characters that are wiped before their memory is returned.
//
// Move-only, so that every copy is a visible clone(). Equality is constant time. There is no
// printing and no conversion to std::string: the ways out are view() and text(), which a search for
// them finds. Growth wipes the old block. Values may be moved between threads; one object is not
// shared without a lock.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace coffer::secure {

// Overwrites `size` octets at `data` in a way that the compiler may not drop.
void wipe(void* data, std::size_t size);

// Constant time in the contents; the lengths are not secret.
[[nodiscard]] bool equal(ByteView a, ByteView b);

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;

  template <class U>
  explicit WipingAllocator(const WipingAllocator<U>&) {}

  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }

  void deallocate(T* p, std::size_t n) {
    wipe(p, n * sizeof(T));
    std::allocator<T>().deallocate(p, n);
  }

  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

class SecureBytes {
 public:
  SecureBytes() = default;

  explicit SecureBytes(std::size_t size) : data_(size) {}

  explicit SecureBytes(ByteView from) : data_(from.begin(), from.end()) {}

  SecureBytes(SecureBytes&&) noexcept = default;
  SecureBytes& operator=(SecureBytes&&) noexcept = default;
  SecureBytes(const SecureBytes&) = delete;
  SecureBytes& operator=(const SecureBytes&) = delete;
  ~SecureBytes() = default;

  [[nodiscard]] SecureBytes clone() const { return SecureBytes(view()); }

  [[nodiscard]] ByteView view() const { return {data_.data(), data_.size()}; }

  [[nodiscard]] MutableBytes mutable_view() { return {data_.data(), data_.size()}; }

  [[nodiscard]] std::size_t size() const { return data_.size(); }

  [[nodiscard]] bool empty() const { return data_.empty(); }

  void reserve(std::size_t size) { data_.reserve(size); }

  void append(ByteView more) { data_.insert(data_.end(), more.begin(), more.end()); }

  void push_back(std::uint8_t octet) { data_.push_back(octet); }

  void resize(std::size_t size);  // wipes what it cuts off

  friend bool operator==(const SecureBytes& a, const SecureBytes& b) {
    return equal(a.view(), b.view());
  }

 private:
  std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> data_;
};

class SecureText {
 public:
  SecureText() = default;

  explicit SecureText(std::string_view from) : bytes_(as_bytes(from)) {}

  explicit SecureText(SecureBytes bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] SecureText clone() const { return SecureText(text()); }

  [[nodiscard]] std::string_view text() const { return as_text(bytes_.view()); }

  [[nodiscard]] ByteView view() const { return bytes_.view(); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  void reserve(std::size_t size) { bytes_.reserve(size); }

  void append(std::string_view more) { bytes_.append(as_bytes(more)); }

  void push_back(char c) { bytes_.push_back(static_cast<std::uint8_t>(c)); }

  [[nodiscard]] SecureBytes& bytes() { return bytes_; }

  friend bool operator==(const SecureText& a, const SecureText& b) { return a.bytes_ == b.bytes_; }

 private:
  SecureBytes bytes_;
};

// Encodings whose output is secret.
[[nodiscard]] SecureText hex_text(ByteView bytes);
[[nodiscard]] SecureText base64_text(ByteView bytes);

}  // namespace coffer::secure
