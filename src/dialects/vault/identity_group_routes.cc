// identity/group: which entities get policies together.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/identity_parts.h"
#include "domain/identity/group_admin.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::GroupAdmin;
using domain::GroupPtr;
using domain::GroupRow;
using domain::Groups;
using formats::text_field;
using proof::EventType;

Result<GroupPtr> group_of(gate::Call& call, Named named) {
  const std::string& given = call.routing.captures.front();
  Groups groups(*call.view);
  return named == Named::by_id ? groups.by_id(given) : groups.by_name(given);
}

Result<gate::Reply> show(gate::Call& call, const GroupPtr& group) {
  if (!group) return fail(Code::not_found, "");
  const GroupRow& row = group->row;
  COFFER_TRY(const auto parents, Groups(*call.view).with_group(*row.id, *row.parents));
  std::vector<std::string> parent_ids;
  for (const GroupPtr& parent : parents) parent_ids.push_back(*parent->row.id);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("id").string(*row.id).key("name").string(*row.name).key("type").string("internal");
    w.key("policies").strings(*row.policies);
    w.key("member_entity_ids").strings(*row.entities);
    w.key("member_group_ids").strings(*row.groups);
    w.key("parent_group_ids").strings(parent_ids);
    w.key("creation_time").string(rfc3339(*row.created));
    w.key("last_update_time").string(rfc3339(*row.updated));
    w.key("modify_index").integer(static_cast<std::int64_t>(*row.changes));
    w.key("alias").begin_object().end_object();
    w.key("metadata");
    write_text_map(w, *row.metadata);
  });
}

Result<domain::GroupChange> change_of(const gate::Call& call) {
  COFFER_TRY(const auto type, text_field(call.body, "type"));
  if (type && !type->empty() && *type != "internal") {
    return fail(Code::invalid_argument, "type: this server has internal groups only");
  }
  domain::GroupChange change;
  COFFER_TRY(change.name, text_field(call.body, "name"));
  COFFER_TRY(change.policies, formats::list_field(call.body, "policies"));
  COFFER_TRY(change.entities, formats::list_field(call.body, "member_entity_ids"));
  COFFER_TRY(change.groups, formats::list_field(call.body, "member_group_ids"));
  COFFER_TRY(const auto metadata, formats::map_field(call.body, "metadata"));
  if (metadata) change.metadata.emplace(metadata->begin(), metadata->end());
  return change;
}

Result<gate::Reply> changed(gate::Call& call, const Result<GroupRow>& group) {
  if (!group) return std::unexpected(group.error());
  call.note("group", *group->id);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("id").string(*group->id).key("name").string(*group->name);
  });
}

// By "id", else by "name", else a new one.
Result<gate::Reply> write_group(gate::Call& call) {
  COFFER_TRY(const auto id, text_field(call.body, "id"));
  COFFER_TRY(const domain::GroupChange change, change_of(call));
  GroupPtr present;
  if (id && !id->empty()) {
    COFFER_TRY(present, Groups(*call.view).by_id(*id));
    if (!present) return fail(Code::invalid_argument, "group not found from id");
  } else if (change.name) {
    COFFER_TRY(present, Groups(*call.view).by_name(*change.name));
  }
  GroupAdmin admin(*call.view);
  if (present) return changed(call, admin.change(*present->row.id, change));
  return changed(call, admin.create(change));
}

Result<gate::Reply> write_named(gate::Call& call, Named named) {
  COFFER_TRY(const GroupPtr present, group_of(call, named));
  COFFER_TRY(domain::GroupChange change, change_of(call));
  // The path is what the caller may write to: another name in the body is not.
  if (named == Named::by_name) change.name = call.routing.captures.front();
  GroupAdmin admin(*call.view);
  if (present) return changed(call, admin.change(*present->row.id, change));
  if (named == Named::by_id) return fail(Code::invalid_argument, "group not found from id");
  return changed(call, admin.create(change));
}

Result<gate::Reply> remove_named(gate::Call& call, Named named) {
  COFFER_TRY(const GroupPtr present, group_of(call, named));
  if (!present) return no_content();
  call.note("group", *present->row.id);
  COFFER_CHECK(GroupAdmin(*call.view).remove(*present->row.id));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call, Named named) {
  using Names = std::vector<std::string>;
  COFFER_TRY(const Names* names, (ask_all<Names, GroupAdmin>(call, [named](GroupAdmin& admin) {
               return named == Named::by_id ? admin.ids() : admin.names();
             })));
  return list_answer(call, *names);
}

// By id or by name; unknown is 204, as clients expect. No group has an alias.
Result<gate::Reply> look_up(gate::Call& call) {
  COFFER_TRY(const auto id, text_field(call.body, "id"));
  COFFER_TRY(const auto name, text_field(call.body, "name"));
  COFFER_TRY(const auto alias_id, text_field(call.body, "alias_id"));
  COFFER_TRY(const auto alias_name, text_field(call.body, "alias_name"));
  GroupPtr found;
  if (id) {
    COFFER_TRY(found, Groups(*call.view).by_id(*id));
  } else if (name) {
    COFFER_TRY(found, Groups(*call.view).by_name(*name));
  } else if (!alias_id && !alias_name) {
    return fail(Code::invalid_argument,
                "missing id, name, alias_id, or alias_name and alias_mount_accessor");
  }
  if (!found) return no_content();
  return show(call, found);
}

void add_named_routes(RouteTable& table, Named named) {
  const bool id = named == Named::by_id;
  const std::string folder = id ? "group/id" : "group/name";
  const std::string one = folder + (id ? "/{group}" : "/{identity}");
  constexpr EventType kChanged = EventType::identity_changed;
  constexpr EventType kRead = EventType::identity_read;
  table.push_back(guarded(
      Verb::read, one, kRead, "identity.read", [named](gate::Call& call) -> Result<gate::Reply> {
        COFFER_TRY(const GroupPtr group, group_of(call, named));
        return show(call, group);
      }));
  table.push_back(guarded(Verb::write, one, kChanged, "identity.write", [named](gate::Call& call) {
    return write_named(call, named);
  }));
  table.push_back(
      guarded(Verb::remove, one, kChanged, "identity.delete", [named](gate::Call& call) {
        return remove_named(call, named);
      }));
  table.push_back(guarded(Verb::list, folder, kRead, "identity.list", [named](gate::Call& call) {
    return list(call, named);
  }));
}

}  // namespace

void add_group_routes(RouteTable& table) {
  table.push_back(
      guarded(Verb::write, "group", EventType::identity_changed, "identity.write", write_group));
  add_named_routes(table, Named::by_id);
  add_named_routes(table, Named::by_name);
  table.push_back(
      guarded(Verb::write, "lookup/group", EventType::identity_read, "identity.read", look_up));
}

}  // namespace coffer::dialects::vault
