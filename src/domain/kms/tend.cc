#include "domain/kms/tend.h"

#include "base/encoding.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMountId = 8;

Result<Chore> tend(MasterKeys& keys, const MasterKeyRow& key, work::View& view) {
  if (!key.condemned->empty() || *key.state == KeyState::destroyed) {
    COFFER_CHECK(keys.erase_condemned(key));
    return Chore::erased;
  }
  if (*key.state == KeyState::pending_deletion) {
    COFFER_CHECK(keys.remove(key));
    return Chore::deleted;
  }
  if (const auto expiry = key.expires(); expiry && *expiry <= view.now()) {
    COFFER_CHECK(keys.forget_expired(key));
    return Chore::expired;
  }
  COFFER_CHECK(keys.rotate(
      key, generate_material(*key.type, *key.key_size, view.random()), RotationKind::automatic));
  return Chore::rotated;
}

}  // namespace

Result<std::optional<DoneChore>> tend_one_key(work::View& view, KmsState& state) {
  COFFER_TRY(const auto places, view.lookup<MasterKeyRow>(kKeyDue, {}, 1));
  if (places.empty()) return std::nullopt;
  COFFER_TRY(const KeyPtr key, view.find<MasterKeyRow>(places.front()));
  if (!key) return std::nullopt;
  const auto due = key->row.due();
  if (!due || *due > view.now()) return std::nullopt;
  MasterKeys keys(view, *key->row.mount, state);
  COFFER_TRY(const Chore done, tend(keys, key->row, view));
  const std::uint32_t version = key->row.latest() + (done == Chore::rotated ? 1 : 0);
  return DoneChore{done, hex_encode(*key->row.mount), *key->row.name, version};
}

Result<std::size_t> write_last_uses(work::View& view, KmsState& state, std::size_t limit) {
  const auto due = state.uses.take_due(limit);
  for (const KeyUses::LastUse& use : due) {
    KeyUseRow row;
    const ByteView place(use.place);
    row.mount = to_bytes(place.first(kMountId));
    row.uid = to_bytes(place.subspan(kMountId));
    row.last_used = use.when;
    row.operation = use.operation;
    COFFER_CHECK(view.put(std::move(row)));
  }
  return due.size();
}

}  // namespace coffer::domain
