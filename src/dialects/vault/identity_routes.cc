// identity/: reading entities. They are made by logins.
#include "base/time_text.h"
#include "dialects/vault/dialect.h"
#include "dialects/vault/envelope.h"
#include "domain/identity/identity.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::Entities;
using domain::EntityRow;
using EntityPtr = rows::RowPtr<EntityRow>;

void write_text_map(formats::JsonWriter& w, const std::map<std::string, std::string>& map) {
  w.begin_object();
  for (const auto& [name, value] : map) w.key(name).string(value);
  w.end_object();
}

Result<gate::Reply> show(gate::Call& call, const EntityPtr& entity) {
  if (!entity) return fail(Code::not_found, "");
  const EntityRow& row = entity->row;
  std::vector<rows::RowPtr<domain::AliasRow>> aliases;
  for (const domain::AliasRef& ref : *row.aliases) {
    COFFER_TRY(auto alias, Entities(*call.view).alias(ref.mount_accessor, ref.name));
    if (alias) aliases.push_back(std::move(alias));
  }
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("id").string(*row.id).key("name").string(*row.name);
    w.key("policies").strings(*row.policies);
    w.key("disabled").boolean(*row.disabled);
    w.key("creation_time").string(rfc3339(*row.created));
    w.key("last_update_time").string(rfc3339(*row.updated));
    w.key("metadata");
    write_text_map(w, *row.metadata);
    w.key("group_ids").strings({});
    w.key("aliases").begin_array();
    for (const auto& alias : aliases) {
      w.begin_object();
      w.key("id").string(*alias->row.id).key("name").string(*alias->row.name);
      w.key("mount_accessor").string(*alias->row.mount_accessor);
      w.key("canonical_id").string(*row.id);
      w.key("metadata");
      write_text_map(w, *alias->row.metadata);
      w.end_object();
    }
    w.end_array();
  });
}

Result<gate::Reply> by_id(gate::Call& call) {
  COFFER_TRY(const EntityPtr entity, Entities(*call.view).by_id(call.routing.captures.front()));
  return show(call, entity);
}

Result<gate::Reply> by_name(gate::Call& call) {
  COFFER_TRY(const EntityPtr entity, Entities(*call.view).by_name(call.routing.captures.front()));
  return show(call, entity);
}

// By id, by name, or by an alias; unknown is 204, as clients expect.
Result<gate::Reply> look_up(gate::Call& call) {
  COFFER_TRY(const auto id, formats::text_field(call.body, "id"));
  COFFER_TRY(const auto name, formats::text_field(call.body, "name"));
  COFFER_TRY(const auto alias_name, formats::text_field(call.body, "alias_name"));
  COFFER_TRY(const auto accessor, formats::text_field(call.body, "alias_mount_accessor"));
  Entities entities(*call.view);
  EntityPtr found;
  if (id) {
    COFFER_TRY(found, entities.by_id(*id));
  } else if (name) {
    COFFER_TRY(found, entities.by_name(*name));
  } else if (alias_name && accessor) {
    COFFER_TRY(const auto alias, entities.alias(*accessor, *alias_name));
    if (alias) {
      COFFER_TRY(found, entities.by_id(*alias->row.entity_id));
    }
  } else {
    return fail(Code::invalid_argument, "missing id, name, or alias_name and alias_mount_accessor");
  }
  if (!found) return no_content();
  return show(call, found);
}

}  // namespace

RouteTable identity_routes() {
  constexpr auto kRead = proof::EventType::identity_read;
  const Rule rule{.action = "identity.read", .exists = {}};
  RouteTable table;
  table.push_back(guarded(Verb::read, "entity/id/{id}", kRead, rule, by_id));
  table.push_back(guarded(Verb::read, "entity/name/{name}", kRead, rule, by_name));
  table.push_back(guarded(Verb::write, "lookup/entity", kRead, rule, look_up));
  return table;
}

}  // namespace coffer::dialects::vault
