#include "domain/auth/approle.h"

#include "base/uuid.h"
#include "domain/auth/token_life.h"
#include "domain/auth/whole_list.h"
#include "domain/identity/names.h"
#include "domain/realms/erasures.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxRoles = 100'000;

Bytes below_mount(const Bytes& mount_id, std::string_view name) {
  Bytes key = mount_id;
  append(key, as_bytes(name));
  return key;
}

Result<> check_role(AppRoleRow& row) {
  COFFER_CHECK(normalise(*row.token));
  COFFER_CHECK(check_ttl("secret_id_ttl", *row.secret_id_ttl));
  COFFER_TRY(*row.secret_id_bound_cidrs, canonical_cidrs(*row.secret_id_bound_cidrs));
  if (!*row.bind_secret_id && row.secret_id_bound_cidrs->empty() &&
      row.token->bound_cidrs.empty()) {
    return fail(Code::invalid_argument, "at least one constraint should be enabled on the role");
  }
  return {};
}

}  // namespace

Bytes AppRoleRow::key() const {
  return below_mount(*mount_id, *name);
}

Bytes RoleIdRow::key() const {
  return below_mount(*mount_id, *role_id);
}

Result<AppRolePtr> AppRoles::read(std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return AppRolePtr();
  return view_.find<AppRoleRow>(below_mount(mount_.id, *canonical));
}

Result<AppRolePtr> AppRoles::by_role_id(std::string_view role_id) {
  const auto canonical = canonical_login_name(role_id);
  if (!canonical) return AppRolePtr();
  COFFER_TRY(const auto entry, view_.find<RoleIdRow>(below_mount(mount_.id, *canonical)));
  if (!entry) return AppRolePtr();
  return read(*entry->row.role);
}

Result<AppRoleRow> AppRoles::fresh(std::string_view name) {
  AppRoleRow row;
  COFFER_TRY(*row.name, canonical_role_name(name));
  row.mount_id = mount_.id;
  row.uid = to_bytes(ByteView(view_.random().array<8>()));
  row.role_id = uuid4(view_.random().array<16>());
  return row;
}

Result<> AppRoles::move_role_id(const AppRolePtr& before, const AppRoleRow& row) {
  COFFER_TRY(const std::string wanted, canonical_login_name(*row.role_id));
  if (before) {
    COFFER_TRY(const std::string old, canonical_login_name(*before->row.role_id));
    if (old == wanted) return {};
    COFFER_CHECK(view_.erase<RoleIdRow>(below_mount(mount_.id, old)));
  }
  COFFER_TRY(const auto taken, view_.find<RoleIdRow>(below_mount(mount_.id, wanted)));
  if (taken) return fail(Code::invalid_argument, "the role_id is used by another role");
  RoleIdRow entry;
  entry.mount_id = mount_.id;
  entry.role_id = wanted;
  entry.role = *row.name;
  return view_.put(std::move(entry));
}

Result<> AppRoles::write(AppRoleRow row) {
  COFFER_CHECK(check_role(row));
  COFFER_TRY(const AppRolePtr before, read(*row.name));
  COFFER_CHECK(move_role_id(before, row));
  return view_.put(std::move(row));
}

Result<> AppRoles::remove(std::string_view name) {
  COFFER_TRY(const AppRolePtr role, read(name));
  if (!role) return {};
  COFFER_TRY(const std::string role_id, canonical_login_name(*role->row.role_id));
  COFFER_CHECK(view_.erase<RoleIdRow>(below_mount(mount_.id, role_id)));
  Bytes secret_ids = mount_.id;
  append(secret_ids, *role->row.uid);
  COFFER_CHECK(erase_later(view_, Removed::role, std::move(secret_ids), *role->row.name));
  return view_.erase<AppRoleRow>(role->row.key());
}

Result<std::vector<std::string>> AppRoles::list() {
  COFFER_TRY(const auto keys,
             whole_list(view_.keys<AppRoleRow>(mount_.id, {}, kMaxRoles + 1), kMaxRoles));
  std::vector<std::string> names;
  for (const Bytes& key : keys) names.emplace_back(as_text(key).substr(mount_.id.size()));
  return names;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::AppRoleRow>;
template struct coffer::rows::RowCodec<coffer::domain::RoleIdRow>;
