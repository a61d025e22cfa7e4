#include "domain/parameters/allowed_pattern.h"

#include "formats/safe_pattern.h"

#include <string>

namespace coffer::domain {

Result<> check_allowed_pattern(std::string_view pattern, std::string_view value) {
  if (pattern.empty()) return {};
  const auto parsed = formats::SafePattern::parse(pattern);
  if (!parsed) {
    return std::unexpected(Error{Code::invalid_argument,
                                 "The allowed pattern is not a valid regular expression.",
                                 "InvalidAllowedPatternException"});
  }
  if (parsed->matches(value)) return {};
  return std::unexpected(
      Error{Code::invalid_argument,
            "Parameter value, cannot be validated against allowedPattern: " + std::string(pattern),
            "ParameterPatternMismatchException"});
}

}  // namespace coffer::domain
