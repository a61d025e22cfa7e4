// MasterKeys: looking keys up and using them.
#include "domain/kms/master_keys.h"

#include <algorithm>

namespace coffer::domain {
namespace {

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

std::string_view word_for(KeyUse use) {
  return use == KeyUse::sign ? "signing" : "encryption";
}

Result<> check_type(KeyType type, KeyUse use) {
  const std::string name(to_text(type));
  switch (use) {
    case KeyUse::encrypt:
      if (encrypts(type)) return {};
      return refuse("message encryption not supported for key type " + name);
    case KeyUse::decrypt:
      if (encrypts(type)) return {};
      return refuse("message decryption not supported for key type " + name);
    case KeyUse::sign:
      if (signs(type)) return {};
      return refuse("key type " + name + " does not support signing");
    case KeyUse::verify:
      if (signs(type)) return {};
      return refuse("key type " + name + " does not support verification");
    case KeyUse::mac:
      return {};
    case KeyUse::agree:
      if (pair_of(type) && !is_rsa(type) && type != KeyType::ed25519) return {};
      return refuse("key type " + name + " does not support key agreement");
  }
  return refuse("no such use of a key");
}

std::unexpected<Error> too_many_uses() {
  return fail(Code::precondition_failed,
              "this version of the key has reached its limit of uses; encrypt with a newer one");
}

}  // namespace

Result<> check_usable(const MasterKeyRow& key, KeyUse use) {
  switch (*key.state) {
    case KeyState::enabled:
      if ((*key.uses & static_cast<std::uint8_t>(use)) != 0) return check_type(*key.type, use);
      return fail(Code::precondition_failed, "the key is restricted to other uses");
    case KeyState::disabled:
      return fail(Code::precondition_failed, "the key is disabled");
    case KeyState::pending_deletion:
      return fail(Code::precondition_failed, "the key is pending deletion");
    case KeyState::pending_import:
      return fail(Code::precondition_failed, "the key is pending import");
    case KeyState::destroyed:
      break;
  }
  return fail(Code::precondition_failed, "the key is destroyed");
}

Result<> check_usable(const MasterKeyRow& key, KeyUse use, Timestamp now) {
  if (key.state_at(now) == *key.state) return check_usable(key, use);
  return fail(Code::precondition_failed, "the key is pending import");
}

Result<KeyPtr> MasterKeys::find(std::string_view name) {
  if (!check_key_name(name)) return KeyPtr();
  return view_.find<MasterKeyRow>(master_key_place(mount_, name));
}

Result<std::vector<std::string>> MasterKeys::list(std::string_view after, std::size_t limit) {
  const Bytes from = master_key_place(mount_, after.empty() ? kWrappingKeyName : after);
  COFFER_TRY(const auto keys, view_.keys<MasterKeyRow>(mount_, from, limit));
  std::vector<std::string> names;
  for (const Bytes& key : keys) {
    const std::string_view name = as_text(ByteView(key).subspan(mount_.size()));
    if (check_key_name(name)) names.emplace_back(name);  // destroyed keys lie behind the names
  }
  return names;
}

Result<Timestamp> MasterKeys::last_used(const MasterKeyRow& key) {
  COFFER_TRY(const KeyUses::LastUse last, last_use(key));
  return last.when;
}

Result<KeyUses::LastUse> MasterKeys::last_use(const MasterKeyRow& key) {
  const Bytes place = KeyVersionRow::key_of(mount_, *key.uid);
  if (auto last = state_.uses.last(place)) return *std::move(last);
  COFFER_TRY(const auto row, view_.find<KeyUseRow>(place));
  if (!row) return KeyUses::LastUse{place, {}, KeyOperation::unknown};
  return KeyUses::LastUse{place, *row->row.last_used, *row->row.operation};
}

Result<rows::RowPtr<KeyVersionRow>> MasterKeys::version_row(const MasterKeyRow& key,
                                                            const KeyVersion& version) {
  COFFER_TRY(auto row, view_.find<KeyVersionRow>(KeyVersionRow::key_of(mount_, version.uid)));
  if (!row) return fail(Code::corrupt, "the material of a key version is missing");
  if (*row->row.owner != *key.uid || *row->row.number != version.number) {
    return fail(Code::corrupt, "the material of a key version belongs to another");
  }
  return row;
}

Result<KeyMaterial> MasterKeys::material(const MasterKeyRow& key, const KeyVersion& version) {
  COFFER_TRY(const auto row, version_row(key, version));
  COFFER_TRY(KeyVersionRow open, view_.open(*row));
  return KeyMaterial{std::move(*open.secret), std::move(*open.public_key), std::move(*open.mac)};
}

Result<Bytes> MasterKeys::public_key(const MasterKeyRow& key, const KeyVersion& version) {
  COFFER_TRY(const auto row, version_row(key, version));
  return *row->row.public_key;
}

Result<OpenedKeys::Kept> MasterKeys::open(const MasterKeyRow& key, const KeyVersion& version) {
  if (auto kept = state_.opened.find(version.uid)) return kept;
  COFFER_TRY(const KeyMaterial material, this->material(key, version));
  COFFER_TRY(auto opened,
             OpenedKey::make({*key.type, *key.derived, *key.convergent}, material, view_.random()));
  state_.opened.keep(version.uid, opened);
  return opened;
}

void MasterKeys::note_use(const MasterKeyRow& key, KeyUse use) {
  KeyOperation operation = operation_;
  if (operation == KeyOperation::unknown) {
    operation = use == KeyUse::encrypt   ? KeyOperation::encrypt
                : use == KeyUse::decrypt ? KeyOperation::decrypt
                : use == KeyUse::sign    ? KeyOperation::sign
                : use == KeyUse::verify  ? KeyOperation::verify
                : use == KeyUse::mac     ? KeyOperation::generate_mac
                                         : KeyOperation::derive_shared_secret;
  }
  state_.uses.note(KeyVersionRow::key_of(mount_, *key.uid), view_.now(), operation);
}

Result<ReadyKey> MasterKeys::maker(const MasterKeyRow& key, KeyUse use, std::int64_t version) {
  COFFER_CHECK(check_usable(key, use, view_.now()));
  const std::uint32_t latest = key.latest();
  const std::int64_t number = version == 0 ? latest : version;
  if (use == KeyUse::mac) {
    if (number < 0) return refuse("key version does not exist (cannot be negative)");
    if (number > latest) {
      return refuse("key version does not exist; latest key version is " + std::to_string(latest));
    }
    if (number != latest && number < *key.min_encryption) {
      return refuse("cannot generate HMAC: version is too old (disallowed by policy)");
    }
  } else {
    const std::string asked = "requested version for " + std::string(word_for(use)) + " is ";
    if (number < 0) return refuse(asked + "negative");
    if (number > latest) return refuse(asked + "higher than the latest key version");
    if (number < *key.min_encryption) {
      return refuse(asked + "less than the minimum encryption key version");
    }
  }
  const KeyVersion* found = key.version(static_cast<std::uint64_t>(number));
  if (found == nullptr) return refuse("no such key version");
  COFFER_TRY(auto opened, open(key, *found));
  note_use(key, use);
  return ReadyKey{found->number, std::move(opened)};
}

Result<ReadyKey> MasterKeys::opener(const MasterKeyRow& key, KeyUse use, std::uint64_t version) {
  COFFER_CHECK(check_usable(key, use, view_.now()));
  if (version < *key.min_decryption) {
    return refuse("ciphertext or signature version is disallowed by policy (too old)");
  }
  const KeyVersion* found = key.version(version);
  if (found == nullptr) return refuse("no such key version");
  COFFER_TRY(auto opened, open(key, *found));
  note_use(key, use);
  return ReadyKey{found->number, std::move(opened)};
}

Result<KeyPtr> MasterKeys::count_uses(KeyPtr key, std::int64_t version, std::uint64_t count) {
  const std::int64_t number = version == 0 ? key->row.latest() : version;
  const KeyVersion* found =
      number < 0 ? nullptr : key->row.version(static_cast<std::uint64_t>(number));
  // What maker() will refuse is not counted.
  if (!aead_of(*key->row.type) || found == nullptr || !check_usable(key->row, KeyUse::encrypt)) {
    return key;
  }
  if (count > kUseBlock) return fail(Code::too_large, "too many encryptions in one request");
  if (state_.uses.spend(found->uid, count)) return key;
  MasterKeyRow row = key->row;
  if (found->reserved_uses + kUseBlock > kMaxUses) {
    const bool rotates =
        found->number == row.latest() && version == 0 && (!*row.imported || *row.allow_rotation);
    if (!rotates) return too_many_uses();
    COFFER_CHECK(append_version(
        row, generate_material(*row.type, 0, view_.random()), RotationKind::automatic));
    row.imported = false;
    found = &row.versions->back();
  }
  const Bytes uid = found->uid;
  std::ranges::find(*row.versions, uid, &KeyVersion::uid)->reserved_uses += kUseBlock;
  view_.on_commit([&state = state_, uid, count] { state.uses.credit(uid, kUseBlock - count); });
  const Bytes place = row.key();
  COFFER_CHECK(view_.put(std::move(row)));
  return view_.find<MasterKeyRow>(place);
}

Result<KeyPtr> MasterKeys::by_uid(ByteView uid) {
  const Bytes asked = KeyVersionRow::key_of(mount_, uid);
  // Where it was last, and an index, are hints: what decides is the row.
  const auto is_it = [&](const KeyPtr& key) {
    return key && std::ranges::equal(*key->row.uid, uid) && *key->row.state != KeyState::destroyed;
  };
  if (const auto place = state_.places.find(asked)) {
    COFFER_TRY(KeyPtr key, view_.find<MasterKeyRow>(*place));
    if (is_it(key)) return key;
  }
  COFFER_TRY(const auto places, view_.lookup<MasterKeyRow>(kKeyUids, asked, 1));
  if (places.empty()) return KeyPtr();
  COFFER_TRY(KeyPtr key, view_.find<MasterKeyRow>(places.front()));
  if (!is_it(key)) return KeyPtr();
  state_.places.keep(asked, places.front());
  return key;
}

}  // namespace coffer::domain
