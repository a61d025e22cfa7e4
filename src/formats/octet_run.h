// How far a text goes without an octet that matters, sixteen octets at a time.
//
// A test of octets is a generic lambda that says which octets end a run, written once for a vector
// of octets (a mask, all bits set in each lane that does) and for one of them. Lanes are signed:
// octets over 0x7f are negative, so `octet < 0x20` holds for these and for control characters.
// Vectors are the compiler's; any processor does. Pure functions; they borrow their argument.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coffer::formats {

static_assert(std::endian::native == std::endian::little, "lanes are counted in this order");

using Octets16 = signed char __attribute__((vector_size(16)));

// The first lane of `mask` that is set; 16 when none is. A lane is eight bits of its half, all of
// them zero or one.
inline std::size_t first_lane(Octets16 mask) {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(mask);
  const auto lane = [](std::uint64_t half) {
    return static_cast<std::size_t>(std::countr_zero(half)) / 8;  // 8: none
  };
  return halves[0] != 0 ? lane(halves[0]) : 8 + lane(halves[1]);
}

// octet_run() of less than sixteen octets: two halves that overlap, or one by one.
template <class Ends>
std::size_t short_octet_run(std::string_view text, Ends ends) {
  using Halves = std::uint64_t __attribute__((vector_size(16)));
  constexpr std::size_t kHalf = 8;
  if (text.size() < kHalf) {
    std::size_t at = 0;
    while (at < text.size() && !ends(static_cast<signed char>(text[at]))) ++at;
    return at;
  }
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::memcpy(&head, text.data(), kHalf);
  std::memcpy(&tail, text.data() + text.size() - kHalf, kHalf);
  const std::size_t lane = first_lane(ends(std::bit_cast<Octets16>(Halves{head, tail})));
  return lane < kHalf ? lane : text.size() - 2 * kHalf + lane;
}

// How many octets at the start of `text` do not end a run.
template <class Ends>
std::size_t octet_run(std::string_view text, Ends ends) {
  constexpr std::size_t kWhole = sizeof(Octets16);
  if (text.size() < kWhole) return short_octet_run(text, ends);
  for (std::size_t at = 0; at < text.size(); at += kWhole) {
    // The last sixteen may overlap with those before, in which nothing was found.
    at = std::min(at, text.size() - kWhole);
    Octets16 octets;
    std::memcpy(&octets, text.data() + at, kWhole);
    const std::size_t lane = first_lane(ends(octets));
    if (lane < kWhole) return at + lane;
  }
  return text.size();
}

}  // namespace coffer::formats
