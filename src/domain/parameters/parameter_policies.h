// The policies of a parameter: when it expires, and when somebody wants to be told.
//
// A JSON array of {"Type", "Version": "1.0", "Attributes"}:
//   Expiration              {"Timestamp": "2030-12-02T21:34:33.000Z"}: then the parameter is
//   deleted ExpirationNotification  {"Before": "15", "Unit": "Days"}: needs an Expiration
//   NoChangeNotification    {"After": "20", "Unit": "Days"}
// Units are Days and Hours. Source: "Assigning parameter policies" of the Systems Manager guide. An
// empty array, or one of an empty object, removes what there is. Unknown members are refused. At
// most 10 policies in 4096 octets. Pure; errors carry AWS's words.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxParameterPolicies = 10;
inline constexpr std::size_t kMaxPoliciesOctets = 4096;

struct ParameterPolicy {
  std::string type;
  std::string text;  // the object, as it was given
};

struct ParameterPolicies {
  std::vector<ParameterPolicy> all;
  std::optional<Timestamp> expires;
};

Result<ParameterPolicies> parse_parameter_policies(std::string_view text);

}  // namespace coffer::domain
