// Constraints: what a Vault rule demands of a request beyond the capability: which parameters it
// may, may not and must have, and how long its response is wrapped.
//
//   required_parameters   each must be present
//   denied_parameters     name -> values; an empty list denies every value; "*" denies all names
//   allowed_parameters    name -> values; an empty list allows every value; "*" stands for all
//   names
//                         that are not listed. When there is any entry, other names are refused.
//
// Names compare without case. A string value may begin and/or end with "*"; other values compare as
// JSON, members in any order. Parameters are checked for create, update, patch and read; a wrapping
// TTL is checked for everything. Limits bound a response that must then be wrapped.
//
// Plain values, safe to share when const.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "formats/hcl.h"
#include "policy/access.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

// One listed value: a string with its globs, or the canonical JSON of anything else.
struct ParameterValue {
  bool is_string = false;
  std::string text;
};

using ParameterList = std::map<std::string, std::vector<ParameterValue>>;

struct Constraints {
  ParameterList allowed;
  ParameterList denied;
  std::vector<std::string> required;
  std::optional<Duration> min_wrapping_ttl;
  std::optional<Duration> max_wrapping_ttl;

  [[nodiscard]] bool empty() const {
    return allowed.empty() && denied.empty() && required.empty() && !min_wrapping_ttl &&
           !max_wrapping_ttl;
  }

  // Joins the constraints of the same pattern in another rule, as Vault does: values are appended
  // (an empty list stays one that stands for all), required names united, and of two limits the
  // lesser is kept, in both directions.
  void merge(const Constraints& other);

  // nullopt when `access` meets them, else which one it does not, in plain words.
  [[nodiscard]] std::optional<std::string_view> violation(const Access& access,
                                                          const Facts& facts) const;

 private:
  [[nodiscard]] std::optional<std::string_view> parameter_violation(const Access& access) const;
};

// Reads allowed_parameters or denied_parameters: an object of lists.
Result<ParameterList> read_parameters(const formats::HclItem& item);

}  // namespace coffer::policy
