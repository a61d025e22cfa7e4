// Values of parameters on their way to an answer: what it needs to be allowed to show them.
#pragma once

#include "dialects/aws/ssm_parts.h"

#include <set>
#include <vector>

namespace coffer::dialects::aws {

// The uids of the keys that a request has asked for already.
using AskedKeys = std::set<Bytes>;

// Adds what decrypting this version of the parameter asks for: nothing unless it is a secure
// string, and each key once.
Result<> add_key_access(const Ssm& ssm,
                        const domain::Parameter& parameter,
                        std::uint64_t version,
                        AskedKeys& asked,
                        std::vector<policy::Access>& all);

}  // namespace coffer::dialects::aws
