// identity/: entities. Aliases: identity_alias_routes.cc; groups: identity_group_routes.cc. Logins
// make entities and aliases by themselves.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/identity_parts.h"
#include "domain/identity/groups.h"
#include "domain/identity/names.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::Entities;
using domain::EntityAdmin;
using domain::EntityRow;
using EntityPtr = rows::RowPtr<EntityRow>;
using formats::text_field;
using proof::EventType;

Result<EntityPtr> entity_of(gate::Call& call, Named named) {
  const std::string& given = call.routing.captures.front();
  Entities entities(*call.view);
  return named == Named::by_id ? entities.by_id(given) : entities.by_name(given);
}

Result<> write_groups(formats::JsonWriter& w, gate::Call& call, const EntityRow& entity) {
  COFFER_TRY(const domain::Membership in,
             domain::Groups(*call.view).of_entity(*entity.id, *entity.groups));
  std::vector<std::string> direct;
  std::vector<std::string> inherited;
  for (const domain::GroupPtr& group : in.direct) direct.push_back(*group->row.id);
  for (const domain::GroupPtr& group : in.inherited) inherited.push_back(*group->row.id);
  std::vector<std::string> all = direct;
  all.insert(all.end(), inherited.begin(), inherited.end());
  w.key("group_ids").strings(all);
  w.key("direct_group_ids").strings(direct);
  w.key("inherited_group_ids").strings(inherited);
  return {};
}

Result<gate::Reply> show(gate::Call& call, const EntityPtr& entity) {
  if (!entity) return fail(Code::not_found, "");
  const EntityRow& row = entity->row;
  Answer out;
  formats::JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("id").string(*row.id).key("name").string(*row.name);
  w.key("policies").strings(*row.policies);
  w.key("disabled").boolean(*row.disabled);
  w.key("creation_time").string(rfc3339(*row.created));
  w.key("last_update_time").string(rfc3339(*row.updated));
  w.key("metadata");
  write_text_map(w, *row.metadata);
  COFFER_CHECK(write_groups(w, call, row));
  w.key("merged_entity_ids").null();
  w.key("aliases").begin_array();
  for (const domain::AliasRef& ref : *row.aliases) {
    COFFER_TRY(const auto alias, Entities(*call.view).alias(ref.mount_accessor, ref.name));
    if (!alias) continue;
    w.begin_object();
    COFFER_CHECK(write_alias(w, call, alias->row));
    w.end_object();
  }
  w.end_array().end_object();
  return answer(call, std::move(out));
}

Result<domain::EntityChange> change_of(const gate::Call& call) {
  domain::EntityChange change;
  COFFER_TRY(change.name, text_field(call.body, "name"));
  COFFER_TRY(change.policies, formats::list_field(call.body, "policies"));
  COFFER_TRY(change.disabled, formats::bool_field(call.body, "disabled"));
  COFFER_TRY(const auto metadata, formats::map_field(call.body, "metadata"));
  if (metadata) change.metadata.emplace(metadata->begin(), metadata->end());
  return change;
}

Result<gate::Reply> change_entity(gate::Call& call,
                                  const EntityRow& entity,
                                  const domain::EntityChange& change) {
  COFFER_CHECK(EntityAdmin(*call.view).change(*entity.id, change));
  call.note("entity", *entity.id);
  return no_content();
}

Result<gate::Reply> create_entity(gate::Call& call, const domain::EntityChange& change) {
  COFFER_TRY(const EntityRow made, EntityAdmin(*call.view).create(change));
  call.note("entity", *made.id);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("id").string(*made.id).key("name").string(*made.name).key("aliases").null();
  });
}

// By "id", else by "name", else a new one.
Result<gate::Reply> write_entity(gate::Call& call) {
  COFFER_TRY(const auto id, text_field(call.body, "id"));
  COFFER_TRY(const auto name, text_field(call.body, "name"));
  EntityPtr present;
  if (id && !id->empty()) {
    COFFER_TRY(present, Entities(*call.view).by_id(*id));
    if (!present) return fail(Code::invalid_argument, "entity not found from id");
  } else if (name) {
    COFFER_TRY(present, Entities(*call.view).by_name(*name));
  }
  COFFER_TRY(const domain::EntityChange change, change_of(call));
  if (present) return change_entity(call, present->row, change);
  return create_entity(call, change);
}

Result<gate::Reply> write_named(gate::Call& call, Named named) {
  COFFER_TRY(const EntityPtr present, entity_of(call, named));
  COFFER_TRY(domain::EntityChange change, change_of(call));
  // The path is what the caller may write to: another name in the body is not.
  if (named == Named::by_name) change.name = call.routing.captures.front();
  if (present) return change_entity(call, present->row, change);
  if (named == Named::by_id) return fail(Code::invalid_argument, "entity not found from id");
  return create_entity(call, change);
}

Result<gate::Reply> remove_named(gate::Call& call, Named named) {
  COFFER_TRY(const EntityPtr present, entity_of(call, named));
  if (!present) return no_content();
  call.note("entity", *present->row.id);
  COFFER_CHECK(EntityAdmin(*call.view).remove(*present->row.id));
  return no_content();
}

Result<gate::Reply> remove_several(gate::Call& call) {
  COFFER_TRY(const auto ids, formats::list_field(call.body, "entity_ids"));
  if (!ids || ids->empty()) return fail(Code::invalid_argument, "missing entity ids to delete");
  for (const std::string& id : *ids) COFFER_CHECK(EntityAdmin(*call.view).remove(id));
  return no_content();
}

Result<gate::Reply> merge(gate::Call& call) {
  COFFER_TRY(const auto from, formats::list_field(call.body, "from_entity_ids"));
  COFFER_TRY(const auto to, text_field(call.body, "to_entity_id"));
  if (!from || from->empty() || !to || to->empty()) {
    return fail(Code::invalid_argument, "from_entity_ids and to_entity_id are required");
  }
  for (const std::string& id : *from) {
    const Result<> merged = EntityAdmin(*call.view).merge(id, *to);
    if (!merged && merged.error().code == Code::not_found) {
      return fail(Code::invalid_argument, "an entity to merge does not exist");
    }
    COFFER_CHECK(merged);
  }
  call.note("entity", *to);
  return no_content();
}

Result<gate::Reply> list(gate::Call& call, Named named) {
  using Names = std::vector<std::string>;
  COFFER_TRY(const Names* names, ask_all<Names>(call, [named](EntityAdmin& admin) {
               return named == Named::by_id ? admin.ids() : admin.names();
             }));
  return list_answer(call, *names);
}

// By id, by name, or by an alias; unknown is 204, as clients expect.
Result<gate::Reply> look_up(gate::Call& call) {
  COFFER_TRY(const auto id, text_field(call.body, "id"));
  COFFER_TRY(const auto name, text_field(call.body, "name"));
  COFFER_TRY(const auto alias_id, text_field(call.body, "alias_id"));
  COFFER_TRY(const auto alias_name, text_field(call.body, "alias_name"));
  COFFER_TRY(const auto accessor, text_field(call.body, "alias_mount_accessor"));
  Entities entities(*call.view);
  EntityPtr found;
  if (id) {
    COFFER_TRY(found, entities.by_id(*id));
  } else if (name) {
    COFFER_TRY(found, entities.by_name(*name));
  } else if (alias_id) {
    using Alias = rows::RowPtr<domain::AliasRow>;
    COFFER_TRY(const Alias* alias, ask_all<Alias>(call, [wanted = *alias_id](EntityAdmin& admin) {
                 return admin.alias_by_id(wanted);
               }));
    if (*alias) {
      COFFER_TRY(found, entities.by_id(*(*alias)->row.entity_id));
    }
  } else if (alias_name && accessor) {
    const auto canonical = domain::canonical_login_name(*alias_name);
    COFFER_TRY(const auto alias, entities.alias(*accessor, canonical.value_or("")));
    if (alias) {
      COFFER_TRY(found, entities.by_id(*alias->row.entity_id));
    }
  } else {
    return fail(Code::invalid_argument,
                "missing id, name, alias_id, or alias_name and alias_mount_accessor");
  }
  if (!found) return no_content();
  return show(call, found);
}

Rule rule(std::string_view action) {
  return {.action = action};
}

void add_named_routes(RouteTable& table, Named named) {
  const bool id = named == Named::by_id;
  const std::string folder = id ? "entity/id" : "entity/name";
  const std::string one = folder + (id ? "/{entity}" : "/{identity}");
  constexpr EventType kChanged = EventType::identity_changed;
  constexpr EventType kRead = EventType::identity_read;
  table.push_back(guarded(Verb::read,
                          one,
                          kRead,
                          rule("identity.read"),
                          [named](gate::Call& call) -> Result<gate::Reply> {
                            COFFER_TRY(const EntityPtr entity, entity_of(call, named));
                            return show(call, entity);
                          }));
  table.push_back(
      guarded(Verb::write, one, kChanged, rule("identity.write"), [named](gate::Call& call) {
        return write_named(call, named);
      }));
  table.push_back(
      guarded(Verb::remove, one, kChanged, rule("identity.delete"), [named](gate::Call& call) {
        return remove_named(call, named);
      }));
  table.push_back(
      guarded(Verb::list, folder, kRead, rule("identity.list"), [named](gate::Call& call) {
        return list(call, named);
      }));
}

}  // namespace

void write_text_map(formats::JsonWriter& w, const std::map<std::string, std::string>& map) {
  w.begin_object();
  for (const auto& [name, value] : map) w.key(name).string(value);
  w.end_object();
}

RouteTable identity_routes() {
  RouteTable table;
  const auto write = [&table](
                         std::string_view pattern, std::string_view action, gate::Handler handler) {
    table.push_back(guarded(
        Verb::write, pattern, EventType::identity_changed, rule(action), std::move(handler)));
  };
  write("entity", "identity.write", write_entity);
  write("entity/batch-delete", "identity.delete", remove_several);
  write("entity/merge", "identity.write", merge);
  add_named_routes(table, Named::by_id);
  add_named_routes(table, Named::by_name);
  table.push_back(guarded(
      Verb::write, "lookup/entity", EventType::identity_read, rule("identity.read"), look_up));
  add_alias_routes(table);
  add_group_routes(table);
  return table;
}

}  // namespace coffer::dialects::vault
