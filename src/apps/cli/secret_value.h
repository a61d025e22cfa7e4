// The rule of values: a secret that is no JSON object is kept, and appears, as {"value": …}.
#pragma once

#include "formats/json.h"

#include <optional>
#include <string>

namespace coffer::cli {

// `text` itself when it is a JSON object, else {"value": "<text>"}.
secure::SecureText as_object(const secure::SecureText& text);

// The x of {"value": x}; nullopt for every other object.
std::optional<formats::JsonView> lone_value(const formats::JsonView& object);

// {"data": <object>, "options": {"cas": N}}: the body of a KV v2 write. `cas` empty: unconditional.
secure::SecureText write_body(const secure::SecureText& object, std::optional<std::int64_t> cas);

}  // namespace coffer::cli
