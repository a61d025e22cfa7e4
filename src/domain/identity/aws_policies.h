// The policies of IAM principals: managed ones by ARN, built in or rows of `Policies`, and those
// embedded in users and roles; compiled once a version.
//
// A managed policy that somebody made is a row of the language `iam` named "iam:" and its name in
// lower case: names are unique whatever their path. What the row does not say (the spelling, the
// path, the id) is in its labels.
#pragma once

#include "domain/identity/aws_rows.h"
#include "domain/identity/policies.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// Labels of a managed policy's row.
inline constexpr std::string_view kLabelName = "name";
inline constexpr std::string_view kLabelPath = "path";
inline constexpr std::string_view kLabelId = "id";
inline constexpr std::string_view kLabelDescription = "description";
inline constexpr std::string_view kLabelCreated = "created";  // RFC 3339

// "" when it has no such label.
std::string label_of(const PolicyRow& row, std::string_view name);

// The name of its row.
std::string managed_policy_row_name(std::string_view name);

// Null: there is no such policy, which denies.
Result<policy::PolicyPtr> load_managed_policy(work::View& view,
                                              PolicyCache& cache,
                                              std::string_view arn);

// All policies of a user or role. `owner` is its id, `shown` how people call it ("user/bob").
Result<std::vector<policy::PolicyPtr>> load_aws_policies(work::View& view,
                                                         PolicyCache& cache,
                                                         const AwsGrants& grants,
                                                         std::string_view owner,
                                                         std::string_view shown);

}  // namespace coffer::domain
