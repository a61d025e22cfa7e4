// Path patterns of routes: "data/{path...}", "role/{name}/secret-id".
//
// `{name}` captures one segment, `{name...}` the rest of the path, at least one octet; `{name...?}`
// may capture nothing. A trailing slash of the path is part of its last capture, or it is there
// because the path is listed; anywhere else it makes another path, which does not match: policies
// tell "a/b" from "a/b/". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::gate {

enum class LastSlash : std::uint8_t { refused, ignored };

// Whether `path` matches; fills `captures` in order.
bool match_pattern(std::string_view pattern,
                   std::string_view path,
                   LastSlash last_slash,
                   std::vector<std::string>& captures);

}  // namespace coffer::gate
