#include "formats/json_number.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace coffer::formats {

// The decimal exponent of the first significant digit decides, except at the edge, where the
// conversion itself is asked. (from_chars alone would not do: it reports underflow and overflow
// alike.)
bool is_finite_number(std::string_view number) {
  constexpr std::int64_t kEdge = 308;  // the largest double is 1.797…e308
  constexpr std::int64_t kFarBeyond = 1'000'000'000'000;
  if (number.starts_with('-')) number.remove_prefix(1);
  const std::size_t mantissa_end = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mantissa_end);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return true;  // zero
  std::int64_t exponent = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (first < point) --exponent;
  if (mantissa_end < number.size()) {
    std::string_view digits = number.substr(mantissa_end + 1);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    std::int64_t value = 0;
    for (const char c : digits) value = std::min(value * 10 + (c - '0'), kFarBeyond);
    exponent += negative ? -value : value;
  }
  if (exponent != kEdge) return exponent < kEdge;
  double value = 0;
  return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc{};
}

}  // namespace coffer::formats
