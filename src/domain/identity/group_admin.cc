#include "domain/identity/group_admin.h"

#include "base/encoding.h"
#include "base/uuid.h"
#include "domain/identity/admin_parts.h"
#include "domain/identity/identity.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

using Ids = std::vector<std::string>;

Ids sorted_once(Ids ids) {
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  return ids;
}

Ids ids_of(const std::vector<GroupPtr>& groups) {
  Ids ids;
  for (const GroupPtr& group : groups) ids.push_back(*group->row.id);
  return ids;
}

std::unexpected<Error> circle() {
  return fail(Code::invalid_argument, "a group cannot be in itself, directly or through others");
}

// The groups that may have it as a member, with one more: those that do not are dropped first.
Result<Ids> with(const std::vector<GroupPtr>& present, const std::string& added) {
  Ids ids = ids_of(present);
  ids.push_back(added);
  ids = sorted_once(std::move(ids));
  if (ids.size() > kMaxGroupsDirect) {
    return fail(Code::invalid_argument, "a member is in at most 64 groups directly");
  }
  return ids;
}

}  // namespace

Result<GroupRow> GroupAdmin::create(const GroupChange& change) {
  GroupRow group;
  group.id = uuid4(view_.random().array<16>());
  group.name = "group_" + hex_encode(view_.random().array<16>());
  group.created = view_.now();
  COFFER_CHECK(apply(group, change));
  COFFER_CHECK(view_.put(group));
  return group;
}

Result<GroupRow> GroupAdmin::change(std::string_view id, const GroupChange& change) {
  COFFER_TRY(const GroupPtr found, Groups(view_).by_id(id));
  if (!found) return fail(Code::not_found, "");
  GroupRow group = found->row;
  COFFER_CHECK(apply(group, change));
  COFFER_CHECK(view_.put(group));
  return group;
}

Result<> GroupAdmin::apply(GroupRow& group, const GroupChange& change) {
  if (change.name) COFFER_CHECK(rename(group, *change.name));
  if (change.policies) {
    COFFER_TRY(group.policies, grantable_policy_names(*change.policies));
  }
  if (change.metadata) {
    COFFER_CHECK(check_identity_metadata(*change.metadata));
    group.metadata = *change.metadata;
  }
  if (change.entities) COFFER_CHECK(set_entities(group, sorted_once(*change.entities)));
  if (change.groups) COFFER_CHECK(set_groups(group, sorted_once(*change.groups)));
  group.updated = view_.now();
  ++*group.changes;
  return {};
}

Result<> GroupAdmin::rename(GroupRow& group, std::string_view name) {
  COFFER_TRY(std::string canonical, canonical_login_name(name));
  if (canonical == *group.name) return {};
  COFFER_CHECK(note_name_given(view_, "group-names"));
  COFFER_TRY(const GroupPtr taken, Groups(view_).by_name(canonical));
  if (taken) return fail(Code::already_exists, "group name is already in use");
  group.name = std::move(canonical);
  return {};
}

Result<> GroupAdmin::set_entities(GroupRow& group, Ids ids) {
  if (ids.size() > kMaxGroupEntities) {
    return fail(Code::invalid_argument, "a group has at most 2000 member entities");
  }
  for (const std::string& id : ids) {
    if (!names_member(*group.entities, id)) COFFER_CHECK(add_entity(group, id));
  }
  group.entities = std::move(ids);
  return {};
}

Result<> GroupAdmin::add_entity(const GroupRow& group, const std::string& id) {
  COFFER_TRY(const auto found, Entities(view_).by_id(id));
  if (!found) return fail(Code::invalid_argument, "invalid entity ID");
  EntityRow entity = found->row;
  COFFER_TRY(const auto present, Groups(view_).with_entity(id, *entity.groups));
  COFFER_TRY(entity.groups, with(present, *group.id));
  return view_.put(std::move(entity));
}

// Of two units that close a circle together one has read what the other writes.
Result<> GroupAdmin::set_groups(GroupRow& group, Ids ids) {
  if (ids.size() > kMaxGroupGroups) {
    return fail(Code::invalid_argument, "a group has at most 64 member groups");
  }
  if (names_member(ids, *group.id)) return circle();
  COFFER_TRY(const auto above, Groups(view_).above(group));
  for (const GroupPtr& one : above) {
    if (names_member(ids, *one->row.id)) return circle();
  }
  for (const std::string& id : ids) {
    if (!names_member(*group.groups, id)) COFFER_CHECK(add_group(group, id));
  }
  group.groups = std::move(ids);
  return {};
}

Result<> GroupAdmin::add_group(const GroupRow& group, const std::string& id) {
  COFFER_TRY(const GroupPtr found, Groups(view_).by_id(id));
  if (!found) return fail(Code::invalid_argument, "invalid group ID");
  GroupRow member = found->row;
  COFFER_TRY(const auto present, Groups(view_).with_group(id, *member.parents));
  COFFER_TRY(member.parents, with(present, *group.id));
  return view_.put(std::move(member));
}

Result<> GroupAdmin::remove(std::string_view id) {
  COFFER_TRY(const GroupPtr found, Groups(view_).by_id(id));
  if (!found) return {};
  COFFER_TRY(const auto parents, Groups(view_).with_group(id, *found->row.parents));
  for (const GroupPtr& parent : parents) {
    GroupRow row = parent->row;
    std::erase(*row.groups, id);
    COFFER_CHECK(view_.put(std::move(row)));
  }
  return view_.erase<GroupRow>(found->row.key());
}

Result<Ids> GroupAdmin::ids() {
  COFFER_TRY(const auto keys, view_.keys<GroupRow>({}, {}, kMaxIdentitiesListed));
  Ids ids;
  for (const Bytes& key : keys) ids.emplace_back(as_text(key));
  return ids;
}

Result<Ids> GroupAdmin::names() {
  COFFER_TRY(const auto keys, ids());
  Ids names;
  for (const std::string& id : keys) {
    COFFER_TRY(const GroupPtr group, Groups(view_).by_id(id));
    if (group) names.push_back(*group->row.name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace coffer::domain
