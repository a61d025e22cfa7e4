// The rows of master keys (format: docs/formats/keys.md).
//
// A MasterKeyRow says all about a key but its material: which versions there are, what may be done
// with it, in which state it is. It is guarded, so that an old one is refused at once. A
// KeyVersionRow holds the material of one version; it is written once under a uid that is never
// used again and is reached by no other way than the master key that names this uid, so that it
// needs no guard: another one at its place does not authenticate, and an old one is named by
// nothing.
//
// Versions are ascending and without gaps: added at the end, trimmed at the front. Plain values.
#pragma once

#include "base/clock.h"
#include "domain/kms/key_type.h"
#include "rows/row.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

enum class KeyState : std::uint8_t {  // stored on disk; whatever is not `enabled` refuses all use
  enabled = 1,
  disabled = 2,
  pending_deletion = 3,
  pending_import = 4,  // made, and waits for its material
  destroyed = 5,       // waits for the job that erases the rest of its versions
};

std::string_view to_text(KeyState state);

// What a key may be used for: bits of MasterKeyRow::uses.
enum class KeyUse : std::uint8_t {  // stored on disk
  encrypt = 1,
  decrypt = 2,
  sign = 4,
  verify = 8,
  mac = 16,
};

inline constexpr std::uint8_t kAllUses = 31;
inline constexpr std::size_t kMaxKeyVersions = 2000;

struct KeyVersion {
  std::uint32_t number = 0;  // from 1
  Bytes uid;                 // 16 random octets: where the material is
  Timestamp created;
  std::uint64_t reserved_uses = 0;  // never fewer than there were
  bool has_secret = true;           // false: a public key alone
  static constexpr auto kMembers = std::tuple{&KeyVersion::number,
                                              &KeyVersion::uid,
                                              &KeyVersion::created,
                                              &KeyVersion::reserved_uses,
                                              &KeyVersion::has_secret};
};

// That a key was backed up, or came out of a backup.
struct KeyCopy {
  Timestamp when;
  std::uint32_t version = 0;  // the latest of then; 0: never
  static constexpr auto kMembers = std::tuple{&KeyCopy::when, &KeyCopy::version};
};

struct MasterKeyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kMasterKeys;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;  // the mount's id
  rows::Clear<std::string> name;
  rows::Clear<Bytes> uid;  // 16 random octets
  rows::Clear<KeyType> type{KeyType::aes256_gcm96};
  rows::Clear<KeyState> state{KeyState::enabled};
  rows::Clear<std::uint8_t> uses{kAllUses};
  rows::Clear<Timestamp> created;
  rows::Clear<std::vector<KeyVersion>> versions;
  rows::Clear<std::uint32_t> min_decryption{1U};
  rows::Clear<std::uint32_t> min_encryption{0U};  // 0: any
  rows::Clear<std::uint32_t> min_available{0U};   // 0: nothing was trimmed
  rows::Clear<std::uint32_t> key_size{0U};        // octets of an hmac key
  rows::Clear<bool> derived{false};
  rows::Clear<bool> convergent{false};
  rows::Clear<bool> exportable{false};
  rows::Clear<bool> allow_plaintext_backup{false};
  rows::Clear<bool> deletion_allowed{false};
  rows::Clear<bool> imported{false};
  rows::Clear<bool> allow_rotation{true};  // of an imported key, by the server
  rows::Clear<Duration> rotate_period;     // {}: on demand only
  rows::Clear<std::optional<Timestamp>> deletion;
  rows::Clear<KeyCopy> backup;
  rows::Clear<KeyCopy> restored;
  rows::Clear<std::vector<Bytes>> condemned;  // uids of versions that are to be erased
  static constexpr auto kMembers = std::tuple{&MasterKeyRow::mount,
                                              &MasterKeyRow::name,
                                              &MasterKeyRow::uid,
                                              &MasterKeyRow::type,
                                              &MasterKeyRow::state,
                                              &MasterKeyRow::uses,
                                              &MasterKeyRow::created,
                                              &MasterKeyRow::versions,
                                              &MasterKeyRow::min_decryption,
                                              &MasterKeyRow::min_encryption,
                                              &MasterKeyRow::min_available,
                                              &MasterKeyRow::key_size,
                                              &MasterKeyRow::derived,
                                              &MasterKeyRow::convergent,
                                              &MasterKeyRow::exportable,
                                              &MasterKeyRow::allow_plaintext_backup,
                                              &MasterKeyRow::deletion_allowed,
                                              &MasterKeyRow::imported,
                                              &MasterKeyRow::allow_rotation,
                                              &MasterKeyRow::rotate_period,
                                              &MasterKeyRow::deletion,
                                              &MasterKeyRow::backup,
                                              &MasterKeyRow::restored,
                                              &MasterKeyRow::condemned};

  // A destroyed key lies beside the names, so that its own is free.
  [[nodiscard]] Bytes key() const;
  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  // 0: none.
  [[nodiscard]] std::uint32_t latest() const {
    return versions->empty() ? 0 : versions->back().number;
  }

  // Null when there is none of this number.
  [[nodiscard]] const KeyVersion* version(std::uint64_t number) const;
  // When a job has to look at the key: to rotate, delete or erase. nullopt: never.
  [[nodiscard]] std::optional<Timestamp> due() const;
};

inline constexpr store::IndexId kKeyUids{501};  // stored on disk; entry: mount id | uid
inline constexpr store::IndexId kKeyDue{502};   // entry: u64 nanoseconds of due(), big endian

// Keys by name lie side by side, in order of their names.
Bytes master_key_place(ByteView mount, std::string_view name);

struct KeyVersionRow {
  static constexpr rows::TableSpec kTable = rows::tables::kKeyVersions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<Bytes> owner;  // the master key's uid
  rows::Clear<std::uint32_t> number{0U};
  rows::Clear<Bytes> public_key;  // SubjectPublicKeyInfo; empty for symmetric types
  rows::Sealed<secure::SecureBytes> secret;
  rows::Sealed<secure::SecureBytes> mac;
  static constexpr auto kMembers = std::tuple{&KeyVersionRow::mount,
                                              &KeyVersionRow::uid,
                                              &KeyVersionRow::owner,
                                              &KeyVersionRow::number,
                                              &KeyVersionRow::public_key,
                                              &KeyVersionRow::secret,
                                              &KeyVersionRow::mac};

  [[nodiscard]] Bytes key() const { return key_of(*mount, *uid); }

  static Bytes key_of(ByteView mount, ByteView uid);
};

// When a key was last used; written now and then by a job, so that a use costs no write.
struct KeyUseRow {
  static constexpr rows::TableSpec kTable = rows::tables::kKeyUses;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;  // the master key's
  rows::Clear<Timestamp> last_used;
  static constexpr auto kMembers =
      std::tuple{&KeyUseRow::mount, &KeyUseRow::uid, &KeyUseRow::last_used};

  [[nodiscard]] Bytes key() const { return KeyVersionRow::key_of(*mount, *uid); }
};

// Another name for a key.
struct KeyAliasRow {
  static constexpr rows::TableSpec kTable = rows::tables::kKeyAliases;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> alias;
  rows::Clear<Bytes> uid;  // the master key's
  static constexpr auto kMembers =
      std::tuple{&KeyAliasRow::mount, &KeyAliasRow::alias, &KeyAliasRow::uid};

  [[nodiscard]] Bytes key() const { return master_key_place(*mount, *alias); }
};

// Settings of one mount. Absent: all defaults.
struct KeyConfigRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<bool> disable_upsert{false};
  static constexpr auto kMembers = std::tuple{&KeyConfigRow::mount, &KeyConfigRow::disable_upsert};

  static Bytes key_of(ByteView mount);

  [[nodiscard]] Bytes key() const { return key_of(*mount); }
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::MasterKeyRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KeyVersionRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KeyUseRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KeyAliasRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KeyConfigRow>;
