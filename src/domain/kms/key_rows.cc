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

std::uint8_t uses_of(KeyPurpose purpose) {
  const auto bits = [](auto... use) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(use) | ...));
  };
  switch (purpose) {
    case KeyPurpose::encrypt_decrypt:
      return bits(KeyUse::encrypt, KeyUse::decrypt);
    case KeyPurpose::sign_verify:
      return bits(KeyUse::sign, KeyUse::verify);
    case KeyPurpose::generate_verify_mac:
      return bits(KeyUse::mac);
    case KeyPurpose::key_agreement:
      return bits(KeyUse::agree);
    case KeyPurpose::unsaid:
      break;
  }
  return kAllUses;
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

const MaterialFact* MasterKeyRow::fact(std::uint32_t number) const {
  const auto at = std::ranges::lower_bound(*facts, number, {}, &MaterialFact::number);
  return at != facts->end() && at->number == number ? &*at : nullptr;
}

std::optional<Timestamp> MasterKeyRow::expires() const {
  std::optional<Timestamp> first;
  for (const MaterialFact& fact : *facts) {
    if (fact.expires && !fact.gone && (!first || *fact.expires < *first)) first = fact.expires;
  }
  return first;
}

std::optional<Timestamp> MasterKeyRow::rotates() const {
  // A key that is full, or must not be rotated, would be due for ever.
  const bool can = *rotate_period > Duration{} && !versions->empty() &&
                   versions->size() < kMaxKeyVersions && (!*imported || *allow_rotation);
  if (*state != KeyState::enabled || !can) return std::nullopt;
  if (*next_rotation) return *next_rotation;
  return versions->back().created + *rotate_period;
}

std::optional<Timestamp> MasterKeyRow::due() const {
  if (!condemned->empty() || *state == KeyState::destroyed) return *created;
  if (*state == KeyState::pending_deletion) return *deletion;
  const auto expiry = expires();
  const auto rotation = rotates();
  if (expiry && rotation) return std::min(*expiry, *rotation);
  return expiry ? expiry : rotation;
}

KeyState MasterKeyRow::state_at(Timestamp now) const {
  if (*state != KeyState::enabled && *state != KeyState::disabled) return *state;
  // What waits for a rotation is not in use: that it expires stops nothing.
  const bool missing = std::ranges::any_of(*facts, [&](const MaterialFact& fact) {
    return fact.number <= latest() && !fact.gone && fact.expires && *fact.expires <= now;
  });
  return missing ? KeyState::pending_import : *state;
}

Bytes KeyAliasRow::place(ByteView mount, std::string_view region, std::string_view alias) {
  Bytes key = to_bytes(mount);
  if (!region.empty()) {
    append(key, as_bytes(region));
    key.push_back(0);
  }
  append(key, as_bytes(alias));
  return key;
}

std::vector<store::IndexEntry> KeyAliasRow::index() const {
  return {{kKeyAliasTargets, KeyVersionRow::key_of(*mount, *uid)}};
}

Bytes KeyGrantRow::place(ByteView mount, ByteView owner, ByteView id) {
  Bytes key = to_bytes(mount);
  append(key, owner);
  append(key, id);
  return key;
}

std::vector<store::IndexEntry> KeyGrantRow::index() const {
  Bytes by_grantee = KeyVersionRow::key_of(*mount, *owner);
  append(by_grantee, as_bytes(*grantee));
  by_grantee.push_back(0);
  std::vector<store::IndexEntry> entries;
  entries.push_back({kGrantees, std::move(by_grantee)});
  if (!retiring->empty()) {
    Bytes by_retirer = *mount;
    append(by_retirer, as_bytes(*retiring));
    by_retirer.push_back(0);
    entries.push_back({kRetirers, std::move(by_retirer)});
  }
  return entries;
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
template struct coffer::rows::RowCodec<coffer::domain::KeyGrantRow>;
template struct coffer::rows::RowCodec<coffer::domain::KeyConfigRow>;
