// auth/approle/role/<name>/<property>: each setting of a role by itself.
#include "dialects/vault/approle_fields.h"
#include "dialects/vault/auth_answer.h"
#include "formats/vault_fields.h"

#include <array>

namespace coffer::dialects::vault {
namespace {

using domain::AppRoleRow;
using formats::JsonWriter;
using proof::EventType;

// A property has the role's fields under its names; `clear` gives it the value of a fresh role.
struct Property {
  std::string_view path;
  void (*write)(JsonWriter&, const AppRoleRow&);
  void (*clear)(AppRoleRow&);
};

constexpr std::array kProperties = {
    Property{"policies",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("policies").strings(r.token->policies);
               w.key("token_policies").strings(r.token->policies);
             },
             [](AppRoleRow& r) { r.token->policies.clear(); }},
    Property{"bound-cidr-list",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("bound_cidr_list").strings(prefixed(*r.secret_id_bound_cidrs));
             },
             [](AppRoleRow& r) { r.secret_id_bound_cidrs->clear(); }},
    Property{"secret-id-bound-cidrs",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("secret_id_bound_cidrs").strings(prefixed(*r.secret_id_bound_cidrs));
             },
             [](AppRoleRow& r) { r.secret_id_bound_cidrs->clear(); }},
    Property{"token-bound-cidrs",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("token_bound_cidrs").strings(r.token->bound_cidrs);
             },
             [](AppRoleRow& r) { r.token->bound_cidrs.clear(); }},
    Property{"bind-secret-id",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("bind_secret_id").boolean(*r.bind_secret_id);
             },
             [](AppRoleRow& r) { r.bind_secret_id = true; }},
    Property{"local-secret-ids",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("local_secret_ids").boolean(*r.local_secret_ids);
             },
             nullptr},
    Property{
        "secret-id-num-uses",
        [](JsonWriter& w, const AppRoleRow& r) {
          w.key("secret_id_num_uses").integer(static_cast<std::int64_t>(*r.secret_id_num_uses));
        },
        [](AppRoleRow& r) { r.secret_id_num_uses = 0; }},
    Property{"secret-id-ttl",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("secret_id_ttl").integer(whole_seconds(*r.secret_id_ttl));
             },
             [](AppRoleRow& r) { r.secret_id_ttl = Duration{}; }},
    Property{"period",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("period").integer(whole_seconds(r.token->period));
               w.key("token_period").integer(whole_seconds(r.token->period));
             },
             [](AppRoleRow& r) { r.token->period = Duration{}; }},
    Property{"token-num-uses",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("token_num_uses").integer(static_cast<std::int64_t>(r.token->num_uses));
             },
             [](AppRoleRow& r) { r.token->num_uses = 0; }},
    Property{"token-ttl",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("token_ttl").integer(whole_seconds(r.token->ttl));
             },
             [](AppRoleRow& r) { r.token->ttl = Duration{}; }},
    Property{"token-max-ttl",
             [](JsonWriter& w, const AppRoleRow& r) {
               w.key("token_max_ttl").integer(whole_seconds(r.token->max_ttl));
             },
             [](AppRoleRow& r) { r.token->max_ttl = Duration{}; }},
    Property{"role-id",
             [](JsonWriter& w, const AppRoleRow& r) { w.key("role_id").string(*r.role_id); },
             nullptr},
};

Result<gate::Reply> change(gate::Call& call, const Property& property) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  AppRoleRow row = role->row;
  // Only what this property shows may change: the body's other fields belong to other paths.
  secure::SecureText shown;
  JsonWriter w(shown);
  w.begin_object();
  property.write(w, row);
  w.end_object();
  COFFER_TRY(const formats::JsonView fields, formats::JsonView::parse(shown.text()));
  for (const auto& [name, value] : call.body.members()) {
    if (!fields.find(name)) {
      return fail(Code::invalid_argument, "the body has a field of another property");
    }
  }
  COFFER_CHECK(read_role_fields(call.body, row));
  COFFER_CHECK(domain::AppRoles(*call.view, *call.mount).write(std::move(row)));
  return no_content();
}

Result<gate::Reply> show(gate::Call& call, const Property& property) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  return data_answer(call, [&](JsonWriter& w) { property.write(w, role->row); });
}

Result<gate::Reply> reset(gate::Call& call, const Property& property) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  AppRoleRow row = role->row;
  property.clear(row);
  COFFER_CHECK(domain::AppRoles(*call.view, *call.mount).write(std::move(row)));
  return no_content();
}

}  // namespace

void add_role_property_routes(RouteTable& table) {
  for (const Property& property : kProperties) {
    const std::string pattern = "role/{role}/" + std::string(property.path);
    table.push_back(guarded(Verb::read,
                            pattern,
                            EventType::approle_read,
                            "approle.read",
                            [&property](gate::Call& call) { return show(call, property); }));
    table.push_back(guarded(Verb::write,
                            pattern,
                            EventType::approle_created,
                            "approle.write",
                            [&property](gate::Call& call) { return change(call, property); }));
    if (property.clear == nullptr) continue;
    table.push_back(guarded(Verb::remove,
                            pattern,
                            EventType::approle_created,
                            "approle.write",
                            [&property](gate::Call& call) { return reset(call, property); }));
  }
}

std::vector<std::string> prefixed(std::vector<std::string> cidrs) {
  for (std::string& cidr : cidrs) {
    if (!cidr.contains('/')) cidr += cidr.contains(':') ? "/128" : "/32";
  }
  return cidrs;
}

Result<> read_role_fields(const formats::JsonView& body, AppRoleRow& row) {
  COFFER_CHECK(assign(formats::bool_field(body, "bind_secret_id"), *row.bind_secret_id));
  COFFER_CHECK(assign(formats::bool_field(body, "local_secret_ids"), *row.local_secret_ids));
  COFFER_CHECK(assign(formats::list_field(body, "bound_cidr_list"), *row.secret_id_bound_cidrs));
  COFFER_CHECK(
      assign(formats::list_field(body, "secret_id_bound_cidrs"), *row.secret_id_bound_cidrs));
  COFFER_TRY(*row.secret_id_num_uses,
             count_field(body, "secret_id_num_uses", *row.secret_id_num_uses));
  COFFER_CHECK(assign(formats::duration_field(body, "secret_id_ttl"), *row.secret_id_ttl));
  COFFER_CHECK(assign(formats::text_field(body, "role_id"), *row.role_id));
  return read_token_params(body, *row.token);
}

void write_role_fields(JsonWriter& w, const AppRoleRow& row) {
  w.key("bind_secret_id").boolean(*row.bind_secret_id);
  w.key("local_secret_ids").boolean(*row.local_secret_ids);
  w.key("policies").strings(row.token->policies);
  w.key("period").integer(whole_seconds(row.token->period));
  w.key("secret_id_bound_cidrs").strings(prefixed(*row.secret_id_bound_cidrs));
  w.key("secret_id_num_uses").integer(static_cast<std::int64_t>(*row.secret_id_num_uses));
  w.key("secret_id_ttl").integer(whole_seconds(*row.secret_id_ttl));
  write_token_params(w, *row.token);
}

Result<domain::AppRolePtr> role_of(gate::Call& call) {
  COFFER_TRY(domain::AppRolePtr role,
             domain::AppRoles(*call.view, *call.mount).read(call.routing.captures.front()));
  if (!role) return fail(Code::not_found, "");
  return role;
}

}  // namespace coffer::dialects::vault
