// AllowedPattern: the regular expression that a parameter's values must match as a whole.
//
// Patterns are those of formats/safe_pattern.h. Pure; errors carry AWS's words.
#pragma once

#include "base/result.h"

#include <string_view>

namespace coffer::domain {

// InvalidAllowedPatternException, ParameterPatternMismatchException. An empty pattern allows all.
Result<> check_allowed_pattern(std::string_view pattern, std::string_view value);

}  // namespace coffer::domain
