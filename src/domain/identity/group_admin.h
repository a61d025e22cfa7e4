// GroupAdmin: groups as administrators make, change and remove them.
//
// Whoever may write here decides which policies its members get: it is as powerful as all policies
// but "root" together. "root" is refused in every spelling.
//
// A change is one unit of work: about 90 members can be added at once, any number removed. Limits:
// those of groups.h, metadata as of entities, 100,000 in a listing. Errors: not_found (no such
// group), invalid_argument (no such member, a circle, anything else that was asked for wrongly),
// already_exists (a name that another one has), too_large. A value of one unit of work; borrows its
// view.
#pragma once

#include "domain/identity/groups.h"
#include "work/view.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// Absent members stay as they are; members that are given replace the former.
struct GroupChange {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> policies;
  std::optional<std::map<std::string, std::string>> metadata;
  std::optional<std::vector<std::string>> entities;  // ids
  std::optional<std::vector<std::string>> groups;    // ids
};

class GroupAdmin {
 public:
  explicit GroupAdmin(work::View& view) : view_(view) {}

  // A new group; without a name it gets one.
  Result<GroupRow> create(const GroupChange& change);
  Result<GroupRow> change(std::string_view id, const GroupChange& change);
  // Absent: no error.
  Result<> remove(std::string_view id);

  Result<std::vector<std::string>> ids();
  // Reads every group: slow with many.
  Result<std::vector<std::string>> names();

 private:
  Result<> apply(GroupRow& group, const GroupChange& change);
  Result<> rename(GroupRow& group, std::string_view name);
  Result<> set_entities(GroupRow& group, std::vector<std::string> ids);
  Result<> set_groups(GroupRow& group, std::vector<std::string> ids);
  Result<> add_entity(const GroupRow& group, const std::string& id);
  Result<> add_group(const GroupRow& group, const std::string& id);

  work::View& view_;
};

}  // namespace coffer::domain
