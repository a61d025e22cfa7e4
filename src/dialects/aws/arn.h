// The names of things in the AWS APIs: Amazon Resource Names.
//
//   arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE     "arn:aws:kms:us-east-1:123456789012:key/…"
//
// The partition follows from the region (aws-cn, aws-us-gov, else aws). Limits: 2,048 octets. Pure.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::dialects::aws {

inline constexpr std::size_t kMaxArn = 2048;
// Of what was made through a dialect that knows no regions.
inline constexpr std::string_view kDefaultRegion = "us-east-1";

struct Arn {
  std::string partition;
  std::string service;
  std::string region;
  std::string account;
  std::string resource;  // the rest, colons included

  [[nodiscard]] std::string text() const;
};

// Nullopt for what is no ARN.
std::optional<Arn> parse_arn(std::string_view text);

}  // namespace coffer::dialects::aws
