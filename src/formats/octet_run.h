// How far a text goes without an octet that matters, sixteen octets at a time.
//
// A test of octets is a generic lambda that says which octets end a run, written once for a vector
// of octets (a mask, all bits set in each lane that does) and for one of them. Lanes are signed:
// octets over 0x7f are negative, so `octet < 0x20` holds for these and for control characters.
// Vectors are the compiler's; any processor does. Pure functions; they borrow their argument.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coffer::formats {

using Octets16 = signed char __attribute__((vector_size(16)));

// One bit for each lane, the first one lowest; `mask` has lanes of all zeros or all ones.
inline std::uint32_t lanes_set(Octets16 mask) {
  using Bits = bool __attribute__((ext_vector_type(16)));
  return std::bit_cast<std::uint16_t>(__builtin_convertvector(mask, Bits));
}

// How many octets at the start of `text` do not end a run.
template <class Ends>
std::size_t octet_run(std::string_view text, Ends ends) {
  std::size_t at = 0;
  for (Octets16 octets; text.size() - at >= sizeof octets; at += sizeof octets) {
    std::memcpy(&octets, text.data() + at, sizeof octets);
    const std::uint32_t found = lanes_set(ends(octets));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
  while (at < text.size() && !ends(static_cast<signed char>(text[at]))) ++at;
  return at;
}

}  // namespace coffer::formats
