// Names of parameters, as AWS Systems Manager has them, and the paths that they have in a mount.
//
//   /prod/db/password    a hierarchy: at most 15 levels
//   flat                 a name without '/', which has one level
//
// Levels are of letters, digits, '.', '-' and '_'. A parameter's path in its mount is its name
// without the first '/': "/flat" and "flat" have one path, and so have their ARNs in AWS; a mount
// keeps the one that was put first. Names that begin with "aws" or "ssm" belong to AWS. Pure
// functions. Errors carry AWS's words: ValidationException, HierarchyLevelLimitExceededException,
// AccessDeniedException.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kMaxParameterName = 1011;  // with the rest of its ARN, in AWS
inline constexpr std::size_t kMaxParameterLevels = 15;
inline constexpr std::size_t kMaxLabel = 100;
inline constexpr std::size_t kMaxLabelsOfVersion = 10;

// A name that a parameter may be created under, without blanks around it.
Result<std::string> check_parameter_name(std::string_view name);

// A Path of GetParametersByPath or of a filter: "/", "/a/b" or "/a/b/".
Result<> check_parameter_path(std::string_view path);

// Empty for what can be no parameter's name.
std::string_view path_of_parameter(std::string_view name);

// The name of a secret that has a value and no parameter's row: "/a/b" for "a/b", "a" for "a".
std::string name_of_path(std::string_view path);

// What GetParameter calls a name: "name", "name:3", "name:label". ARNs are taken apart before.
struct ParameterReference {
  std::string name;
  std::string selector;  // ":3"; empty: the current version
};

// More than one ':' makes no reference: nothing has such a name.
Result<ParameterReference> parse_parameter_reference(std::string_view text);

// Whether a version may carry the label. A label of another length than 1 to 100 is refused with
// the whole request, elsewhere.
bool is_label(std::string_view text);

std::unexpected<Error> parameter_not_found(std::string_view as_named);

}  // namespace coffer::domain
