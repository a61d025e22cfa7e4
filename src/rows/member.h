// Clear<T> and Sealed<T>: every member of a row is one or the other, or the row does not compile.
//
// Clear members are authenticated but readable by whoever holds the database; they are decoded once
// and cached. Sealed members are encrypted; a row read from the store carries them closed, and only
// View::open(), which needs the keyring, gives a copy with the plaintext. Touching a closed member
// is a bug and throws std::logic_error. Sealed<T> of a type that is not wiped is allowed only for
// values that are confidential but no credentials.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

namespace coffer::rows {

template <class T>
class Clear {
 public:
  using Value = T;
  Clear() = default;

  explicit(false) Clear(T value)
      : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  const T& operator*() const { return value_; }

  T& operator*() { return value_; }

  const T* operator->() const { return &value_; }

  T* operator->() { return &value_; }

 private:
  T value_{};
};

template <class T>
class Sealed {
 public:
  using Value = T;
  Sealed() = default;

  explicit(false) Sealed(T value)
      : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_open() const { return value_.has_value(); }

  const T& operator*() const { return get(); }

  T& operator*() { return get(); }

  const T* operator->() const { return &get(); }

  T* operator->() { return &get(); }

 private:
  const T& get() const {
    if (!value_) throw std::logic_error("a sealed member was read without the keyring");
    return *value_;
  }

  T& get() {
    if (!value_) throw std::logic_error("a sealed member was read without the keyring");
    return *value_;
  }

  std::optional<T> value_;
};

template <class M>
inline constexpr bool kIsClear = false;
template <class T>
inline constexpr bool kIsClear<Clear<T>> = true;
template <class M>
inline constexpr bool kIsSealed = false;
template <class T>
inline constexpr bool kIsSealed<Sealed<T>> = true;

}  // namespace coffer::rows
