#include "domain/secrets/erase_removed.h"

#include "domain/kms/key_rows.h"
#include "domain/realms/mounts.h"
#include "domain/secrets/kv_rows.h"

namespace coffer::domain {
namespace {

// Rows that somebody put into the table behind our back are passed over.
constexpr std::size_t kLookedAt = 16;

Result<rows::RowPtr<ErasureRow>> first_erasure(work::View& view) {
  COFFER_TRY(const auto keys,
             view.keys<ErasureRow>(as_bytes(ErasureRow::kKeyPrefix), {}, kLookedAt));
  for (const Bytes& key : keys) {
    COFFER_TRY(auto row, view.find<ErasureRow>(key));
    if (row) return row;
  }
  return rows::RowPtr<ErasureRow>();
}

constexpr std::size_t kMountId = 8;
constexpr std::size_t kUid = 8;  // of a role or a secret

// Erasing cannot be undone: a row that names too much, or a mount that exists, is not believed.
Result<> check_removed(work::View& view, const ErasureRow& row) {
  const std::size_t octets = *row.what == Removed::mount ? kMountId : kMountId + kUid;
  bool sound = row.prefix->size() == octets;
  if (*row.what == Removed::mount) {
    for (const MountKind kind : {MountKind::secret, MountKind::auth}) {
      COFFER_TRY(const auto table, Mounts(view).table(kind));
      for (const auto& [path, mount] : *table->row.mounts) sound = sound && mount.id != *row.prefix;
    }
  }
  if (!sound) return fail(Code::corrupt, "an erasure names what was not removed");
  return {};
}

// The tables whose keys begin with their mount's id. What opens others comes first: the data keys
// in secrets, the material of master keys.
constexpr rows::TableSpec kOfMounts[] = {
    rows::tables::kSecrets,        rows::tables::kRevisions,
    rows::tables::kParameters,     rows::tables::kParameterVersions,
    rows::tables::kSecretPolicies, rows::tables::kSecretUses,
    rows::tables::kRotations,      rows::tables::kSecretIds,
    rows::tables::kRoleIds,        rows::tables::kAppRoles,
    rows::tables::kUsers,          rows::tables::kLockouts,
    rows::tables::kCertRoles,      rows::tables::kCertConfigs,
    rows::tables::kCertLists,      rows::tables::kAuthorityKeys,
    rows::tables::kIssuers,        rows::tables::kCertificateRoles,
    rows::tables::kAuthorities,    rows::tables::kCertificates,
    rows::tables::kRevocations,    rows::tables::kKeyVersions,
    rows::tables::kMasterKeys,     rows::tables::kKeyAliases,
    rows::tables::kKeyGrants,      rows::tables::kKeyUses};

// Stages the removal of up to `room` rows and takes them off it.
Result<> erase_mount(work::View& view, ByteView id, std::size_t& room) {
  for (const rows::TableSpec& table : kOfMounts) {
    COFFER_TRY(const std::size_t erased, view.erase_below(table.id, id, room));
    room -= erased;
  }
  COFFER_CHECK(view.erase<KeyConfigRow>(KeyConfigRow::key_of(id)));
  return view.erase<KvConfigRow>(KvConfigRow::key_of(id));
}

// As many as there is room for, and off the list.
void erase_values(work::View& view, ErasureRow& row, std::size_t& room) {
  const ByteView mount = ByteView(*row.prefix).first(kMountId);
  const ByteView uid = ByteView(*row.prefix).subspan(kMountId);
  for (; room > 0 && !row.slots->empty(); --room) {
    view.erase_owned<RevisionRow>(revision_key(mount, uid, row.slots->back()));
    row.slots->pop_back();
  }
}

}  // namespace

Result<std::optional<Erasure>> erase_removed(work::View& view, SecretsState& state) {
  COFFER_TRY(const auto found, first_erasure(view));
  if (!found) return std::nullopt;
  COFFER_TRY(ErasureRow row, view.open(*found));
  COFFER_CHECK(check_removed(view, row));
  std::size_t room = kErasurePage;
  if (*row.what == Removed::mount) {
    view.on_commit([&state, mount = *row.prefix] {
      state.uses.forget_mount(mount);
      state.kms.uses.forget_all(mount);
    });
    COFFER_CHECK(erase_mount(view, *row.prefix, room));
  } else if (*row.what == Removed::role) {
    COFFER_TRY(const std::size_t erased,
               view.erase_below(rows::tables::kSecretIds.id, *row.prefix, room));
    room -= erased;
  } else {
    erase_values(view, row, room);
  }
  *row.rows += kErasurePage - room;
  const Erasure erasure{
      .what = *row.what, .name = *row.name, .rows = *row.rows, .finished = room > 0};
  if (!erasure.finished) {
    COFFER_CHECK(view.put(std::move(row)));
    return erasure;
  }
  if (*row.what == Removed::mount) {
    view.on_commit([&state, mount = *row.prefix] { state.keys.forget_mount(mount); });
  }
  COFFER_CHECK(view.erase<ErasureRow>(row.key()));
  return erasure;
}

}  // namespace coffer::domain
