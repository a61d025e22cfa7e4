// auth/approle/role/<name>/secret-id…: part of approle_routes().
#include "base/time_text.h"
#include "dialects/vault/approle_fields.h"
#include "dialects/vault/auth_answer.h"
#include "domain/auth/secret_ids.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::SecretIdPtr;
using domain::SecretIds;
using proof::EventType;

enum class Named : std::uint8_t { by_text, by_accessor };

// {"k":"v"} as an object, or as a string that holds such an object.
Result<std::map<std::string, std::string>> metadata_field(const formats::JsonView& body) {
  std::map<std::string, std::string> metadata;
  const auto value = body.find_value("metadata");
  if (!value) return metadata;
  std::string text(value->raw());
  if (value->kind() == formats::JsonKind::string) {
    COFFER_TRY(text, value->string());
    if (text.empty()) return metadata;
  }
  const auto parsed = formats::JsonView::parse(text);
  if (!parsed || parsed->kind() != formats::JsonKind::object) {
    return fail(Code::invalid_argument, "metadata is no JSON object");
  }
  for (const auto& [name, item] : parsed->members()) {
    auto item_text = item.string();
    if (!item_text) return fail(Code::invalid_argument, "metadata has values that are no strings");
    metadata.emplace(name, *std::move(item_text));
  }
  return metadata;
}

Result<gate::Reply> issue(gate::Call& call, bool chosen) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  domain::SecretIdRequest request;
  if (chosen) {
    COFFER_TRY(request.chosen, required_secret(call.body, "secret_id"));
  }
  COFFER_TRY(request.metadata, metadata_field(call.body));
  COFFER_CHECK(assign(formats::list_field(call.body, "cidr_list"), request.cidr_list));
  COFFER_CHECK(
      assign(formats::list_field(call.body, "token_bound_cidrs"), request.token_bound_cidrs));
  COFFER_CHECK(assign(formats::duration_field(call.body, "ttl"), request.ttl));
  if (call.body.find_value("num_uses")) {
    COFFER_TRY(request.num_uses, count_field(call.body, "num_uses", 0));
  }
  COFFER_TRY(const domain::IssuedSecretId issued,
             SecretIds(*call.view, role->row).issue(std::move(request)));
  call.note("secret_id_accessor", *issued.row.accessor);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("secret_id").string(issued.text.text());
    w.key("secret_id_accessor").string(*issued.row.accessor);
    w.key("secret_id_num_uses").integer(static_cast<std::int64_t>(*issued.row.num_uses));
    w.key("secret_id_ttl").integer(whole_seconds(*issued.row.ttl));
  });
}

Result<SecretIdPtr> target_of(gate::Call& call, const domain::AppRoleRow& role, Named named) {
  SecretIds ids(*call.view, role);
  if (named == Named::by_accessor) {
    COFFER_TRY(const std::string accessor, required_text(call.body, "secret_id_accessor"));
    return ids.by_accessor(accessor);
  }
  COFFER_TRY(const secure::SecureText text, required_secret(call.body, "secret_id"));
  return ids.find(text.text());
}

Result<gate::Reply> look_up(gate::Call& call, Named named) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  COFFER_TRY(const SecretIdPtr found, target_of(call, role->row, named));
  if (!found && named == Named::by_accessor) {
    return fail(Code::not_found, "failed to find accessor entry for secret_id_accessor");
  }
  if (!found) return no_content();
  const domain::SecretIdRow& row = found->row;
  const bool expires = *row.ttl > Duration::zero();
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("cidr_list").strings(prefixed(*row.cidr_list));
    w.key("creation_time").string(rfc3339(*row.created));
    w.key("expiration_time")
        .string(expires ? rfc3339(*row.created + *row.ttl) : "0001-01-01T00:00:00Z");
    w.key("last_updated_time").string(rfc3339(*row.updated));
    w.key("metadata").begin_object();
    for (const auto& [name, value] : *row.metadata) w.key(name).string(value);
    w.end_object();
    w.key("secret_id_accessor").string(*row.accessor);
    w.key("secret_id_num_uses").integer(static_cast<std::int64_t>(*row.uses_left));
    w.key("secret_id_ttl").integer(whole_seconds(*row.ttl));
    w.key("token_bound_cidrs").strings(*row.token_bound_cidrs);
  });
}

Result<gate::Reply> destroy(gate::Call& call, Named named) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  COFFER_TRY(const SecretIdPtr found, target_of(call, role->row, named));
  if (!found && named == Named::by_accessor) {
    return fail(Code::not_found, "failed to find accessor entry for secret_id_accessor");
  }
  if (!found) return no_content();
  call.note("secret_id_accessor", *found->row.accessor);
  COFFER_CHECK(SecretIds(*call.view, role->row).destroy(found->row));
  return no_content();
}

Result<gate::Reply> list_accessors(gate::Call& call) {
  COFFER_TRY(const domain::AppRolePtr role, role_of(call));
  COFFER_TRY(const auto accessors, SecretIds(*call.view, role->row).accessors());
  return list_answer(call, accessors);
}

Rule rule(std::string_view action) {
  return Rule{.action = action};
}

}  // namespace

void add_secret_id_routes(RouteTable& table) {
  constexpr EventType kChanged = EventType::approle_secret_rotated;
  constexpr EventType kRead = EventType::approle_read;
  const auto add = [&](Verb verb,
                       const std::string& path,
                       EventType event,
                       std::string_view action,
                       gate::Handler handler) {
    table.push_back(guarded(verb, "role/{role}/" + path, event, rule(action), std::move(handler)));
  };
  add(Verb::write, "secret-id", kChanged, "approle.secret_id.issue", [](gate::Call& call) {
    return issue(call, false);
  });
  add(Verb::write, "custom-secret-id", kChanged, "approle.secret_id.issue", [](gate::Call& call) {
    return issue(call, true);
  });
  add(Verb::list, "secret-id", kRead, "approle.secret_id.list", list_accessors);
  for (const Named named : {Named::by_text, Named::by_accessor}) {
    const std::string path = named == Named::by_text ? "secret-id/" : "secret-id-accessor/";
    const auto remove = [named](gate::Call& call) { return destroy(call, named); };
    add(Verb::write, path + "lookup", kRead, "approle.secret_id.read", [named](gate::Call& call) {
      return look_up(call, named);
    });
    add(Verb::write, path + "destroy", kChanged, "approle.secret_id.destroy", remove);
    add(Verb::remove, path + "destroy", kChanged, "approle.secret_id.destroy", remove);
  }
}

}  // namespace coffer::dialects::vault
