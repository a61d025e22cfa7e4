// The shape of a JSON object without its values: names stay, every value that is no object becomes
// null. What a caller may see who is to know which keys a secret has.
#pragma once

#include "formats/json.h"
#include "secure/bytes.h"

#include <cstddef>

namespace coffer::domain {

// `object` is a JSON object. Objects deeper than `depth` become null as well; 0: no limit.
secure::SecureText subkeys(const formats::JsonView& object, std::size_t depth);

}  // namespace coffer::domain
