// What the routes below aws/ have in common.
#pragma once

#include "dialects/native/dialect.h"
#include "domain/identity/aws_customer_policies.h"
#include "domain/identity/aws_identities.h"

namespace coffer::dialects::native {

inline domain::AwsIdentities identities_of(gate::Call& call) {
  return {*call.view, call.unsealed->policies, call.unsealed->aws_account};
}

inline domain::AwsCustomerPolicies aws_policies_of(gate::Call& call) {
  return {*call.view, call.unsealed->policies, call.unsealed->aws_account};
}

// The object `name` of the body as it was sent, or the JSON text in a string; empty when absent.
Result<std::string> document_field(const gate::Call& call, std::string_view name);
// The name in the path, which has no case, in the spelling of the body's `name` where that is the
// same name.
Result<std::string> spelt_name(const gate::Call& call);
// An object of strings; empty when absent.
Result<std::map<std::string, std::string>> tags_field(const gate::Call& call);

void write_grants(formats::JsonWriter& w, const domain::AwsGrants& grants);

RouteTable aws_user_routes();
RouteTable aws_role_routes();
RouteTable aws_policy_routes();
RouteTable aws_key_routes();
// What users and roles have alike, below aws/users and aws/roles.
RouteTable aws_grant_routes(domain::AwsOwner kind);

}  // namespace coffer::dialects::native
