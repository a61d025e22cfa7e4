// AppRole: roles that machines log in to with a RoleID and a SecretID, per mount.
//
// Role names are canonical_role_name()s. A RoleID is found in any case; it is no secret. Every role
// has a uid of its own, random, under which its SecretIDs lie (secret_ids.h): a SecretID of another
// role, or of a deleted role of the same name, is not there.
//
// Limits: 100,000 roles in a list; RoleIDs as canonical_login_name().
#pragma once

#include "domain/auth/token_params.h"
#include "rows/row.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct AppRoleRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAppRoles;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount_id;
  rows::Clear<std::string> name;
  rows::Clear<Bytes> uid;  // 8 octets
  rows::Clear<std::string> role_id;
  rows::Clear<bool> bind_secret_id = true;
  rows::Clear<bool> local_secret_ids;
  rows::Clear<std::vector<std::string>> secret_id_bound_cidrs;
  rows::Clear<std::uint64_t> secret_id_num_uses;  // 0: unlimited
  rows::Clear<Duration> secret_id_ttl;            // 0: none
  rows::Clear<TokenParams> token;
  static constexpr auto kMembers = std::tuple{&AppRoleRow::mount_id,
                                              &AppRoleRow::name,
                                              &AppRoleRow::uid,
                                              &AppRoleRow::role_id,
                                              &AppRoleRow::bind_secret_id,
                                              &AppRoleRow::local_secret_ids,
                                              &AppRoleRow::secret_id_bound_cidrs,
                                              &AppRoleRow::secret_id_num_uses,
                                              &AppRoleRow::secret_id_ttl,
                                              &AppRoleRow::token};

  [[nodiscard]] Bytes key() const;  // mount id, name
};

using AppRolePtr = rows::RowPtr<AppRoleRow>;  // null: none

// Which role has this RoleID.
struct RoleIdRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRoleIds;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount_id;
  rows::Clear<std::string> role_id;  // canonical
  rows::Clear<std::string> role;
  static constexpr auto kMembers =
      std::tuple{&RoleIdRow::mount_id, &RoleIdRow::role_id, &RoleIdRow::role};

  [[nodiscard]] Bytes key() const;  // mount id, RoleID
};

class AppRoles {
 public:
  AppRoles(work::View& view, const Mount& mount) : view_(view), mount_(mount) {}

  Result<AppRolePtr> read(std::string_view name);
  Result<AppRolePtr> by_role_id(std::string_view role_id);
  // A role with this name and the defaults, not yet stored.
  Result<AppRoleRow> fresh(std::string_view name);
  // Checks, canonicalises and stores; keeps the index of RoleIDs. invalid_argument: a setting, or a
  // RoleID that another role has.
  Result<> write(AppRoleRow row);
  // With its SecretIDs, which nobody can use from then on; a job erases them. Absent: no error.
  Result<> remove(std::string_view name);
  Result<std::vector<std::string>> list();

 private:
  Result<> move_role_id(const AppRolePtr& before, const AppRoleRow& row);

  work::View& view_;
  const Mount& mount_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::AppRoleRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::RoleIdRow>;
