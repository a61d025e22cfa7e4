#include "base/time_text.h"
#include "dialects/native/aws_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::native {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

void write_role(formats::JsonWriter& w, const domain::AwsRoleRow& role, std::string_view arn) {
  w.key("name").string(*role.name);
  w.key("path").string(*role.path);
  w.key("id").string(*role.id);
  w.key("arn").string(arn);
  w.key("description").string(*role.description);
  w.key("max_session_seconds").integer(duration_cast<seconds>(*role.max_session).count());
  w.key("created").string(rfc3339(*role.created));
}

Result<gate::Reply> list_roles(gate::Call& call) {
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const auto roles, iam.roles());
  return json_reply([&](formats::JsonWriter& w) {
    w.key("account").string(call.unsealed->aws_account);
    w.key("roles").begin_array();
    for (const domain::AwsRolePtr& role : roles) {
      w.begin_object();
      write_role(w, role->row, iam.arn_of(role->row));
      w.end_object();
    }
    w.end_array();
  });
}

Result<gate::Reply> read_role(gate::Call& call) {
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const domain::AwsRolePtr role, iam.role(call.routing.captures.at(0)));
  return json_reply([&](formats::JsonWriter& w) {
    write_role(w, role->row, iam.arn_of(role->row));
    w.key("trust_policy").raw(*role->row.trust);
    write_grants(w, *role->row.grants);
  });
}

Result<gate::Reply> create_role(gate::Call& call) {
  domain::NewAwsRole wanted;
  COFFER_TRY(wanted.name, spelt_name(call));
  COFFER_TRY(const auto path, formats::text_field(call.body, "path"));
  if (path) wanted.path = *path;
  COFFER_TRY(wanted.trust, document_field(call, "trust_policy"));
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  wanted.description = description.value_or("");
  COFFER_TRY(const auto longest, formats::integer_field(call.body, "max_session_seconds"));
  if (longest) wanted.max_session = seconds(*longest);
  COFFER_TRY(wanted.tags, tags_field(call));
  COFFER_TRY(const auto policies, formats::list_field(call.body, "policy_arns"));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const domain::AwsRoleRow role, iam.create_role(wanted));
  for (const std::string& arn : policies.value_or(std::vector<std::string>())) {
    COFFER_CHECK(iam.attach(domain::AwsOwner::role, wanted.name, arn));
    call.note("policy", arn);
  }
  return json_reply([&](formats::JsonWriter& w) { write_role(w, role, iam.arn_of(role)); });
}

Result<gate::Reply> write_trust(gate::Call& call) {
  COFFER_TRY(const std::string document, document_field(call, "trust_policy"));
  COFFER_CHECK(identities_of(call).set_trust(call.routing.captures.at(0), document));
  return gate::Reply{.status = 204};
}

Result<gate::Reply> delete_role(gate::Call& call) {
  COFFER_CHECK(identities_of(call).remove_role(call.routing.captures.at(0), true));
  return gate::Reply{.status = 204};
}

void write_policy(formats::JsonWriter& w, const domain::AwsPolicy& policy) {
  w.key("name").string(policy.name);
  w.key("path").string(policy.path);
  w.key("id").string(policy.id);
  w.key("arn").string(policy.arn);
  w.key("description").string(policy.description);
  w.key("version").integer(static_cast<std::int64_t>(policy.version));
}

Result<gate::Reply> list_policies(gate::Call& call) {
  COFFER_TRY(std::vector<domain::AwsPolicy> policies, aws_policies_of(call).made_here());
  for (domain::AwsPolicy& built_in : domain::AwsCustomerPolicies::built_in()) {
    policies.push_back(std::move(built_in));
  }
  return json_reply([&](formats::JsonWriter& w) {
    w.key("policies").begin_array();
    for (const domain::AwsPolicy& policy : policies) {
      w.begin_object();
      write_policy(w, policy);
      w.end_object();
    }
    w.end_array();
  });
}

// By name among those that were made here: names are unique whatever their path.
Result<domain::AwsPolicy> policy_called(gate::Call& call) {
  const std::string wanted = domain::aws_name_key(call.routing.captures.at(0));
  COFFER_TRY(std::vector<domain::AwsPolicy> policies, aws_policies_of(call).made_here());
  for (domain::AwsPolicy& policy : policies) {
    if (domain::aws_name_key(policy.name) == wanted) return std::move(policy);
  }
  return fail(Code::not_found, "no such policy");
}

Result<gate::Reply> read_policy(gate::Call& call) {
  COFFER_TRY(const domain::AwsPolicy policy, policy_called(call));
  return json_reply([&](formats::JsonWriter& w) {
    write_policy(w, policy);
    w.key("document").raw(policy.text);
  });
}

// Makes the policy, or gives the one that is there a new text.
Result<gate::Reply> put_policy(gate::Call& call) {
  COFFER_TRY(const std::string document, document_field(call, "document"));
  const auto present = policy_called(call);
  if (!present && present.error().code != Code::not_found) return std::unexpected(present.error());
  domain::AwsCustomerPolicies policies = aws_policies_of(call);
  domain::NewAwsPolicy wanted;
  COFFER_TRY(wanted.name, spelt_name(call));
  wanted.text = document;
  COFFER_TRY(const auto path, formats::text_field(call.body, "path"));
  if (path) wanted.path = *path;
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  wanted.description = description.value_or("");
  COFFER_TRY(const domain::AwsPolicy policy,
             present ? policies.write(present->arn, document) : policies.create(wanted));
  return json_reply([&](formats::JsonWriter& w) { write_policy(w, policy); });
}

Result<gate::Reply> delete_policy(gate::Call& call) {
  COFFER_TRY(const domain::AwsPolicy policy, policy_called(call));
  COFFER_CHECK(aws_policies_of(call).remove(policy.arn));
  return gate::Reply{.status = 204};
}

}  // namespace

RouteTable aws_role_routes() {
  using policy::Capability;
  using proof::EventType;
  RouteTable table;
  table.push_back(
      guarded("GET", "aws/roles", EventType::iam_read, {.action = "aws.role.list"}, list_roles));
  table.push_back(guarded(
      "GET", "aws/roles/{role}", EventType::iam_read, {.action = "aws.role.read"}, read_role));
  table.push_back(
      guarded("PUT",
              "aws/roles/{role}",
              EventType::iam_role_changed,
              {.action = "aws.role.create", .capability = Capability::update, .sudo = true},
              create_role));
  table.push_back(
      guarded("PUT",
              "aws/roles/{role}/trust",
              EventType::iam_role_changed,
              {.action = "aws.role.trust", .capability = Capability::update, .sudo = true},
              write_trust));
  table.push_back(
      guarded("DELETE",
              "aws/roles/{role}",
              EventType::iam_role_changed,
              {.action = "aws.role.delete", .capability = Capability::del, .sudo = true},
              delete_role));
  return table;
}

RouteTable aws_policy_routes() {
  using policy::Capability;
  using proof::EventType;
  RouteTable table;
  table.push_back(guarded(
      "GET", "aws/policies", EventType::iam_read, {.action = "aws.policy.list"}, list_policies));
  table.push_back(guarded("GET",
                          "aws/policies/{policy}",
                          EventType::iam_read,
                          {.action = "aws.policy.read"},
                          read_policy));
  table.push_back(
      guarded("PUT",
              "aws/policies/{policy}",
              EventType::iam_policy_changed,
              {.action = "aws.policy.write", .capability = Capability::update, .sudo = true},
              put_policy));
  table.push_back(
      guarded("DELETE",
              "aws/policies/{policy}",
              EventType::iam_policy_changed,
              {.action = "aws.policy.delete", .capability = Capability::del, .sudo = true},
              delete_policy));
  return table;
}

}  // namespace coffer::dialects::native
