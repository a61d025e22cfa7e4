#include "apps/cli/arguments.h"

#include "apps/client/settings.h"

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

Result<bool> Arguments::truth(std::string_view name) const {
  const auto truth = client::truth_of(text(name));
  if (truth) return *truth;
  return fail(Code::invalid_argument, "--" + std::string(name) + " takes true or false");
}

}  // namespace coffer::cli
