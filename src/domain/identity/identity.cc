#include "domain/identity/identity.h"

#include "base/encoding.h"
#include "base/uuid.h"
#include "domain/identity/groups.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr store::IndexId kEntityNames{121};  // stored on disk; entry: the name

Bytes alias_key(std::string_view mount_accessor, std::string_view name) {
  Bytes key = to_bytes(mount_accessor);
  key.push_back(0);
  append(key, as_bytes(name));
  return key;
}

}  // namespace

std::vector<store::IndexEntry> EntityRow::index() const {
  return {{kEntityNames, to_bytes(*name)}};
}

Bytes AliasRow::key() const {
  return alias_key(*mount_accessor, *name);
}

Result<std::string> Entities::at_login(std::string_view mount_accessor,
                                       std::string_view name,
                                       const std::map<std::string, std::string>& metadata) {
  COFFER_TRY(const std::string canonical, canonical_login_name(name));
  COFFER_TRY(const auto known, view_.find<AliasRow>(alias_key(mount_accessor, canonical)));
  if (!known) {
    AliasRow fresh;
    fresh.mount_accessor = std::string(mount_accessor);
    fresh.name = canonical;
    fresh.metadata = metadata;
    return create(std::move(fresh));
  }
  COFFER_CHECK(identity_of(*known->row.entity_id));
  if (*known->row.metadata != metadata) {
    AliasRow changed = known->row;
    changed.metadata = metadata;
    COFFER_CHECK(view_.put(std::move(changed)));
  }
  return *known->row.entity_id;
}

Result<std::string> Entities::create(AliasRow alias) {
  EntityRow entity;
  entity.id = uuid4(view_.random().array<16>());
  entity.name = "entity_" + hex_encode(view_.random().array<16>());
  entity.created = view_.now();
  entity.updated = view_.now();
  entity.aliases = std::vector{AliasRef{*alias.mount_accessor, *alias.name}};
  alias.id = uuid4(view_.random().array<16>());
  alias.entity_id = *entity.id;
  alias.created = view_.now();
  std::string id = *entity.id;
  COFFER_CHECK(view_.put(std::move(entity)));
  COFFER_CHECK(view_.put(std::move(alias)));
  return id;
}

Result<rows::RowPtr<EntityRow>> Entities::by_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxName) return rows::RowPtr<EntityRow>();
  return view_.find<EntityRow>(id);
}

Result<rows::RowPtr<EntityRow>> Entities::by_name(std::string_view name) {
  const auto canonical = canonical_login_name(name);
  if (!canonical) return rows::RowPtr<EntityRow>();
  COFFER_TRY(const auto keys, view_.lookup<EntityRow>(kEntityNames, as_bytes(*canonical), 16));
  for (const Bytes& key : keys) {
    COFFER_TRY(auto row, view_.find<EntityRow>(key));
    if (row && *row->row.name == *canonical) return row;
  }
  return rows::RowPtr<EntityRow>();
}

Result<rows::RowPtr<AliasRow>> Entities::alias(std::string_view mount_accessor,
                                               std::string_view name) {
  return view_.find<AliasRow>(alias_key(mount_accessor, name));
}

Result<Identity> Entities::identity_of(std::string_view entity_id) {
  COFFER_TRY(const auto entity, by_id(entity_id));
  if (!entity || *entity->row.disabled) return fail(Code::permission_denied, "permission denied");
  Identity identity;
  identity.policies = *entity->row.policies;
  identity.facts.entity_id = *entity->row.id;
  identity.facts.entity_name = *entity->row.name;
  identity.facts.entity_metadata = *entity->row.metadata;
  for (const AliasRef& ref : *entity->row.aliases) {
    COFFER_TRY(const auto row, alias(ref.mount_accessor, ref.name));
    if (!row) continue;
    identity.facts.aliases[ref.mount_accessor] = {
        .id = *row->row.id, .name = ref.name, .metadata = *row->row.metadata};
  }
  COFFER_CHECK(add_groups(entity->row, identity));
  return identity;
}

Result<> Entities::add_groups(const EntityRow& entity, Identity& identity) {
  if (entity.groups->empty()) return {};
  COFFER_TRY(const Membership in, Groups(view_).of_entity(*entity.id, *entity.groups));
  std::vector<std::string>& policies = identity.policies;
  for (const auto* part : {&in.direct, &in.inherited}) {
    for (const GroupPtr& group : *part) {
      const GroupRow& row = group->row;
      policies.insert(policies.end(), row.policies->begin(), row.policies->end());
      identity.facts.groups[*row.id] = {.name = *row.name, .metadata = *row.metadata};
    }
  }
  std::ranges::sort(policies);
  const auto repeated = std::ranges::unique(policies);
  policies.erase(repeated.begin(), repeated.end());
  return {};
}

Result<EntityRow> Entities::for_change(std::string_view id) {
  COFFER_TRY(const auto found, by_id(id));
  if (!found) return fail(Code::not_found, "");
  EntityRow row = found->row;
  row.updated = view_.now();
  return row;
}

Result<> Entities::set_policies(std::string_view id, const std::vector<std::string>& policies) {
  COFFER_TRY(EntityRow row, for_change(id));
  COFFER_TRY(row.policies, grantable_policy_names(policies));
  return view_.put(std::move(row));
}

Result<> Entities::set_disabled(std::string_view id, bool disabled) {
  COFFER_TRY(EntityRow row, for_change(id));
  row.disabled = disabled;
  return view_.put(std::move(row));
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::EntityRow>;
template struct coffer::rows::RowCodec<coffer::domain::AliasRow>;
