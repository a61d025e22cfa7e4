// Boxed<T>: an optional member of a row that few rows have. Absent it takes one pointer in memory
// and one octet in the blob; its encoding is that of std::optional<T>.
//
// A value: copies copy what is inside.
#pragma once

#include <memory>
#include <utility>

namespace coffer::rows {

template <class T>
class Boxed {
 public:
  Boxed() = default;

  explicit Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}

  Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}

  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
    return *this;
  }

  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  [[nodiscard]] bool has_value() const { return value_ != nullptr; }

  explicit operator bool() const { return has_value(); }

  const T& operator*() const { return *value_; }

  T& operator*() { return *value_; }

  const T* operator->() const { return value_.get(); }

  T* operator->() { return value_.get(); }

  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }

  void reset() { value_.reset(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace coffer::rows
