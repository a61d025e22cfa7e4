// Names of policies: one spelling each.
//
// A name is 1 to 128 octets of a-z 0-9 and "_", "-", ".", "/", ":", "@", "+" and inner spaces;
// upper-case letters are accepted and lower-cased. Surrounding white space and every octet outside
// ASCII are refused rather than trimmed or folded, so that no second spelling of a name exists
// (CVE-2024-9180, CVE-2025-5999: " Root"). Path segments "", "." and ".." are refused. Pure.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace coffer::policy {

inline constexpr std::size_t kMaxPolicyName = 128;

// The canonical spelling, or invalid_argument.
Result<std::string> canonical_policy_name(std::string_view name);

// Whether `name`, in any case and with any ASCII white space or control characters around it, is
// "root": such a policy is built in and is never written, and never given by writing a group,
// entity, role or user.
[[nodiscard]] bool is_reserved(std::string_view name);

}  // namespace coffer::policy
