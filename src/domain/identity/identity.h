// Entities and aliases: who stands behind the credentials of several auth methods.
//
// An alias is one name in one auth mount ("bob" of userpass_1a2b3c4d); it belongs to one entity.
// Both are made at the first login. Alias names are canonical (names.h), so that two spellings are
// one alias. An entity carries policies that count for all of its tokens; a disabled one lets none
// of them pass. Aliases live under the mount's accessor, which is never reused: a new mount at an
// old path starts with nobody. The groups that an entity is in (groups.h) give it their policies.
//
// Limits: 32 aliases an entity, in 64 groups directly.
#pragma once

#include "policy/access.h"
#include "rows/row.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct AliasRef {
  std::string mount_accessor;
  std::string name;
  static constexpr auto kMembers = std::tuple{&AliasRef::mount_accessor, &AliasRef::name};
};

struct EntityRow {
  static constexpr rows::TableSpec kTable = rows::tables::kEntities;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<std::string> id;  // a UUID
  rows::Clear<std::string> name;
  rows::Clear<std::vector<std::string>> policies;  // canonical, sorted, never "root"
  rows::Clear<std::map<std::string, std::string>> metadata;
  rows::Clear<bool> disabled;
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::vector<AliasRef>> aliases;
  // Since version 2: ids of groups that it may be a direct member of, sorted. Each group that has
  // it as a member is here; whether one that is here has it, the group says (groups.h).
  rows::Clear<std::vector<std::string>> groups;
  static constexpr auto kMembers = std::tuple{&EntityRow::id,
                                              &EntityRow::name,
                                              &EntityRow::policies,
                                              &EntityRow::metadata,
                                              &EntityRow::disabled,
                                              &EntityRow::created,
                                              &EntityRow::updated,
                                              &EntityRow::aliases,
                                              &EntityRow::groups};

  [[nodiscard]] Bytes key() const { return to_bytes(*id); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

struct AliasRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAliases;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> mount_accessor;
  rows::Clear<std::string> name;  // canonical
  rows::Clear<std::string> id;    // a UUID
  rows::Clear<std::string> entity_id;
  rows::Clear<std::map<std::string, std::string>> metadata;  // from the last login
  rows::Clear<Timestamp> created;
  static constexpr auto kMembers = std::tuple{&AliasRow::mount_accessor,
                                              &AliasRow::name,
                                              &AliasRow::id,
                                              &AliasRow::entity_id,
                                              &AliasRow::metadata,
                                              &AliasRow::created};

  [[nodiscard]] Bytes key() const;  // mount accessor, 0, name
};

// What an entity gives to a request.
struct Identity {
  std::vector<std::string> policies;  // its own and those of its groups; sorted, each once
  policy::Facts facts;
};

class Entities {
 public:
  explicit Entities(work::View& view) : view_(view) {}

  // The entity id of whoever logs in under `name` at a mount; makes alias and entity at the first
  // time and refreshes the alias's metadata. permission_denied when the entity is disabled.
  Result<std::string> at_login(std::string_view mount_accessor,
                               std::string_view name,
                               const std::map<std::string, std::string>& metadata);

  // Null: none.
  Result<rows::RowPtr<EntityRow>> by_id(std::string_view id);
  Result<rows::RowPtr<EntityRow>> by_name(std::string_view name);
  Result<rows::RowPtr<AliasRow>> alias(std::string_view mount_accessor, std::string_view name);

  // Policies and facts for a token of this entity. permission_denied when the entity is disabled or
  // gone: what a token names must exist; also when it is in more than kMaxGroupsOf groups.
  Result<Identity> identity_of(std::string_view entity_id);

  // Replaces the entity's own policies ("root" is refused) or its disabled flag. not_found.
  Result<> set_policies(std::string_view id, const std::vector<std::string>& policies);
  Result<> set_disabled(std::string_view id, bool disabled);

 private:
  Result<> add_groups(const EntityRow& entity, Identity& identity);
  Result<EntityRow> for_change(std::string_view id);
  Result<std::string> create(AliasRow alias);

  work::View& view_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::EntityRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::AliasRow>;
