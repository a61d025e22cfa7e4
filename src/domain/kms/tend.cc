#include "domain/kms/tend.h"

#include "base/encoding.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMountId = 8;
// Entries that somebody put into the index behind our back are passed over.
constexpr std::size_t kLookedAt = 32;

// What is pending deletion refuses to wrap, so that nothing new depends on it meanwhile.
Result<> end_wait(MasterKeys& keys,
                  const MasterKeyRow& key,
                  work::View& view,
                  std::span<RewrapSource* const> sources,
                  DoneChore& chore) {
  COFFER_TRY(chore.dependents, dependents(view, sources, *key.uid));
  chore.what = chore.dependents == 0 ? Chore::deleted : Chore::kept;
  return chore.dependents == 0 ? keys.remove(key) : keys.postpone_deletion(key, kDeletionRetry);
}

Result<> tend(MasterKeys& keys,
              const MasterKeyRow& key,
              work::View& view,
              std::span<RewrapSource* const> sources,
              DoneChore& chore) {
  if (!key.condemned->empty() || *key.state == KeyState::destroyed) {
    chore.what = Chore::erased;
    return keys.erase_condemned(key);
  }
  if (*key.state == KeyState::pending_deletion) return end_wait(keys, key, view, sources, chore);
  if (const auto expiry = key.expires(); expiry && *expiry <= view.now()) {
    chore.what = Chore::expired;
    return keys.forget_expired(key);
  }
  chore.what = Chore::rotated;
  ++chore.version;
  return keys.rotate(
      key, generate_material(*key.type, *key.key_size, view.random()), RotationKind::automatic);
}

Result<KeyPtr> first_due(work::View& view) {
  COFFER_TRY(const auto places, view.lookup<MasterKeyRow>(kKeyDue, {}, kLookedAt));
  for (const Bytes& place : places) {
    COFFER_TRY(KeyPtr key, view.find<MasterKeyRow>(place));
    if (!key) continue;
    const auto due = key->row.due();
    if (due && *due <= view.now()) return key;
  }
  return KeyPtr();
}

}  // namespace

Result<std::optional<DoneChore>> tend_one_key(work::View& view,
                                              KmsState& state,
                                              std::span<RewrapSource* const> sources) {
  COFFER_TRY(const KeyPtr key, first_due(view));
  if (!key) return std::nullopt;
  MasterKeys keys(view, *key->row.mount, state);
  DoneChore chore{
      .mount = hex_encode(*key->row.mount), .key = *key->row.name, .version = key->row.latest()};
  COFFER_CHECK(tend(keys, key->row, view, sources, chore));
  return chore;
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
