// MasterKeys: how keys come, change and go.
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kUid = 16;
constexpr std::size_t kErasedAtOnce = 30;  // of the 100 changes of a unit

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Result<> check_rotate_period(Duration period) {
  if (period == Duration{} || period >= kMinRotatePeriod) return {};
  return fail(Code::invalid_argument,
              "auto rotate period must be 0 to disable or at least an hour");
}

}  // namespace

Result<> check_key_name(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= kMaxKeyName && is_word(name.front()) &&
      is_word(name.back()) &&
      std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-' || c == '.'; });
  if (fits) return {};
  return fail(Code::invalid_argument,
              "a key name has 1 to 128 letters, digits, '_', '-' and '.', the last two inside");
}

Result<> check_changeable(const MasterKeyRow& key) {
  if (key.manager->empty()) return {};
  return fail(Code::precondition_failed, "the key belongs to a service, and nobody changes it");
}

Result<> check_spec(const KeySpec& spec) {
  COFFER_CHECK(check_key_name(spec.name));
  COFFER_CHECK(check_rotate_period(spec.rotate_period));
  if (spec.convergent && !spec.derived) {
    return fail(Code::invalid_argument, "convergent encryption requires derivation to be enabled");
  }
  const bool derives_well = derives(spec.type) && (!spec.convergent || encrypts(spec.type));
  if (spec.derived && !derives_well) {
    return fail(Code::invalid_argument,
                "key derivation and convergent encryption not supported for keys of type " +
                    std::string(to_text(spec.type)));
  }
  return {};
}

Result<KeyVersion> MasterKeys::put_version(const MasterKeyRow& key,
                                           std::uint32_t number,
                                           const KeyMaterial& material) {
  KeyVersion version;
  version.number = number;
  version.uid = to_bytes(view_.random().bytes(kUid).view());
  version.created = view_.now();
  version.has_secret = !material.secret.empty();
  KeyVersionRow row;
  row.mount = mount_;
  row.uid = version.uid;
  row.owner = *key.uid;
  row.number = number;
  row.public_key = material.public_key;
  row.secret = material.secret.clone();
  row.mac = material.mac.clone();
  COFFER_CHECK(view_.put_owned(std::move(row)));
  return version;
}

Result<> MasterKeys::append_version(MasterKeyRow& key,
                                    const KeyMaterial& material,
                                    RotationKind kind) {
  if (key.versions->size() >= kMaxKeyVersions) {
    return fail(Code::too_large, "the key has too many versions; trim it first");
  }
  COFFER_TRY(KeyVersion version, put_version(key, key.latest() + 1, material));
  if (kind != RotationKind::on_demand) {
    key.facts->push_back({.number = version.number, .kind = kind, .id = {}, .description = {}});
  }
  key.versions->push_back(std::move(version));
  return {};
}

Result<> MasterKeys::create(const KeySpec& spec, const KeyMaterial* first) {
  COFFER_CHECK(check_spec(spec));
  COFFER_TRY(const KeyPtr present, find(spec.name));
  if (present) return fail(Code::already_exists, "key " + spec.name + " already existed");
  MasterKeyRow row;
  row.mount = mount_;
  row.name = spec.name;
  row.uid = spec.uid.empty() ? new_key_uid(view_.random()) : spec.uid;
  row.type = spec.type;
  row.created = view_.now();
  row.uses = static_cast<std::uint8_t>(spec.purpose == KeyPurpose::unsaid ? spec.uses
                                                                          : uses_of(spec.purpose));
  row.purpose = spec.purpose;
  row.region = spec.region;
  row.multi_region = spec.multi_region;
  row.manager = spec.manager;
  row.description = spec.description;
  row.tags = spec.tags;
  row.policy = spec.policy;
  row.derived = spec.derived;
  row.convergent = spec.convergent;
  row.exportable = spec.exportable;
  row.allow_plaintext_backup = spec.allow_plaintext_backup;
  row.rotate_period = spec.rotate_period;
  row.imported = spec.imported;
  row.allow_rotation = spec.allow_rotation;
  if (spec.type == KeyType::hmac) {
    const std::size_t size = first != nullptr ? first->secret.size() : spec.key_size;
    row.key_size = static_cast<std::uint32_t>(size == 0 ? kMinHmacKey : size);
  }
  if (first == nullptr) {
    row.state = KeyState::pending_import;
  } else {
    COFFER_CHECK(append_version(row, *first, RotationKind::on_demand));
  }
  return view_.put(std::move(row));
}

Result<KeyPtr> MasterKeys::wrapping_key() {
  return view_.find<MasterKeyRow>(master_key_place(mount_, kWrappingKeyName));
}

Result<> MasterKeys::create_wrapping_key(const KeyMaterial& material) {
  MasterKeyRow row;
  row.mount = mount_;
  row.name = std::string(kWrappingKeyName);
  row.uid = to_bytes(view_.random().bytes(kUid).view());
  row.type = KeyType::rsa4096;
  row.created = view_.now();
  row.uses = std::uint8_t{0};
  COFFER_CHECK(append_version(row, material, RotationKind::on_demand));
  return view_.put(std::move(row));
}

Result<> MasterKeys::configure(const MasterKeyRow& key, const KeyChange& change) {
  COFFER_CHECK(check_changeable(key));
  MasterKeyRow row = key;
  const auto set_minimum = [&](std::optional<std::int64_t> wanted,
                               std::string_view what,
                               rows::Clear<std::uint32_t>& member) -> Result<> {
    if (!wanted) return {};
    if (*wanted < 0) {
      return fail(Code::invalid_argument,
                  "min " + std::string(what) + " version cannot be negative");
    }
    if (*wanted > row.latest()) {
      return fail(Code::invalid_argument,
                  "cannot set min " + std::string(what) + " version of " + std::to_string(*wanted) +
                      ", latest key version is " + std::to_string(row.latest()));
    }
    member = static_cast<std::uint32_t>(*wanted);
    return {};
  };
  COFFER_CHECK(set_minimum(change.min_decryption, "decryption", row.min_decryption));
  COFFER_CHECK(set_minimum(change.min_encryption, "encryption", row.min_encryption));
  *row.min_decryption = std::max(*row.min_decryption, 1U);
  if (*row.min_encryption > 0 && *row.min_encryption < *row.min_decryption) {
    return fail(Code::invalid_argument,
                "cannot set min encryption/decryption values; min encryption version of " +
                    std::to_string(*row.min_encryption) +
                    " must be greater than or equal to min decryption version of " +
                    std::to_string(*row.min_decryption));
  }
  if (*row.min_available > *row.min_encryption) {
    return fail(Code::invalid_argument,
                "min encryption version should not be less than min available version");
  }
  if (*row.min_available > *row.min_decryption) {
    return fail(Code::invalid_argument,
                "min decryption version should not be less then min available version");
  }
  if (change.deletion_allowed) row.deletion_allowed = *change.deletion_allowed;
  if (change.exportable.value_or(false)) row.exportable = true;
  if (change.allow_plaintext_backup.value_or(false)) row.allow_plaintext_backup = true;
  if (change.rotate_period) {
    COFFER_CHECK(check_rotate_period(*change.rotate_period));
    row.rotate_period = *change.rotate_period;
    row.next_rotation->reset();
  }
  return view_.put(std::move(row));
}

Result<> MasterKeys::rotate(const MasterKeyRow& key,
                            const KeyMaterial& material,
                            RotationKind kind) {
  if (kind != RotationKind::automatic) COFFER_CHECK(check_changeable(key));
  if (*key.state != KeyState::enabled) return check_usable(key, KeyUse::encrypt);
  if (*key.imported && !*key.allow_rotation) {
    return fail(Code::precondition_failed,
                "imported key " + *key.name + " does not allow rotation within Vault");
  }
  MasterKeyRow row = key;
  COFFER_CHECK(append_version(row, material, kind));
  row.imported = false;
  if (kind == RotationKind::automatic && *row.next_rotation) {
    const Timestamp next = **row.next_rotation + *row.rotate_period;
    *row.next_rotation = std::max(next, view_.now() + kMinRotatePeriod);
  }
  return view_.put(std::move(row));
}

// Whether it was done; false: the material is not the other half of this version.
Result<bool> MasterKeys::complete_version(MasterKeyRow& key,
                                          std::uint32_t number,
                                          const KeyMaterial& material) {
  const auto at = std::ranges::find(*key.versions, number, &KeyVersion::number);
  if (at == key.versions->end() || at->has_secret || material.secret.empty()) return false;
  COFFER_TRY(KeyMaterial whole, this->material(key, *at));
  if (whole.public_key != material.public_key) return false;
  whole.secret = material.secret.clone();
  COFFER_TRY(KeyVersion version, put_version(key, number, whole));
  version.created = at->created;
  view_.erase_owned<KeyVersionRow>(KeyVersionRow::key_of(mount_, at->uid));
  forget_on_commit(at->uid);
  *at = std::move(version);
  return true;
}

Result<> MasterKeys::import_version(const MasterKeyRow& key,
                                    const KeyMaterial& material,
                                    std::int64_t version) {
  if (*key.state != KeyState::enabled && *key.state != KeyState::pending_import) {
    return check_usable(key, KeyUse::encrypt);
  }
  if (*key.next || std::ranges::any_of(*key.facts, &MaterialFact::gone)) {
    return fail(Code::precondition_failed, "the key waits for other material");
  }
  if (!*key.imported) {
    return fail(Code::precondition_failed,
                "the import_version endpoint can only be used with an imported key");
  }
  if (*key.convergent) {
    return fail(Code::precondition_failed,
                "import_version cannot be used on keys with convergent encryption enabled");
  }
  MasterKeyRow row = key;
  const auto number = version > 0 ? static_cast<std::uint32_t>(version) : row.latest();
  COFFER_TRY(const bool completed, complete_version(row, number, material));
  if (!completed) {
    if (version != 0) {
      return fail(Code::invalid_argument,
                  "the version takes no private key, or not the one that was given");
    }
    COFFER_CHECK(append_version(row, material, RotationKind::on_demand));
    if (*row.type == KeyType::hmac) {
      row.key_size = static_cast<std::uint32_t>(material.secret.size());
    }
  }
  row.state = KeyState::enabled;
  return view_.put(std::move(row));
}

Result<> MasterKeys::trim(const MasterKeyRow& key, std::int64_t min_available) {
  COFFER_CHECK(check_changeable(key));
  const auto refuse = [](std::string message) {
    return fail(Code::invalid_argument, std::move(message));
  };
  if (min_available < *key.min_available) {
    return refuse("minimum available version cannot be decremented");
  }
  if (*key.min_encryption == 0) {
    return refuse(
        "minimum available version cannot be set when minimum encryption version is not set");
  }
  if (min_available > *key.min_encryption) {
    return refuse("minimum available version cannot be greater than minmum encryption version");
  }
  if (min_available > *key.min_decryption) {
    return refuse("minimum available version cannot be greater than minimum decryption version");
  }
  if (min_available == 0) return refuse("minimum available version should be positive");
  MasterKeyRow row = key;
  row.min_available = static_cast<std::uint32_t>(min_available);
  std::vector<Bytes> gone;
  while (!row.versions->empty() && row.versions->front().number < min_available) {
    gone.push_back(row.versions->front().uid);
    row.versions->erase(row.versions->begin());
  }
  std::erase_if(*row.facts, [&](const MaterialFact& fact) { return fact.number < min_available; });
  condemn(row, std::move(gone));
  return view_.put(std::move(row));
}

Result<> MasterKeys::set_enabled(const MasterKeyRow& key, bool enabled) {
  COFFER_CHECK(check_changeable(key));
  if (*key.state != KeyState::enabled && *key.state != KeyState::disabled) {
    return check_usable(key, KeyUse::encrypt);
  }
  MasterKeyRow row = key;
  row.state = enabled ? KeyState::enabled : KeyState::disabled;
  if (!enabled) {
    for (const KeyVersion& version : *row.versions) forget_on_commit(version.uid);
  }
  return view_.put(std::move(row));
}

Result<> MasterKeys::schedule_deletion(const MasterKeyRow& key, Duration wait) {
  COFFER_CHECK(check_changeable(key));
  if (wait < kMinDeletionWait || wait > kMaxDeletionWait) {
    return fail(Code::invalid_argument, "the waiting period must be 7 to 30 days");
  }
  if (*key.state == KeyState::pending_deletion) {
    return fail(Code::precondition_failed, "the key is pending deletion");
  }
  MasterKeyRow row = key;
  row.state = KeyState::pending_deletion;
  *row.deletion = view_.now() + wait;
  for (const KeyVersion& version : *row.versions) forget_on_commit(version.uid);
  return view_.put(std::move(row));
}

Result<> MasterKeys::postpone_deletion(const MasterKeyRow& key, Duration wait) {
  MasterKeyRow row = key;
  *row.deletion = view_.now() + wait;
  return view_.put(std::move(row));
}

Result<> MasterKeys::cancel_deletion(const MasterKeyRow& key) {
  if (*key.state != KeyState::pending_deletion) {
    return fail(Code::precondition_failed, "the key is not pending deletion");
  }
  MasterKeyRow row = key;
  const bool complete =
      !row.versions->empty() && std::ranges::none_of(*row.facts, &MaterialFact::gone);
  row.state = complete ? KeyState::disabled : KeyState::pending_import;
  row.deletion->reset();
  return view_.put(std::move(row));
}

Result<> MasterKeys::remove(const MasterKeyRow& key) {
  if (*key.state != KeyState::pending_deletion) COFFER_CHECK(check_changeable(key));
  COFFER_CHECK(view_.erase<MasterKeyRow>(key.key()));
  Bytes place = KeyVersionRow::key_of(mount_, *key.uid);
  COFFER_CHECK(view_.erase<KeyUseRow>(place));
  view_.on_commit([&state = state_, place = std::move(place)] { state.uses.forget(place); });
  MasterKeyRow rest = key;
  rest.state = KeyState::destroyed;
  std::vector<Bytes> uids;
  for (const KeyVersion& version : *rest.versions) uids.push_back(version.uid);
  if (*rest.next) uids.push_back((*rest.next)->uid);
  rest.versions = std::vector<KeyVersion>{};
  rest.next->reset();
  rest.facts->clear();
  condemn(rest, std::move(uids));
  // Its aliases and grants reach nothing any more; what is left of it goes with them.
  COFFER_TRY(const auto aliases,
             view_.lookup<KeyAliasRow>(
                 kKeyAliasTargets, KeyVersionRow::key_of(mount_, *key.uid), kErasedAtOnce));
  for (const Bytes& alias : aliases) COFFER_CHECK(view_.erase<KeyAliasRow>(alias));
  if (rest.condemned->empty() && *rest.grants == 0) return {};
  return view_.put(std::move(rest));
}

void MasterKeys::condemn(MasterKeyRow& key, std::vector<Bytes> uids) {
  key.condemned->insert(key.condemned->end(), uids.begin(), uids.end());
  const std::size_t now = std::min(key.condemned->size(), kErasedAtOnce);
  for (std::size_t i = 0; i < now; ++i) {
    view_.erase_owned<KeyVersionRow>(KeyVersionRow::key_of(mount_, (*key.condemned)[i]));
  }
  key.condemned->erase(key.condemned->begin(),
                       key.condemned->begin() + static_cast<std::ptrdiff_t>(now));
  for (Bytes& uid : uids) forget_on_commit(std::move(uid));
}

void MasterKeys::forget_on_commit(Bytes uid) {
  view_.on_commit([&state = state_, uid = std::move(uid)] { state.opened.forget(uid); });
}

Result<> MasterKeys::erase_condemned(const MasterKeyRow& key) {
  MasterKeyRow row = key;
  condemn(row, {});
  if (*row.state == KeyState::destroyed && row.condemned->empty()) {
    COFFER_TRY(
        const std::size_t grants,
        view_.erase_below(
            rows::tables::kKeyGrants.id, KeyGrantRow::place(mount_, *row.uid, {}), kErasedAtOnce));
    if (grants < kErasedAtOnce) return view_.erase<MasterKeyRow>(row.key());
  }
  return view_.put(std::move(row));
}

Result<> MasterKeys::note_backup(const MasterKeyRow& key) {
  MasterKeyRow row = key;
  row.backup = KeyCopy{view_.now(), row.latest()};
  return view_.put(std::move(row));
}

Result<> MasterKeys::restore(MasterKeyRow key,
                             const std::vector<KeyMaterial>& versions,
                             KeyPtr present) {
  COFFER_CHECK(check_key_name(*key.name));
  if (present) COFFER_CHECK(remove(present->row));
  key.mount = mount_;
  key.uid = to_bytes(view_.random().bytes(kUid).view());
  key.restored = KeyCopy{view_.now(), key.latest()};
  for (std::size_t i = 0; i < versions.size(); ++i) {
    KeyVersion& version = (*key.versions)[i];
    COFFER_TRY(KeyVersion put, put_version(key, version.number, versions[i]));
    put.created = version.created;
    put.reserved_uses = version.reserved_uses;
    version = std::move(put);
  }
  return view_.put(std::move(key));
}

}  // namespace coffer::domain
