#include "domain/kms/key_rows.h"

#include "base/enum_table.h"
#include "base/wire.h"

#include <algorithm>

namespace coffer::domain {
namespace {

// No name begins with it: names are UTF-8.
constexpr std::uint8_t kDestroyedMark = 0xff;

constexpr EnumTable<KeyState, 5> kStates{{{
    {KeyState::enabled, "enabled"},
    {KeyState::disabled, "disabled"},
    {KeyState::pending_deletion, "pending_deletion"},
    {KeyState::pending_import, "pending_import"},
    {KeyState::destroyed, "destroyed"},
}}};

}  // namespace

std::string_view to_text(KeyState state) {
  return kStates.text(state);
}

Bytes master_key_place(ByteView mount, std::string_view name) {
  Bytes key = to_bytes(mount);
  append(key, as_bytes(name));
  return key;
}

Bytes MasterKeyRow::key() const {
  if (*state != KeyState::destroyed) return master_key_place(*mount, *name);
  Bytes place = *mount;
  place.push_back(kDestroyedMark);
  append(place, *uid);
  return place;
}

std::vector<store::IndexEntry> MasterKeyRow::index() const {
  std::vector<store::IndexEntry> entries;
  Bytes by_uid = *mount;
  append(by_uid, *uid);
  entries.push_back({kKeyUids, std::move(by_uid)});
  if (const auto when = due()) {
    Bytes entry;
    Writer(entry).u64(static_cast<std::uint64_t>(when->ns));
    entries.push_back({kKeyDue, std::move(entry)});
  }
  return entries;
}

const KeyVersion* MasterKeyRow::version(std::uint64_t number) const {
  const auto at = std::ranges::lower_bound(*versions, number, {}, &KeyVersion::number);
  return at != versions->end() && at->number == number ? &*at : nullptr;
}

std::optional<Timestamp> MasterKeyRow::due() const {
  if (!condemned->empty() || *state == KeyState::destroyed) return *created;
  if (*state == KeyState::pending_deletion) return *deletion;
  // A key that is full, or must not be rotated, would be due for ever.
  const bool rotates = *rotate_period > Duration{} && !versions->empty() &&
                       versions->size() < kMaxKeyVersions && (!*imported || *allow_rotation);
  if (*state == KeyState::enabled && rotates) {
    return versions->back().created + *rotate_period;
  }
  return std::nullopt;
}

Bytes KeyVersionRow::key_of(ByteView mount, ByteView uid) {
  Bytes key = to_bytes(mount);
  append(key, uid);
  return key;
}

Bytes KeyConfigRow::key_of(ByteView mount) {
  Bytes key = to_bytes("key-config:");
  append(key, mount);
  return key;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::MasterKeyRow>;
template struct coffer::rows::RowCodec<coffer::domain::KeyVersionRow>;
template struct coffer::rows::RowCodec<coffer::domain::KeyUseRow>;
template struct coffer::rows::RowCodec<coffer::domain::KeyAliasRow>;
template struct coffer::rows::RowCodec<coffer::domain::KeyConfigRow>;
