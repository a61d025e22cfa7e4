// What the text of a configuration may be made of, checked before the TOML library reads it: its
// version 3.3 asserts or assumes some of it (toml.h).
//
// TOML v1.0.0 has no control characters but the tab and line ends ("Comment", "String"). Characters
// beyond ASCII stand in comments alone here; strings have escapes for them (\uXXXX, "String").
// Pure. Errors: invalid_argument with the line, and nothing of what stands there.
#pragma once

#include "base/result.h"

#include <string_view>

namespace coffer::server {

Result<> check_config_text(std::string_view text);

}  // namespace coffer::server
