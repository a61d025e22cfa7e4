// EntityAdmin: entities and aliases as administrators make, change, merge and remove them. Logins
// make them by themselves: identity.h.
//
// Names of entities are unique and canonical (canonical_login_name); those of aliases are canonical
// and unique in their mount. An entity has at most one alias in a mount. Whoever may write here
// decides which policies a login gets: it is as powerful as all policies but "root" together.
//
// A token names its entity for good. When the entity is removed, or merged into another one, its
// tokens are refused from then on: what a token names must exist.
//
// Limits: 64 metadata of 128 and 512 octets, 32 aliases an entity, 100,000 in a listing. Errors:
// not_found (no such entity), invalid_argument (anything else that was asked for wrongly),
// already_exists (a name that another one has). A value of one unit of work; borrows its view.
#pragma once

#include "domain/identity/identity.h"
#include "work/view.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxAliases = 32;

// Absent members stay as they are.
struct EntityChange {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> policies;  // "root" is refused
  std::optional<std::map<std::string, std::string>> metadata;
  std::optional<bool> disabled;
};

// Where an alias is to be.
struct AliasPlace {
  std::string mount_accessor;
  std::string name;
  std::string entity_id;  // empty: a new entity
};

class EntityAdmin {
 public:
  explicit EntityAdmin(work::View& view) : view_(view) {}

  // A new entity; without a name it gets one.
  Result<EntityRow> create(const EntityChange& change);
  Result<EntityRow> change(std::string_view id, const EntityChange& change);
  // With its aliases and its memberships. Absent: no error.
  Result<> remove(std::string_view id);
  // The aliases and group memberships of `from` become those of `to`, and `from` is removed.
  // Refused when both have an alias in the same mount. Policies and metadata of `from` go.
  Result<> merge(std::string_view from, std::string_view to);

  // Makes the alias, or gives the one of this name to another entity.
  Result<AliasRow> place(const AliasPlace& wanted);
  // Renames the alias, moves it to another mount or another entity; its id stays.
  Result<AliasRow> move(const AliasRow& alias, const AliasPlace& wanted);
  Result<> remove(const AliasRow& alias);

  Result<std::vector<std::string>> ids();
  // These read every row: slow with many.
  Result<std::vector<std::string>> names();
  Result<std::vector<rows::RowPtr<AliasRow>>> aliases();
  Result<rows::RowPtr<AliasRow>> alias_by_id(std::string_view id);  // null: none

 private:
  Result<> rename(EntityRow& entity, std::string_view name);
  Result<> apply(EntityRow& entity, const EntityChange& change);
  Result<EntityRow> entity_for(std::string_view id);
  Result<> attach(EntityRow& entity, const AliasRow& alias);
  Result<> detach(const AliasRow& alias);
  Result<> leave_groups(const EntityRow& entity);
  Result<> hand_over_groups(const EntityRow& from, EntityRow& to);

  work::View& view_;
};

}  // namespace coffer::domain
