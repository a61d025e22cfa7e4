// EnumTable: the one place where an enum meets its names.
//
// A constexpr table of (value, name) next to the enum gives both directions. Values without a row
// print as "?" (a hostile or newer peer may send them) and unknown names parse to nothing: an
// unknown is never guessed. Tables are small; look-ups are linear.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace coffer {

template <class E>
struct EnumName {
  E value;
  std::string_view name;
};

template <class E, std::size_t N>
struct EnumTable {
  std::array<EnumName<E>, N> rows;

  constexpr std::string_view text(E value) const {
    for (const auto& row : rows) {
      if (row.value == value) return row.name;
    }
    return "?";
  }

  constexpr std::optional<E> parse(std::string_view name) const {
    for (const auto& row : rows) {
      if (row.name == name) return row.value;
    }
    return std::nullopt;
  }
};

}  // namespace coffer
