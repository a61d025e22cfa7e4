#include "domain/identity/groups.h"

#include "domain/identity/names.h"

#include <algorithm>
#include <set>

namespace coffer::domain {
namespace {

constexpr store::IndexId kGroupNames{261};  // stored on disk; entry: the name

using Ids = std::vector<std::string>;

Result<std::vector<GroupPtr>> having(Groups& groups,
                                     std::string_view member,
                                     const Ids& candidates,
                                     rows::Clear<Ids> GroupRow::* members) {
  std::vector<GroupPtr> found;
  for (const std::string& id : candidates) {
    COFFER_TRY(GroupPtr group, groups.by_id(id));
    if (group && names_member(*(group->row.*members), member)) found.push_back(std::move(group));
  }
  return found;
}

// All groups above those that it is given, each once.
class Climb {
 public:
  explicit Climb(Groups& groups) : groups_(groups) {}

  // Of what is above, only what was not seen before is added to `found`.
  Result<> from(const GroupRow& start, std::vector<GroupPtr>& found) {
    std::vector<GroupPtr> waiting;
    COFFER_CHECK(step(start, waiting));
    while (!waiting.empty()) {
      GroupPtr group = std::move(waiting.back());
      waiting.pop_back();
      COFFER_CHECK(step(group->row, waiting));
      found.push_back(std::move(group));
    }
    return {};
  }

  Result<> see(const GroupRow& group) {
    seen_.insert(*group.id);
    if (seen_.size() <= kMaxGroupsOf) return {};
    return fail(Code::permission_denied, "permission denied");
  }

 private:
  Result<> step(const GroupRow& group, std::vector<GroupPtr>& waiting) {
    COFFER_TRY(auto parents, groups_.with_group(*group.id, *group.parents));
    for (GroupPtr& parent : parents) {
      if (seen_.contains(*parent->row.id)) continue;
      COFFER_CHECK(see(parent->row));
      waiting.push_back(std::move(parent));
    }
    return {};
  }

  Groups& groups_;
  std::set<std::string> seen_;
};

}  // namespace

bool names_member(const Ids& sorted, std::string_view id) {
  return std::ranges::binary_search(sorted, id, {}, [](std::string_view s) { return s; });
}

std::vector<store::IndexEntry> GroupRow::index() const {
  return {{kGroupNames, to_bytes(*name)}};
}

Result<GroupPtr> Groups::by_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxName) return GroupPtr();
  return view_.find<GroupRow>(id);
}

Result<GroupPtr> Groups::by_name(std::string_view name) {
  const auto canonical = canonical_login_name(name);
  if (!canonical) return GroupPtr();
  COFFER_TRY(const auto keys, view_.lookup<GroupRow>(kGroupNames, as_bytes(*canonical), 16));
  for (const Bytes& key : keys) {
    COFFER_TRY(GroupPtr row, view_.find<GroupRow>(key));
    if (row && *row->row.name == *canonical) return row;
  }
  return GroupPtr();
}

Result<std::vector<GroupPtr>> Groups::with_entity(std::string_view entity_id,
                                                  const Ids& candidates) {
  return having(*this, entity_id, candidates, &GroupRow::entities);
}

Result<std::vector<GroupPtr>> Groups::with_group(std::string_view group_id, const Ids& candidates) {
  return having(*this, group_id, candidates, &GroupRow::groups);
}

Result<Membership> Groups::of_entity(std::string_view entity_id, const Ids& candidates) {
  Membership found;
  COFFER_TRY(found.direct, with_entity(entity_id, candidates));
  Climb climb(*this);
  for (const GroupPtr& group : found.direct) COFFER_CHECK(climb.see(group->row));
  for (const GroupPtr& group : found.direct) {
    COFFER_CHECK(climb.from(group->row, found.inherited));
  }
  return found;
}

Result<std::vector<GroupPtr>> Groups::above(const GroupRow& group) {
  std::vector<GroupPtr> found;
  COFFER_CHECK(Climb(*this).from(group, found));
  return found;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::GroupRow>;
