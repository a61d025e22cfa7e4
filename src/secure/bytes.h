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
#include <cstring>
#include <string_view>
#include <utility>

namespace coffer::secure {

// Overwrites `size` octets at `data` in a way that the compiler may not drop.
void wipe(void* data, std::size_t size);

// Constant time in the contents; the lengths are not secret.
[[nodiscard]] bool equal(ByteView a, ByteView b);

class SecureBytes {
 public:
  SecureBytes() = default;
  explicit SecureBytes(std::size_t size);  // zeros

  explicit SecureBytes(ByteView from) { append(from); }

  SecureBytes(SecureBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}

  SecureBytes& operator=(SecureBytes&& other) noexcept {
    SecureBytes taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(capacity_, taken.capacity_);
    return *this;
  }

  SecureBytes(const SecureBytes&) = delete;
  SecureBytes& operator=(const SecureBytes&) = delete;

  ~SecureBytes() {
    if (data_ != nullptr) release();
  }

  [[nodiscard]] SecureBytes clone() const { return SecureBytes(view()); }

  [[nodiscard]] ByteView view() const { return {data_, size_}; }

  [[nodiscard]] MutableBytes mutable_view() { return {data_, size_}; }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool empty() const { return size_ == 0; }

  void reserve(std::size_t size) {
    if (size > capacity_) move_to(size);
  }

  // `more` is no part of this object.
  void append(ByteView more) {
    if (more.empty()) return;
    if (more.size() > capacity_ - size_) grow(more.size());
    std::memcpy(data_ + size_, more.data(), more.size());
    size_ += more.size();
  }

  void push_back(std::uint8_t octet) {
    if (size_ == capacity_) grow(1);
    data_[size_++] = octet;
  }

  void resize(std::size_t size);  // wipes what it cuts off; adds zeros

  friend bool operator==(const SecureBytes& a, const SecureBytes& b) {
    return equal(a.view(), b.view());
  }

 private:
  void grow(std::size_t more);  // room for `more` octets, at least twice what there is
  void move_to(std::size_t capacity);
  void release();  // wipes and frees

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
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
