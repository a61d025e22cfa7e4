// The validating scanner under JsonView: RFC 8259 plus the refusals and limits that json.h states.
//
// Iterative, so that hostile nesting costs no stack. One pass; duplicate names are found by sorting
// the names of each object when it closes, O(n log n) whatever the names are.
#pragma once

#include "base/result.h"
#include "formats/json.h"

#include <string_view>

namespace coffer::formats {

// The one value in `text`, without the white space around it; invalid_argument with the position
// of the first offence otherwise. At most `max_nodes` values, containers included.
Result<std::string_view> validate_json(std::string_view text,
                                       std::size_t max_nodes = kMaxJsonNodes);

}  // namespace coffer::formats
