// What the operations of STS that give out temporary credentials have in common.
#pragma once

#include "domain/auth/aws_session.h"
#include "domain/identity/aws_rows.h"
#include "formats/xml_writer.h"
#include "gate/operation.h"
#include "policy/access.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::dialects::aws {

// In the order that they were sent.
using SessionTags = std::vector<std::pair<std::string, std::string>>;

// `Tags`; InvalidParameterValue when two keys differ by their case only.
Result<SessionTags> session_tags(const formats::JsonView& body);

// `Policy` and `PolicyArns`: checked, and put into the session. MalformedPolicyDocument,
// PackedPolicyTooLarge.
Result<> add_session_policies(gate::Call& call, domain::AwsSession& session);

// `DurationSeconds`, or `otherwise`.
Result<Duration> asked_duration(const formats::JsonView& body, Duration otherwise);

// The role that the ARN names; null: there is none. ValidationError for what is no ARN.
Result<domain::AwsRolePtr> role_named(gate::Call& call, std::string_view arn);
// Its trust policy; null for no role, which denies.
Result<policy::PolicyPtr> trust_of(gate::Call& call, const domain::AwsRolePtr& role);

// sts:AssumeRole… on the role, with its trust policy and the keys of the request.
Result<policy::Access> access_to_role(gate::Call& call,
                                      std::string_view iam_action,
                                      std::string_view arn);

// Seals the session; notes what was given out in the audit event.
Result<domain::IssuedAwsSession> issue(gate::Call& call, domain::AwsSession session);

void write_credentials(formats::XmlWriter& x, const domain::IssuedAwsSession& issued);
void write_assumed_role(formats::XmlWriter& x,
                        gate::Call& call,
                        const domain::AwsRoleRow& role,
                        std::string_view session_name);

[[nodiscard]] std::unexpected<Error> access_denied(std::string message);

}  // namespace coffer::dialects::aws
