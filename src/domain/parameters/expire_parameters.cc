#include "domain/parameters/expire_parameters.h"

#include "domain/parameters/parameters.h"
#include "domain/realms/mounts.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// Rows that somebody put into the table behind our back are passed over.
constexpr std::size_t kLookedAt = 16;

// The mount that a row belongs to; null when it was removed.
const Mount* mount_of(const MountTableRow& table, const Bytes& id) {
  for (const auto& [path, mount] : *table.mounts) {
    if (mount.id == id) return &mount;
  }
  return nullptr;
}

}  // namespace

Result<std::optional<ExpiredParameter>> expire_one_parameter(work::View& view,
                                                             SecretsState& state) {
  COFFER_TRY(const auto due, view.lookup<ParameterRow>(kParameterExpiry, {}, kLookedAt));
  COFFER_TRY(const auto table, Mounts(view).table(MountKind::secret));
  for (const Bytes& key : due) {
    COFFER_TRY(const auto row, view.find<ParameterRow>(key));
    if (!row || !*row->row.expires || **row->row.expires > view.now()) continue;
    const Mount* const mount = mount_of(table->row, *row->row.mount);
    if (mount == nullptr) continue;
    const std::string path = *row->row.path;
    COFFER_TRY(const auto secret, view.find<SecretRow>(row->row.key()));
    if (secret && *secret->row.uid == *row->row.uid) {
      COFFER_CHECK(Kv2(view, *mount, state).erase(path));
    }
    COFFER_CHECK(view.erase<ParameterRow>(key));
    return ExpiredParameter{mount->path, path};
  }
  return std::nullopt;
}

}  // namespace coffer::domain
