// UUIDs: those of version 4 (RFC 9562 §5.4), from 16 random octets that the caller supplies, and
// the text form of any 16 octets.
#pragma once

#include "base/bytes.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {

// Lower-case text form, 36 characters. Sets the version and variant bits.
std::string uuid4(std::array<std::uint8_t, 16> random);

// The octets as they are, in the same form, and back. nullopt: not in that form.
std::string uuid_text(const std::array<std::uint8_t, 16>& octets);
std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text);

// Whether `text` has the 8-4-4-4-12 shape in lower-case hexadecimal.
bool is_uuid(std::string_view text);

}  // namespace coffer
