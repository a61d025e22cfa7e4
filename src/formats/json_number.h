// Range of JSON numbers: which texts of the grammar of RFC 8259 §6 are finite as a double.
#pragma once

#include <string_view>

namespace coffer::formats {

// `number` matches the grammar. Underflow is harmless (it rounds to zero); overflow is not finite.
[[nodiscard]] bool is_finite_number(std::string_view number);

}  // namespace coffer::formats
