// UUIDs of version 4 (RFC 9562 §5.4), from 16 random octets that the caller supplies.
#pragma once

#include "base/bytes.h"

#include <array>
#include <string>

namespace coffer {

// Lower-case text form, 36 characters. Sets the version and variant bits.
std::string uuid4(std::array<std::uint8_t, 16> random);

// Whether `text` has the 8-4-4-4-12 shape in lower-case hexadecimal.
bool is_uuid(std::string_view text);

}  // namespace coffer
