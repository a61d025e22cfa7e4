// Values of parameters on their way to an answer.
//
// They are read once, while the permission of the request is resolved (ssm_reading()), and with
// them the keys that open them: what is shown is what was asked for.
#pragma once

#include "dialects/aws/ssm_parts.h"

#include <set>
#include <vector>

namespace coffer::dialects::aws {

// A version of a parameter.
struct FoundValue {
  NamedParameter named;
  Result<domain::ParameterReading> reading;  // an error is for those who may ask
};

// The uids of the keys that were asked for already, for one parameter.
using AskedKeys = std::set<Bytes>;

// Reads the version of the parameter, which is there. With `decrypt` adds what opening it asks for:
// nothing unless it is a secure string, and each key once.
Result<FoundValue> find_value(const Ssm& ssm,
                              NamedParameter named,
                              std::uint64_t version,
                              bool decrypt,
                              AskedKeys& asked,
                              std::vector<policy::Access>& all);
// The value for an answer: opened when the request asks for it and it is a secure string. Once.
Result<secure::SecureText> shown_value(const Ssm& ssm, FoundValue& found, bool decrypt);

}  // namespace coffer::dialects::aws
