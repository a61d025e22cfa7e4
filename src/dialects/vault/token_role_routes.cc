#include "dialects/vault/token_role_routes.h"

#include "dialects/vault/auth_answer.h"
#include "domain/auth/token_roles.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::TokenRoles;
using formats::bool_field;
using formats::list_field;

Result<gate::Reply> write_role(gate::Call& call) {
  const std::string& name = call.routing.captures.front();
  COFFER_TRY(const auto present, TokenRoles(*call.view).read(name));
  domain::TokenRoleRow row = present ? present->row : domain::TokenRoleRow{};
  row.name = name;
  const formats::JsonView& body = call.body;
  COFFER_CHECK(assign(list_field(body, "allowed_policies"), *row.allowed_policies));
  COFFER_CHECK(assign(list_field(body, "disallowed_policies"), *row.disallowed_policies));
  COFFER_CHECK(assign(list_field(body, "allowed_policies_glob"), *row.allowed_policies_glob));
  COFFER_CHECK(assign(list_field(body, "disallowed_policies_glob"), *row.disallowed_policies_glob));
  COFFER_CHECK(assign(list_field(body, "allowed_entity_aliases"), *row.allowed_entity_aliases));
  COFFER_CHECK(assign(bool_field(body, "orphan"), *row.orphan));
  COFFER_CHECK(assign(bool_field(body, "renewable"), *row.renewable));
  COFFER_CHECK(assign(formats::text_field(body, "path_suffix"), *row.path_suffix));
  COFFER_CHECK(read_token_params(body, *row.token));
  COFFER_CHECK(TokenRoles(*call.view).write(std::move(row)));
  return no_content();
}

Result<gate::Reply> read_role(gate::Call& call) {
  COFFER_TRY(const auto found, TokenRoles(*call.view).read(call.routing.captures.front()));
  if (!found) return fail(Code::not_found, "");
  const domain::TokenRoleRow& row = found->row;
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("name").string(*row.name);
    w.key("allowed_policies").strings(*row.allowed_policies);
    w.key("disallowed_policies").strings(*row.disallowed_policies);
    w.key("allowed_policies_glob").strings(*row.allowed_policies_glob);
    w.key("disallowed_policies_glob").strings(*row.disallowed_policies_glob);
    w.key("allowed_entity_aliases").strings(*row.allowed_entity_aliases);
    w.key("orphan").boolean(*row.orphan);
    w.key("renewable").boolean(*row.renewable);
    w.key("path_suffix").string(*row.path_suffix);
    w.key("explicit_max_ttl").integer(whole_seconds(row.token->explicit_max_ttl));
    w.key("period").integer(whole_seconds(row.token->period));
    write_token_params(w, *row.token);
  });
}

Result<gate::Reply> delete_role(gate::Call& call) {
  COFFER_CHECK(TokenRoles(*call.view).remove(call.routing.captures.front()));
  return no_content();
}

Result<gate::Reply> list_roles(gate::Call& call) {
  COFFER_TRY(const auto names, TokenRoles(*call.view).list());
  return list_answer(call, names);
}

Result<bool> role_exists(gate::Call& call) {
  COFFER_TRY(const auto found, TokenRoles(*call.view).read(call.routing.captures.front()));
  return static_cast<bool>(found);
}

}  // namespace

void add_token_role_routes(RouteTable& table) {
  constexpr auto kChanged = proof::EventType::auth_method_changed;
  constexpr auto kRead = proof::EventType::auth_token_read;
  table.push_back(guarded(Verb::write,
                          "roles/{role}",
                          kChanged,
                          {.action = "token_role.write", .exists = role_exists},
                          write_role));
  table.push_back(guarded(Verb::read, "roles/{role}", kRead, "token_role.read", read_role));
  table.push_back(
      guarded(Verb::remove, "roles/{role}", kChanged, "token_role.delete", delete_role));
  table.push_back(guarded(Verb::list, "roles", kRead, "token_role.list", list_roles));
}

}  // namespace coffer::dialects::vault
