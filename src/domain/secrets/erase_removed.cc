#include "domain/secrets/erase_removed.h"

#include "domain/auth/approle.h"
#include "domain/auth/lockouts.h"
#include "domain/auth/secret_ids.h"
#include "domain/auth/userpass.h"
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
constexpr std::size_t kRoleUid = 8;

// Erasing cannot be undone: a row that names too much, or a mount that exists, is not believed.
Result<> check_removed(work::View& view, const ErasureRow& row) {
  const std::size_t octets = *row.what == Removed::mount ? kMountId : kMountId + kRoleUid;
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

// Stages the removal of up to `room` rows and takes them off it.
template <rows::Row R>
Result<> erase_below(work::View& view, ByteView prefix, std::size_t& room) {
  if (room == 0) return {};
  COFFER_TRY(const auto keys, view.keys<R>(prefix, {}, room));
  for (const Bytes& key : keys) view.erase_owned<R>(key);
  room -= keys.size();
  return {};
}

// Secrets before their revisions: without the data key in the former the latter are unreadable.
// PlainSecretRows and SecretRows share their table.
Result<> erase_mount(work::View& view, ByteView id, std::size_t& room) {
  COFFER_CHECK(erase_below<SecretRow>(view, id, room));
  COFFER_CHECK(erase_below<RevisionRow>(view, id, room));
  COFFER_CHECK(erase_below<SecretIdRow>(view, id, room));
  COFFER_CHECK(erase_below<RoleIdRow>(view, id, room));
  COFFER_CHECK(erase_below<AppRoleRow>(view, id, room));
  COFFER_CHECK(erase_below<UserRow>(view, id, room));
  COFFER_CHECK(erase_below<LockoutRow>(view, id, room));
  COFFER_CHECK(erase_below<MasterKeyRow>(view, id, room));
  COFFER_CHECK(erase_below<KeyVersionRow>(view, id, room));
  COFFER_CHECK(erase_below<KeyAliasRow>(view, id, room));
  COFFER_CHECK(erase_below<KeyUseRow>(view, id, room));
  COFFER_CHECK(view.erase<KeyConfigRow>(KeyConfigRow::key_of(id)));
  return view.erase<KvConfigRow>(KvConfigRow::key_of(id));
}

}  // namespace

Result<std::optional<Erasure>> erase_removed(work::View& view, DataKeys& keys) {
  COFFER_TRY(const auto found, first_erasure(view));
  if (!found) return std::nullopt;
  COFFER_TRY(ErasureRow row, view.open(*found));
  COFFER_CHECK(check_removed(view, row));
  std::size_t room = kErasurePage;
  if (*row.what == Removed::mount) {
    COFFER_CHECK(erase_mount(view, *row.prefix, room));
  } else {
    COFFER_CHECK(erase_below<SecretIdRow>(view, *row.prefix, room));
  }
  *row.rows += kErasurePage - room;
  const Erasure erasure{
      .what = *row.what, .name = *row.name, .rows = *row.rows, .finished = room > 0};
  if (!erasure.finished) {
    COFFER_CHECK(view.put(std::move(row)));
    return erasure;
  }
  view.on_commit([&keys, mount = *row.prefix] { keys.forget_mount(mount); });
  COFFER_CHECK(view.erase<ErasureRow>(row.key()));
  return erasure;
}

}  // namespace coffer::domain
