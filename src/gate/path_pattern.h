// Path patterns of routes: "data/{path...}", "role/{name}/secret-id".
//
// `{name}` captures one segment, `{name...}` the rest of the path, at least one octet; `{name...?}`
// may capture nothing. A trailing slash of the path is ignored unless the last capture takes it.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer::gate {

// Whether `path` matches; fills `captures` in order.
bool match_pattern(std::string_view pattern,
                   std::string_view path,
                   std::vector<std::string>& captures);

}  // namespace coffer::gate
