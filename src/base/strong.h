// Strong<T, Tag>: a value whose meaning is part of its type, so that two arguments of equal raw
// type cannot be exchanged.
//
//   using RealmId = Strong<std::uint32_t, struct RealmIdTag>;
#pragma once

#include <compare>
#include <functional>
#include <utility>

namespace coffer {

template <class T, class Tag>
class Strong {
 public:
  constexpr Strong() = default;

  constexpr explicit Strong(T value) : value_(std::move(value)) {}

  [[nodiscard]] constexpr const T& value() const { return value_; }

  friend auto operator<=>(const Strong&, const Strong&) = default;
  friend bool operator==(const Strong&, const Strong&) = default;

 private:
  T value_{};
};

}  // namespace coffer

template <class T, class Tag>
struct std::hash<coffer::Strong<T, Tag>> {
  std::size_t operator()(const coffer::Strong<T, Tag>& strong) const noexcept {
    return std::hash<T>{}(strong.value());
  }
};
