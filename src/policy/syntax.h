// Typed reads of a policy's parsed text, shared by the policy languages. Every error is
// invalid_argument and says where; it repeats a key of the language, and nothing else of the text.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/hcl.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

// `line 3, column 7: "capabilities": <what>`; without the key where it is not the language's own.
[[nodiscard]] std::unexpected<Error> error_in(const formats::HclItem& item, std::string_view what);

// ASCII letters only: names of parameters, policies and days.
[[nodiscard]] std::string lower_case(std::string_view text);

// Fails when a key occurs twice in the object, or an item has labels.
Result<> check_plain_object(const formats::HclValue& object);

Result<std::string> read_text(const formats::HclItem& item);
Result<std::vector<std::string>> read_texts(const formats::HclItem& item);
// A string, or a list of at least one.
Result<std::vector<std::string>> read_one_or_more(const formats::HclItem& item);
Result<bool> read_boolean(const formats::HclItem& item);
// A count of whole seconds or a duration such as "1h30m"; not negative.
Result<Duration> read_duration(const formats::HclItem& item);

}  // namespace coffer::policy
