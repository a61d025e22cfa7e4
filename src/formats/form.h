// application/x-www-form-urlencoded bodies (the form encoding of the URL standard), strictly.
//
// Pairs are separated by '&', name and value by the first '='; '+' is a space and %XX an octet.
// Refused, where browsers guess: a '%' without two hexadecimal digits, octets that must be escaped
// (controls, space, everything over 0x7e), an empty name, a name sent twice, text that is not
// UTF-8, more than kMaxFormPairs pairs. An empty body is an empty form. Values live in wiped memory
// because this is how passwords arrive; names are ordinary. Errors are Code::invalid_argument
// (too_large for the count) with a position, never content. Pure functions.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxFormPairs = 1000;

struct FormPair {
  std::string name;
  secure::SecureText value;
};

Result<std::vector<FormPair>> parse_form(std::string_view body);

// The inverse: everything but letters, digits and "*-._" is escaped.
secure::SecureText write_form(const std::vector<FormPair>& pairs);

}  // namespace coffer::formats
