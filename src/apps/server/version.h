// The program's version, as it reports it.
#pragma once

#include <string_view>

namespace coffer::server {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace coffer::server
