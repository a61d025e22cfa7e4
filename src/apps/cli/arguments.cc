#include "apps/cli/arguments.h"

#include <charconv>

namespace coffer::cli {

Result<std::int64_t> Arguments::integer(std::string_view name, std::int64_t fallback) const {
  if (!has(name)) return fallback;
  const std::string value = text(name);
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end) {
    return fail(Code::invalid_argument, "--" + std::string(name) + " takes a whole number");
  }
  return number;
}

}  // namespace coffer::cli
