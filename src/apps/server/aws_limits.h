// The table [aws.limits] of the configuration: how many requests of the AWS APIs each principal may
// make. Keys, units and defaults: docs/configuration.md; groups: dialects/aws/request_limits.h.
#pragma once

#include "apps/server/toml.h"
#include "base/result.h"
#include "gate/principal_limits.h"

namespace coffer::server {

// invalid_argument with a message that goes after "aws.limits": "must be …", or ".kms.X must be …".
Result<gate::PrincipalLimits::Options> read_aws_limits(const toml::node& node);

}  // namespace coffer::server
