// MasterKeys: the keys of one mount, their versions and their states. The only way to key material.
//
// Every use goes through maker() or opener(), which refuse a key that is not enabled, a use that
// the key is restricted against, and a version that is gone or too old, each time from the row as
// it is now. New material is made outside (it may take seconds) and handed in.
//
// Deletion is either at once, for keys that allow it, or after a waiting period during which it can
// be cancelled. What one unit cannot erase is condemned: nothing names it any more, and a job
// (tend.h) erases it.
//
// A key that the server made for a service (MasterKeyRow::manager) is rotated by the server and
// changed by nobody: what would is precondition_failed.
//
// Limits: names 1 to 128 characters; kMaxKeyVersions a key. Errors: not_found, already_exists,
// invalid_argument and precondition_failed with Vault's texts, too_large, and those from below.
// Lives as long as one attempt of a request; borrows the view and the state, which outlive its
// unit.
#pragma once

#include "domain/kms/key_places.h"
#include "domain/kms/key_policies.h"
#include "domain/kms/key_rows.h"
#include "domain/kms/key_uses.h"
#include "domain/kms/opened_keys.h"
#include "work/view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxKeyName = 128;
inline constexpr Duration kMinDeletionWait = std::chrono::hours(7 * 24);
inline constexpr Duration kMaxDeletionWait = std::chrono::hours(30 * 24);
inline constexpr Duration kMinRotatePeriod = std::chrono::hours(1);
inline constexpr std::uint32_t kMaxOnDemandRotations = 25;

// Where the wrapping key of a mount lies: no key's name, and before all of them.
inline constexpr std::string_view kWrappingKeyName = "/wrapping";

// What lives in memory while the server is unsealed.
struct KmsState {
  OpenedKeys opened;
  KeyUses uses;
  KeyPlaces places;
  KeyPolicies policies;
};

// What a new key is to be.
struct KeySpec {
  std::string name;
  KeyType type = KeyType::aes256_gcm96;
  bool derived = false;
  bool convergent = false;
  bool exportable = false;
  bool allow_plaintext_backup = false;
  Duration rotate_period{};
  std::size_t key_size = 0;  // octets of an hmac key; 0: 32
  bool imported = false;
  bool allow_rotation = true;
  std::uint8_t uses = kAllUses;
  // What it was made for says what it may be used for, beside `uses`.
  KeyPurpose purpose = KeyPurpose::unsaid;
  Bytes uid = {};  // empty: a random one
  std::string region = {};
  bool multi_region = false;
  std::string manager = {};
  std::string description = {};
  std::vector<KeyTag> tags = {};
  std::string policy = {};
};

// Absent members stay as they are.
struct KeyChange {
  std::optional<std::int64_t> min_decryption;
  std::optional<std::int64_t> min_encryption;
  std::optional<bool> deletion_allowed;
  std::optional<bool> exportable;              // true only: it cannot be taken back
  std::optional<bool> allow_plaintext_backup;  // the same
  std::optional<Duration> rotate_period;
};

// What is said about a key. Absent members stay as they are.
struct KeyAbout {
  std::optional<std::string> description;
  std::optional<std::vector<KeyTag>> tags;
  std::optional<std::string> policy;
};

// Somebody's own material for a key whose material is all imported.
struct ExternalMaterial {
  Bytes id;  // imported_material_id()
  std::string description;
  std::optional<Timestamp> expires;
};

using KeyPtr = rows::RowPtr<MasterKeyRow>;  // null: there is none

// A version that may be used now.
struct ReadyKey {
  std::uint32_t version = 0;
  OpenedKeys::Kept key;
};

class MasterKeys {
 public:
  MasterKeys(work::View& view, ByteView mount, KmsState& state)
      : view_(view), mount_(to_bytes(mount)), state_(state) {}

  Result<KeyPtr> find(std::string_view name);
  // Names after `after`, in order, at most `limit`.
  Result<std::vector<std::string>> list(std::string_view after, std::size_t limit);
  // From memory, else from the row; {}: never.
  Result<Timestamp> last_used(const MasterKeyRow& key);
  Result<KeyUses::LastUse> last_use(const MasterKeyRow& key);

  // Without material the key waits for its import.
  Result<> create(const KeySpec& spec, const KeyMaterial* first);
  Result<> configure(const MasterKeyRow& key, const KeyChange& change);
  Result<> describe(const MasterKeyRow& key, const KeyAbout& about);
  // A new latest version, made by the server.
  Result<> rotate(const MasterKeyRow& key,
                  const KeyMaterial& material,
                  RotationKind kind = RotationKind::on_demand);
  // From now on every `period`, for the first time after one; {}: no more.
  Result<> set_rotation(const MasterKeyRow& key, Duration period);
  // The same as rotate(), counted: exhausted after kMaxOnDemandRotations. A key of imported
  // material takes what was imported for this and needs no `material`: precondition_failed without
  // that.
  Result<> rotate_on_demand(const MasterKeyRow& key, const KeyMaterial* material);
  // Somebody's own material: completes `version` (0: the latest) when that lacks its secret and it
  // is the other half, else becomes the new latest version where no version was named.
  Result<> import_version(const MasterKeyRow& key,
                          const KeyMaterial& material,
                          std::int64_t version);
  // What has this id comes again: it is there until its new date. Any other is the key's first, or
  // waits for the next rotation on demand: precondition_failed when one waits already.
  Result<> import_external(const MasterKeyRow& key,
                           const KeyMaterial& material,
                           const ExternalMaterial& about);
  // Erases the material of one version of such a key, or of all that expired. The key waits for it
  // to come again.
  Result<> forget_material(const MasterKeyRow& key, std::uint32_t number);
  Result<> forget_expired(const MasterKeyRow& key);
  // Gives up the versions before that one. The caller has looked that no data key of this server is
  // under them (destroy_versions(), wrapped_below()).
  Result<> trim(const MasterKeyRow& key, std::int64_t min_available);

  Result<> set_enabled(const MasterKeyRow& key, bool enabled);
  // Erased now. The caller has looked that nothing depends on it (check_no_dependents()).
  Result<> remove(const MasterKeyRow& key);
  Result<> schedule_deletion(const MasterKeyRow& key, Duration wait);
  // What is pending deletion stays so for `wait` from now on.
  Result<> postpone_deletion(const MasterKeyRow& key, Duration wait);
  // The key is disabled then.
  Result<> cancel_deletion(const MasterKeyRow& key);

  // What maker() and opener() note as the last use of a key.
  void work_for(KeyOperation operation) { operation_ = operation; }

  // For encryption, signatures and MACs. 0: the latest version.
  Result<ReadyKey> maker(const MasterKeyRow& key, KeyUse use, std::int64_t version);
  // For decryption and verification.
  Result<ReadyKey> opener(const MasterKeyRow& key, KeyUse use, std::uint64_t version);
  // Counts `count` encryptions that are about to happen under `version` (0: the latest), and
  // reserves more where there are none left: a version at its limit is rotated, or refuses. Gives
  // the key as it is after that.
  Result<KeyPtr> count_uses(KeyPtr key, std::int64_t version, std::uint64_t count);

  // The material of a version, for exports and backups.
  Result<KeyMaterial> material(const MasterKeyRow& key, const KeyVersion& version);
  // The public half; empty for symmetric types.
  Result<Bytes> public_key(const MasterKeyRow& key, const KeyVersion& version);

  // Notes a backup of the key as it is.
  Result<> note_backup(const MasterKeyRow& key);
  // A key with all its versions, in the state that the row says. It takes the place of `present`.
  Result<> restore(MasterKeyRow key, const std::vector<KeyMaterial>& versions, KeyPtr present);

  // The RSA key of the mount under which material travels to an import (key_import.h). It serves
  // nothing else.
  Result<KeyPtr> wrapping_key();
  Result<> create_wrapping_key(const KeyMaterial& material);

  // Erases some of what a condemned or destroyed key still has, then the destroyed key.
  Result<> erase_condemned(const MasterKeyRow& key);

  Result<KeyPtr> by_uid(ByteView uid);

 private:
  Result<rows::RowPtr<KeyVersionRow>> version_row(const MasterKeyRow& key,
                                                  const KeyVersion& version);
  Result<OpenedKeys::Kept> open(const MasterKeyRow& key, const KeyVersion& version);
  Result<KeyVersion> put_version(const MasterKeyRow& key,
                                 std::uint32_t number,
                                 const KeyMaterial& material);
  Result<> append_version(MasterKeyRow& key, const KeyMaterial& material, RotationKind kind);
  void note_use(const MasterKeyRow& key, KeyUse use);
  void forget(MasterKeyRow& key, MaterialFact& fact);
  Result<bool> complete_version(MasterKeyRow& key,
                                std::uint32_t number,
                                const KeyMaterial& material);
  // Erases what one unit can and condemns the rest.
  void condemn(MasterKeyRow& key, std::vector<Bytes> uids);
  void forget_on_commit(Bytes uid);

  work::View& view_;
  Bytes mount_;
  KmsState& state_;
  KeyOperation operation_ = KeyOperation::unknown;
};

// precondition_failed for a key of a service.
Result<> check_changeable(const MasterKeyRow& key);
// invalid_argument for what can be no key's name.
Result<> check_key_name(std::string_view name);
// Whether a key may be like this.
Result<> check_spec(const KeySpec& spec);
// Why a key does not serve this use now; success: it does.
Result<> check_usable(const MasterKeyRow& key, KeyUse use);
// The same, with material that has expired at `now`.
Result<> check_usable(const MasterKeyRow& key, KeyUse use, Timestamp now);

}  // namespace coffer::domain
