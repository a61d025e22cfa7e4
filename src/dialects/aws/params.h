// Typed reads of the members of an AWS request, after its shape was checked (shape.h).
//
// An absent member and JSON null are the same: nullopt, or an empty list or map. Numbers and
// booleans may come as text: the query protocol has no other form. A timestamp is a JSON number of
// seconds since 1970, with or without a fraction, or ISO 8601 in UTC. A blob is standard base64
// with padding. A member of another kind is SerializationException; the message names the member,
// never its value. Pure functions.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/json.h"
#include "secure/bytes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

// Of one value; `at` names it in errors.
Result<std::int64_t> integer_of(const formats::JsonView& value, std::string_view at);
Result<bool> boolean_of(const formats::JsonView& value, std::string_view at);
Result<Timestamp> timestamp_of(const formats::JsonView& value, std::string_view at);
Result<secure::SecureBytes> blob_of(const formats::JsonView& value, std::string_view at);
std::unexpected<Error> wrong_kind(std::string_view at);

// Of a member of `body`.
Result<std::optional<std::string>> text(const formats::JsonView& body, std::string_view name);
// "" when it is absent.
Result<std::string> text_or_empty(const formats::JsonView& body, std::string_view name);
Result<std::optional<secure::SecureText>> secret_text(const formats::JsonView& body,
                                                      std::string_view name);
Result<std::optional<std::int64_t>> integer(const formats::JsonView& body, std::string_view name);
Result<std::optional<bool>> boolean(const formats::JsonView& body, std::string_view name);
Result<bool> flag(const formats::JsonView& body, std::string_view name, bool otherwise = false);
Result<std::optional<Timestamp>> timestamp(const formats::JsonView& body, std::string_view name);
Result<std::optional<secure::SecureBytes>> blob(const formats::JsonView& body,
                                                std::string_view name);
Result<std::vector<std::string>> texts(const formats::JsonView& body, std::string_view name);
Result<std::map<std::string, std::string>> text_map(const formats::JsonView& body,
                                                    std::string_view name);
// The elements of a list of structures.
std::vector<formats::JsonView> items(const formats::JsonView& body, std::string_view name);

}  // namespace coffer::dialects::aws
