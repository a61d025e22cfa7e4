// The managed policies of AWS that exist without anybody making them, "arn:aws:iam::aws:policy/…":
// those that setups for the services served here attach. Their texts are ours: they say what AWS's
// say about these services, and never grow silently.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace coffer::domain {

struct AwsManagedPolicy {
  std::string_view name;
  std::string_view id;  // as AWS numbers them
  std::string_view description;
  std::string_view text;
};

inline constexpr std::string_view kAwsManagedPrefix = "arn:aws:iam::aws:policy/";

std::span<const AwsManagedPolicy> aws_managed_policies();
// By ARN, in AWS's spelling of the name. Null: none.
const AwsManagedPolicy* find_aws_managed(std::string_view arn);

}  // namespace coffer::domain
