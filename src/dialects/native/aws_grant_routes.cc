#include "dialects/native/aws_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::native {
namespace {

using domain::AwsOwner;

Result<std::string> required_arn(const gate::Call& call) {
  COFFER_TRY(const auto arn, formats::text_field(call.body, "policy_arn"));
  if (!arn || arn->empty()) return fail(Code::invalid_argument, "policy_arn is missing");
  return *arn;
}

gate::Handler attach(AwsOwner kind) {
  return [kind](gate::Call& call) -> Result<gate::Reply> {
    COFFER_TRY(const std::string arn, required_arn(call));
    COFFER_CHECK(identities_of(call).attach(kind, call.routing.captures.at(0), arn));
    call.note("policy", arn);
    return gate::Reply{.status = 204};
  };
}

gate::Handler detach(AwsOwner kind) {
  return [kind](gate::Call& call) -> Result<gate::Reply> {
    COFFER_TRY(const std::string arn, required_arn(call));
    COFFER_CHECK(identities_of(call).detach(kind, call.routing.captures.at(0), arn));
    call.note("policy", arn);
    return gate::Reply{.status = 204};
  };
}

gate::Handler embed(AwsOwner kind) {
  return [kind](gate::Call& call) -> Result<gate::Reply> {
    COFFER_TRY(const std::string document, document_field(call, "document"));
    const auto& names = call.routing.captures;
    COFFER_CHECK(identities_of(call).embed(kind, names.at(0), names.at(1), document));
    return gate::Reply{.status = 204};
  };
}

gate::Handler remove_embedded(AwsOwner kind) {
  return [kind](gate::Call& call) -> Result<gate::Reply> {
    const auto& names = call.routing.captures;
    COFFER_CHECK(identities_of(call).remove_embedded(kind, names.at(0), names.at(1)));
    return gate::Reply{.status = 204};
  };
}

}  // namespace

Result<std::string> document_field(const gate::Call& call, std::string_view name) {
  const auto value = call.body.find_value(name);
  if (!value) return std::string();
  if (value->kind() == formats::JsonKind::string) return value->string();
  if (value->kind() == formats::JsonKind::object) return std::string(value->raw());
  return fail(Code::invalid_argument, std::string(name) + " must be an object");
}

Result<std::string> spelt_name(const gate::Call& call) {
  const std::string& name = call.routing.captures.at(0);
  COFFER_TRY(const auto spelt, formats::text_field(call.body, "name"));
  if (!spelt) return name;
  if (domain::aws_name_key(*spelt) != domain::aws_name_key(name)) {
    return fail(Code::invalid_argument, "name is not the name in the path");
  }
  return *spelt;
}

Result<std::map<std::string, std::string>> tags_field(const gate::Call& call) {
  std::map<std::string, std::string> tags;
  COFFER_TRY(const auto object, formats::object_field(call.body, "tags"));
  if (!object) return tags;
  for (const auto& [key, value] : object->members()) {
    COFFER_TRY(tags[key], value.string());
  }
  return tags;
}

void write_grants(formats::JsonWriter& w, const domain::AwsGrants& grants) {
  w.key("attached_policies").strings(grants.attached);
  w.key("embedded_policies").begin_object();
  for (const auto& [name, policy] : grants.embedded) w.key(name).raw(policy.text);
  w.end_object();
  w.key("tags").begin_object();
  for (const auto& [key, value] : grants.tags) w.key(key).string(value);
  w.end_object();
}

RouteTable aws_grant_routes(AwsOwner kind) {
  using policy::Capability;
  using proof::EventType;
  const bool user = kind == AwsOwner::user;
  const EventType changed = user ? EventType::iam_user_changed : EventType::iam_role_changed;
  const std::string base = user ? "aws/users/{user}/" : "aws/roles/{role}/";
  RouteTable table;
  table.push_back(
      guarded("PUT",
              base + "attach",
              EventType::iam_policy_attached,
              {.action = "aws.policy.attach", .capability = Capability::update, .sudo = true},
              attach(kind)));
  table.push_back(
      guarded("PUT",
              base + "detach",
              EventType::iam_policy_attached,
              {.action = "aws.policy.detach", .capability = Capability::update, .sudo = true},
              detach(kind)));
  table.push_back(
      guarded("PUT",
              base + "embedded/{name}",
              changed,
              {.action = "aws.policy.embed", .capability = Capability::update, .sudo = true},
              embed(kind)));
  table.push_back(
      guarded("DELETE",
              base + "embedded/{name}",
              changed,
              {.action = "aws.policy.remove", .capability = Capability::del, .sudo = true},
              remove_embedded(kind)));
  return table;
}

}  // namespace coffer::dialects::native
