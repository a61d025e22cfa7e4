// Typed reads of request fields as the Vault dialect takes them: lenient about the JSON kind,
// strict about the meaning.
//
//   integer    5, "5"                            text      "x"; numbers and booleans by their text
//   duration   3600 (seconds), "30", "30s",      boolean   true, "true", "1", 1 and the like
//              "1h30m" (base/time_text.h)        list      ["a","b"] or "a,b"
//   map        {"k":"v"}; values as text
//
// An absent field and JSON null are the same: nullopt. A field of the wrong kind or out of range is
// Code::invalid_argument; the message names the field, never its value. `body` is any JsonView; one
// that is no object has no fields. Names are case-sensitive. Pure functions.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::formats {

inline constexpr std::size_t kMaxListField = 10'000;  // items of a list or a map

Result<std::optional<std::int64_t>> integer_field(const JsonView& body, std::string_view name);

// Up to ±290 years; callers decide whether a negative duration means anything to them.
Result<std::optional<Duration>> duration_field(const JsonView& body, std::string_view name);

Result<std::optional<bool>> bool_field(const JsonView& body, std::string_view name);

Result<std::optional<std::string>> text_field(const JsonView& body, std::string_view name);

// Strings only: a secret is never guessed from another kind.
Result<std::optional<secure::SecureText>> secret_field(const JsonView& body, std::string_view name);

// Items of a comma-separated string are trimmed and empty ones dropped; items of an array are taken
// as sent. An empty string or array is an empty list, not an absent one.
Result<std::optional<std::vector<std::string>>> list_field(const JsonView& body,
                                                           std::string_view name);

// An object of strings, or what Vault's command line sends for pairs: "k=v" or ["k=v", …]. In the
// order sent; names are unique.
using TextMap = std::vector<std::pair<std::string, std::string>>;
Result<std::optional<TextMap>> map_field(const JsonView& body, std::string_view name);

// A nested object as it stands; borrows the text of `body`.
Result<std::optional<JsonView>> object_field(const JsonView& body, std::string_view name);

}  // namespace coffer::formats
