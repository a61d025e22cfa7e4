// How far a text goes without an octet that matters, sixteen octets at a time.
//
// A test of octets is a generic lambda that says which octets end a run, written once for a vector
// of octets (a mask, all bits set in each lane that does) and for one of them. Lanes are signed:
// octets over 0x7f are negative, so `octet < 0x20` holds for these and for control characters.
// Vectors are the compiler's; any processor does. Pure functions; they borrow their argument.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coffer::formats {

static_assert(std::endian::native == std::endian::little, "lanes are counted in this order");

using Octets16 = signed char __attribute__((vector_size(16)));

// How many octets at the start of `text` do not end a run.
template <class Ends>
std::size_t octet_run(std::string_view text, Ends ends) {
  std::size_t at = 0;
  for (Octets16 octets; text.size() - at >= sizeof octets; at += sizeof octets) {
    std::memcpy(&octets, text.data() + at, sizeof octets);
    // The octets of each half in order, the first one lowest: a lane is eight bits of its half.
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(ends(octets));
    for (std::size_t i = 0; i < halves.size(); ++i) {
      if (halves[i] == 0) continue;
      return at + i * 8 + static_cast<std::size_t>(std::countr_zero(halves[i])) / 8;
    }
  }
  while (at < text.size() && !ends(static_cast<signed char>(text[at]))) ++at;
  return at;
}

}  // namespace coffer::formats
