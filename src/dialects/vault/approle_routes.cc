// auth/approle: roles and logins. SecretIDs: secret_id_routes.cc; single properties:
// approle_property_routes.cc.
#include "dialects/vault/approle_fields.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/dialect.h"
#include "domain/auth/secret_ids.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::AppRoles;
using proof::EventType;

Result<gate::Reply> write_role(gate::Call& call) {
  AppRoles roles(*call.view, *call.mount);
  const std::string& name = call.routing.captures.front();
  COFFER_TRY(const domain::AppRolePtr present, roles.read(name));
  domain::AppRoleRow row;
  if (present) {
    row = present->row;
  } else {
    COFFER_TRY(row, roles.fresh(name));
  }
  COFFER_CHECK(read_role_fields(call.body, row));
  COFFER_CHECK(roles.write(std::move(row)));
  return no_content();
}

Result<gate::Reply> read_role(gate::Call& call) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  return data_answer(call, [&](formats::JsonWriter& w) { write_role_fields(w, role->row); });
}

Result<gate::Reply> delete_role(gate::Call& call) {
  COFFER_CHECK(AppRoles(*call.view, *call.mount).remove(call.routing.captures.front()));
  return no_content();
}

Result<gate::Reply> list_roles(gate::Call& call) {
  COFFER_TRY(const auto names, AppRoles(*call.view, *call.mount).list());
  return list_answer(call, names);
}

Result<bool> role_exists(gate::Call& call) {
  COFFER_TRY(const auto role,
             AppRoles(*call.view, *call.mount).read(call.routing.captures.front()));
  return static_cast<bool>(role);
}

Result<gate::Reply> log_in(gate::Call& call) {
  call.event.actor_type = "approle";
  call.event.type = EventType::approle_login_failed;
  call.note("mount", call.routing.mount);
  domain::AppRoleLogin login{.source_ip = call.request.peer.address,
                             .mount_path = call.routing.mount};
  COFFER_TRY(login.role_id, required_text(call.body, "role_id"));
  COFFER_CHECK(assign(formats::secret_field(call.body, "secret_id"), login.secret_id));
  Result<domain::IssuedToken> issued = domain::log_in(*call.view, *call.mount, login);
  if (!login.role.empty()) call.note("role", login.role);
  if (!issued) return std::unexpected(issued.error());
  call.event.type = EventType::approle_login_success;
  call.event.actor_name = *issued->row.display_name;
  call.event.actor_id = *issued->row.entity_id;
  return issued_answer(call, *std::move(issued));
}

Result<gate::Reply> tidy(gate::Call& call) {
  Answer out;
  out.status = 202;
  out.warnings.emplace_back("expired SecretIDs are removed in the background all the time");
  return answer(call, std::move(out));
}

Rule rule(std::string_view action) {
  return Rule{.action = action};
}

}  // namespace

RouteTable approle_routes() {
  RouteTable table;
  table.push_back(proven(Verb::write,
                         "login",
                         EventType::approle_login_success,
                         "approle.login",
                         "RoleID and SecretID are the proof",
                         log_in));
  table.push_back(guarded(Verb::write,
                          "role/{role}",
                          EventType::approle_created,
                          {.action = "approle.write", .exists = role_exists},
                          write_role));
  table.push_back(
      guarded(Verb::read, "role/{role}", EventType::approle_read, rule("approle.read"), read_role));
  table.push_back(guarded(Verb::remove,
                          "role/{role}",
                          EventType::approle_deleted,
                          rule("approle.delete"),
                          delete_role));
  table.push_back(
      guarded(Verb::list, "role", EventType::approle_read, rule("approle.list"), list_roles));
  table.push_back(guarded(
      Verb::write, "tidy/secret-id", EventType::approle_deleted, rule("approle.tidy"), tidy));
  add_secret_id_routes(table);
  add_role_property_routes(table);
  return table;
}

}  // namespace coffer::dialects::vault
