// The query protocol: form parameters to the JSON object that an operation reads.
//
// `Tags.member.1.Key=a` becomes {"Tags":[{"Key":"a"}]}: a name is cut at its dots, "member" and a
// number make a list, "entry" and a number with "key" and "value" a map. Every value stays a text
// (params.h reads numbers out of it). "Action" and "Version" are members like others. Refused as
// MalformedInput: numbers that do not run from 1 without gaps, a name that is a list here and a
// structure there, more than kMaxQueryDepth parts, an empty part; and what the form itself refuses
// (formats/form.h: doubled names, bad escapes, over 1,000 pairs). Pure.
// Source: the AWS query protocol as the service models use it (reference aws-apis.md §0).
#pragma once

#include "base/result.h"
#include "formats/form.h"
#include "secure/bytes.h"

#include <vector>

namespace coffer::dialects::aws {

inline constexpr std::size_t kMaxQueryDepth = 12;

Result<secure::SecureText> json_of_query(const std::vector<formats::FormPair>& pairs);

}  // namespace coffer::dialects::aws
