#include "domain/identity/entity_admin.h"

#include "base/encoding.h"
#include "base/uuid.h"
#include "domain/identity/admin_parts.h"
#include "domain/identity/groups.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

bool is_ref_of(const AliasRef& ref, const AliasRow& alias) {
  return ref.mount_accessor == *alias.mount_accessor && ref.name == *alias.name;
}

}  // namespace

Result<> EntityAdmin::rename(EntityRow& entity, std::string_view name) {
  COFFER_TRY(std::string canonical, canonical_login_name(name));
  if (canonical == *entity.name) return {};
  COFFER_CHECK(note_name_given(view_, "entity-names"));
  COFFER_TRY(const auto taken, Entities(view_).by_name(canonical));
  if (taken) return fail(Code::already_exists, "entity name is already in use");
  entity.name = std::move(canonical);
  return {};
}

Result<> EntityAdmin::apply(EntityRow& entity, const EntityChange& change) {
  if (change.name) COFFER_CHECK(rename(entity, *change.name));
  if (change.policies) {
    COFFER_TRY(entity.policies, grantable_policy_names(*change.policies));
  }
  if (change.metadata) {
    COFFER_CHECK(check_identity_metadata(*change.metadata));
    entity.metadata = *change.metadata;
  }
  if (change.disabled) entity.disabled = *change.disabled;
  entity.updated = view_.now();
  return {};
}

Result<EntityRow> EntityAdmin::entity_for(std::string_view id) {
  COFFER_TRY(const auto found, Entities(view_).by_id(id));
  if (!found) return fail(Code::not_found, "");
  return found->row;
}

Result<EntityRow> EntityAdmin::create(const EntityChange& change) {
  EntityRow entity;
  entity.id = uuid4(view_.random().array<16>());
  entity.name = "entity_" + hex_encode(view_.random().array<16>());
  entity.created = view_.now();
  COFFER_CHECK(apply(entity, change));
  COFFER_CHECK(view_.put(entity));
  return entity;
}

Result<EntityRow> EntityAdmin::change(std::string_view id, const EntityChange& change) {
  COFFER_TRY(EntityRow entity, entity_for(id));
  COFFER_CHECK(apply(entity, change));
  COFFER_CHECK(view_.put(entity));
  return entity;
}

Result<> EntityAdmin::remove(std::string_view id) {
  COFFER_TRY(const auto found, Entities(view_).by_id(id));
  if (!found) return {};
  for (const AliasRef& ref : *found->row.aliases) {
    COFFER_TRY(const auto alias, Entities(view_).alias(ref.mount_accessor, ref.name));
    if (alias) COFFER_CHECK(view_.erase<AliasRow>(alias->row.key()));
  }
  COFFER_CHECK(leave_groups(found->row));
  return view_.erase<EntityRow>(found->row.key());
}

Result<> EntityAdmin::leave_groups(const EntityRow& entity) {
  COFFER_TRY(const auto groups, Groups(view_).with_entity(*entity.id, *entity.groups));
  for (const GroupPtr& group : groups) {
    GroupRow row = group->row;
    std::erase(*row.entities, *entity.id);
    COFFER_CHECK(view_.put(std::move(row)));
  }
  return {};
}

// What `from` was in, `to` is in now: it is the same person, and a group may also deny.
Result<> EntityAdmin::hand_over_groups(const EntityRow& from, EntityRow& to) {
  COFFER_TRY(const auto groups, Groups(view_).with_entity(*from.id, *from.groups));
  // The list may name groups that it has left.
  COFFER_TRY(const auto own, Groups(view_).with_entity(*to.id, *to.groups));
  std::vector<std::string> ids;
  for (const GroupPtr& group : own) ids.push_back(*group->row.id);
  for (const GroupPtr& group : groups) {
    GroupRow row = group->row;
    std::erase(*row.entities, *from.id);
    row.entities->push_back(*to.id);
    std::ranges::sort(*row.entities);
    const auto repeated = std::ranges::unique(*row.entities);
    row.entities->erase(repeated.begin(), repeated.end());
    ids.push_back(*row.id);
    COFFER_CHECK(view_.put(std::move(row)));
  }
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  if (ids.size() > kMaxGroupsDirect) {
    return fail(Code::invalid_argument, "an entity is in at most 64 groups directly");
  }
  to.groups = std::move(ids);
  return {};
}

Result<> EntityAdmin::attach(EntityRow& entity, const AliasRow& alias) {
  if (entity.aliases->size() >= kMaxAliases) {
    return fail(Code::invalid_argument, "an entity has at most 32 aliases");
  }
  const bool taken = std::ranges::any_of(*entity.aliases, [&](const AliasRef& ref) {
    return ref.mount_accessor == *alias.mount_accessor;
  });
  if (taken) return fail(Code::invalid_argument, "the entity already has an alias in this mount");
  entity.aliases->push_back({*alias.mount_accessor, *alias.name});
  entity.updated = view_.now();
  return {};
}

Result<> EntityAdmin::detach(const AliasRow& alias) {
  COFFER_TRY(const auto found, Entities(view_).by_id(*alias.entity_id));
  if (!found) return {};
  EntityRow entity = found->row;
  std::erase_if(*entity.aliases, [&](const AliasRef& ref) { return is_ref_of(ref, alias); });
  entity.updated = view_.now();
  return view_.put(std::move(entity));
}

Result<> EntityAdmin::merge(std::string_view from, std::string_view to) {
  if (from == to) return fail(Code::invalid_argument, "an entity cannot be merged into itself");
  COFFER_TRY(const EntityRow source, entity_for(from));
  COFFER_TRY(EntityRow target, entity_for(to));
  for (const AliasRef& ref : *source.aliases) {
    COFFER_TRY(const auto alias, Entities(view_).alias(ref.mount_accessor, ref.name));
    if (!alias) continue;
    AliasRow moved = alias->row;
    COFFER_CHECK(attach(target, moved));
    moved.entity_id = *target.id;
    COFFER_CHECK(view_.put(std::move(moved)));
  }
  COFFER_CHECK(hand_over_groups(source, target));
  COFFER_CHECK(view_.erase<EntityRow>(source.key()));
  return view_.put(std::move(target));
}

Result<AliasRow> EntityAdmin::place(const AliasPlace& wanted) {
  COFFER_TRY(const std::string name, canonical_login_name(wanted.name));
  COFFER_TRY(const auto known, Entities(view_).alias(wanted.mount_accessor, name));
  if (known) return move(known->row, wanted);
  AliasRow alias;
  alias.mount_accessor = wanted.mount_accessor;
  alias.name = name;
  alias.id = uuid4(view_.random().array<16>());
  alias.created = view_.now();
  EntityRow entity;
  if (wanted.entity_id.empty()) {
    COFFER_TRY(entity, create({}));
  } else {
    COFFER_TRY(entity, entity_for(wanted.entity_id));
  }
  alias.entity_id = *entity.id;
  COFFER_CHECK(attach(entity, alias));
  COFFER_CHECK(view_.put(std::move(entity)));
  COFFER_CHECK(view_.put(alias));
  return alias;
}

Result<AliasRow> EntityAdmin::move(const AliasRow& alias, const AliasPlace& wanted) {
  AliasRow moved = alias;
  COFFER_TRY(moved.name, canonical_login_name(wanted.name));
  moved.mount_accessor = wanted.mount_accessor;
  if (!wanted.entity_id.empty()) moved.entity_id = wanted.entity_id;
  if (moved.key() != alias.key()) {
    COFFER_TRY(const auto taken, Entities(view_).alias(*moved.mount_accessor, *moved.name));
    if (taken) return fail(Code::already_exists, "another alias of the mount has this name");
    COFFER_CHECK(view_.erase<AliasRow>(alias.key()));
  }
  COFFER_CHECK(detach(alias));
  COFFER_TRY(EntityRow entity, entity_for(*moved.entity_id));
  COFFER_CHECK(attach(entity, moved));
  COFFER_CHECK(view_.put(std::move(entity)));
  COFFER_CHECK(view_.put(moved));
  return moved;
}

Result<> EntityAdmin::remove(const AliasRow& alias) {
  COFFER_CHECK(detach(alias));
  return view_.erase<AliasRow>(alias.key());
}

Result<std::vector<std::string>> EntityAdmin::ids() {
  COFFER_TRY(const auto keys, view_.keys<EntityRow>({}, {}, kMaxIdentitiesListed));
  std::vector<std::string> ids;
  for (const Bytes& key : keys) ids.emplace_back(as_text(key));
  return ids;
}

Result<std::vector<std::string>> EntityAdmin::names() {
  COFFER_TRY(const auto keys, ids());
  std::vector<std::string> names;
  for (const std::string& id : keys) {
    COFFER_TRY(const auto entity, Entities(view_).by_id(id));
    if (entity) names.push_back(*entity->row.name);
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<rows::RowPtr<AliasRow>>> EntityAdmin::aliases() {
  COFFER_TRY(const auto keys, view_.keys<AliasRow>({}, {}, kMaxIdentitiesListed));
  std::vector<rows::RowPtr<AliasRow>> found;
  for (const Bytes& key : keys) {
    COFFER_TRY(auto alias, view_.find<AliasRow>(key));
    if (alias) found.push_back(std::move(alias));
  }
  return found;
}

Result<rows::RowPtr<AliasRow>> EntityAdmin::alias_by_id(std::string_view id) {
  COFFER_TRY(const auto all, aliases());
  const auto found =
      std::ranges::find_if(all, [&](const auto& alias) { return *alias->row.id == id; });
  return found == all.end() ? rows::RowPtr<AliasRow>() : *found;
}

}  // namespace coffer::domain
