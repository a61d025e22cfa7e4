// UTF-8 as Unicode defines it (RFC 3629 §4): no surrogates, no over-long forms, nothing beyond
// U+10FFFF. Pure functions; they borrow their argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer::formats {

// The length (1..4) of the well-formed sequence at the start of `text`, or 0 when there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// Whether `text` is UTF-8 without control characters (C0, DEL and C1).
[[nodiscard]] bool is_printable_utf8(std::string_view text);

// Appends one scalar value (not a surrogate, at most U+10FFFF) through out.push_back(char).
template <class Out>
void append_utf8(Out& out, std::uint32_t scalar) {
  const auto put = [&out](std::uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xc0 | scalar >> 6);
    put(0x80 | (scalar & 0x3f));
  } else if (scalar < 0x10000) {
    put(0xe0 | scalar >> 12);
    put(0x80 | (scalar >> 6 & 0x3f));
    put(0x80 | (scalar & 0x3f));
  } else {
    put(0xf0 | scalar >> 18);
    put(0x80 | (scalar >> 12 & 0x3f));
    put(0x80 | (scalar >> 6 & 0x3f));
    put(0x80 | (scalar & 0x3f));
  }
}

}  // namespace coffer::formats
