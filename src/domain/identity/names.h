// Canonical names of policies and of what logs in. Two spellings of one name must never become two
// things: not two lockout counters, not two entities, not a second way to write "root".
//
// Pure functions; errors are invalid_argument and name the rule, never the input.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxName = 128;        // octets
inline constexpr std::size_t kMaxPolicyNames = 64;  // on one token, role, user or entity
inline constexpr std::string_view kRootPolicy = "root";
inline constexpr std::string_view kDefaultPolicy = "default";

// Lower case. Refused: empty or over-long names, surrounding white space, and whatever is not
// printable ASCII (so that no look-alike of "root" can be written).
Result<std::string> canonical_policy_name(std::string_view name);

// Canonical, sorted, each once; empty names are dropped.
Result<std::vector<std::string>> canonical_policy_names(const std::vector<std::string>& names);

// The same for what is granted by a role, a user or an entity: "root" is refused in every spelling.
Result<std::vector<std::string>> grantable_policy_names(const std::vector<std::string>& names);

bool has_policy(const std::vector<std::string>& sorted, std::string_view name);

// The name of a user or of an alias: surrounding white space is dropped, letters are lower case.
// Refused: empty or over-long names, '/', and whatever is not printable ASCII (Unicode has several
// spellings of one name).
Result<std::string> canonical_login_name(std::string_view name);

// The name of a role: letters, digits, '_', '-' and '.', lower case, at most kMaxName; it begins
// and ends with a letter, digit or '_'.
Result<std::string> canonical_role_name(std::string_view name);

}  // namespace coffer::domain
