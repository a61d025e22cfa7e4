// Groups: policies for several entities at once. Members are entities and other groups; who is in a
// member group is in the group.
//
// The group's row is the truth about its members. An entity, and a group, also names the groups
// that may have it as a member, so that they are found without reading every group: each addition
// writes both rows; what a removal leaves behind counts for nothing. All these rows are guarded and
// read in the unit that relies on them. A group that is named and does not exist was removed:
// entities lose what it gave and what it denied. Ids are random and never used again.
//
// No group is in itself, whichever way. Names are canonical (canonical_login_name) and unique.
// Limits: kMaxGroupEntities and kMaxGroupGroups members; in kMaxGroupsDirect groups directly, which
// holds for groups as well; kMaxGroupsOf groups of one entity, direct and inherited.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxGroupEntities = 2'000;
inline constexpr std::size_t kMaxGroupGroups = 64;
inline constexpr std::size_t kMaxGroupsDirect = 64;
inline constexpr std::size_t kMaxGroupsOf = 256;

struct GroupRow {
  static constexpr rows::TableSpec kTable = rows::tables::kGroups;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> id;  // a UUID
  rows::Clear<std::string> name;
  rows::Clear<std::vector<std::string>> policies;  // canonical, sorted, never "root"
  rows::Clear<std::map<std::string, std::string>> metadata;
  rows::Clear<std::vector<std::string>> entities;  // ids of its members, sorted
  rows::Clear<std::vector<std::string>> groups;    // ids of its member groups, sorted
  rows::Clear<std::vector<std::string>> parents;   // ids of groups it may be a member of, sorted
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::uint64_t> changes;  // how often it was written
  static constexpr auto kMembers = std::tuple{&GroupRow::id,
                                              &GroupRow::name,
                                              &GroupRow::policies,
                                              &GroupRow::metadata,
                                              &GroupRow::entities,
                                              &GroupRow::groups,
                                              &GroupRow::parents,
                                              &GroupRow::created,
                                              &GroupRow::updated,
                                              &GroupRow::changes};

  [[nodiscard]] Bytes key() const { return to_bytes(*id); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

using GroupPtr = rows::RowPtr<GroupRow>;

// What an entity is in.
struct Membership {
  std::vector<GroupPtr> direct;
  std::vector<GroupPtr> inherited;  // through other groups, and not directly
};

class Groups {
 public:
  explicit Groups(work::View& view) : view_(view) {}

  // Null: none.
  Result<GroupPtr> by_id(std::string_view id);
  Result<GroupPtr> by_name(std::string_view name);

  // The groups of the entity with this id, whose row names `candidates`. permission_denied: too
  // many.
  Result<Membership> of_entity(std::string_view entity_id,
                               const std::vector<std::string>& candidates);
  // The groups that `group` is in, whichever way. permission_denied: too many.
  Result<std::vector<GroupPtr>> above(const GroupRow& group);
  // Those of `candidates` that have the group as a direct member.
  Result<std::vector<GroupPtr>> with_group(std::string_view group_id,
                                           const std::vector<std::string>& candidates);
  // The same for an entity.
  Result<std::vector<GroupPtr>> with_entity(std::string_view entity_id,
                                            const std::vector<std::string>& candidates);

 private:
  work::View& view_;
};

bool names_member(const std::vector<std::string>& sorted, std::string_view id);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::GroupRow>;
