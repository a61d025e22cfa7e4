// The program's version, as it reports it.
#pragma once

#include <string_view>

namespace coffer::server {

inline constexpr std::string_view kVersion = "0.1.0";

// The day on which this version number was given; not when it was compiled, so that builds repeat.
inline constexpr std::string_view kVersionDate = "2026-11-22T00:00:00Z";

}  // namespace coffer::server
