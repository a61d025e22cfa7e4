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
#include <map>
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
  agree = 32,
};

inline constexpr std::uint8_t kAllUses = 31;
inline constexpr std::size_t kMaxKeyVersions = 2000;

// What a key was made for, where its maker said so; a narrower word than `uses` for people.
enum class KeyPurpose : std::uint8_t {  // stored on disk
  unsaid = 0,
  encrypt_decrypt = 1,
  sign_verify = 2,
  generate_verify_mac = 3,
  key_agreement = 4,
};

// The uses that a purpose allows.
std::uint8_t uses_of(KeyPurpose purpose);

// What was last done with a key.
enum class KeyOperation : std::uint8_t {  // stored on disk
  unknown = 0,
  encrypt = 1,
  decrypt = 2,
  reencrypt = 3,
  generate_data_key = 4,
  generate_data_key_without_plaintext = 5,
  generate_data_key_pair = 6,
  generate_data_key_pair_without_plaintext = 7,
  generate_mac = 8,
  verify_mac = 9,
  sign = 10,
  verify = 11,
  derive_shared_secret = 12,
};

// Why a version came.
enum class RotationKind : std::uint8_t {  // stored on disk
  automatic = 1,
  on_demand = 2,
};

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

struct KeyTag {
  std::string key;
  std::string value;
  static constexpr auto kMembers = std::tuple{&KeyTag::key, &KeyTag::value};
  friend bool operator==(const KeyTag&, const KeyTag&) = default;
};

// What there is to say about the material of one version, where it is not the usual: made by the
// server, on demand, for good.
struct MaterialFact {
  std::uint32_t number = 0;
  RotationKind kind = RotationKind::on_demand;
  Bytes id;  // of imported material; empty: made of the version's uid, see key_id.h
  std::string description;
  std::optional<Timestamp> expires;
  bool gone = false;  // its owner took it back, or it expired: the same must come again
  static constexpr auto kMembers = std::tuple{&MaterialFact::number,
                                              &MaterialFact::kind,
                                              &MaterialFact::id,
                                              &MaterialFact::description,
                                              &MaterialFact::expires,
                                              &MaterialFact::gone};
};

struct MasterKeyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kMasterKeys;
  static constexpr std::uint8_t kVersion = 2;
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
  // From here on since version 2.
  rows::Clear<KeyPurpose> purpose{KeyPurpose::unsaid};
  rows::Clear<std::string> region;  // empty: of no region, and so in all of them
  rows::Clear<bool> multi_region{false};
  rows::Clear<std::string> manager;  // the service that the server made it for; empty: a person's
  rows::Clear<std::string> description;
  rows::Clear<std::vector<KeyTag>> tags;
  rows::Clear<std::string> policy;  // empty: the default, which leaves everything to the account
  rows::Clear<std::uint64_t> policy_revision{std::uint64_t{0}};
  rows::Clear<std::optional<Timestamp>> next_rotation;  // {}: a period after the latest version
  rows::Clear<std::uint32_t> on_demand_rotations{0U};
  rows::Clear<std::vector<MaterialFact>> facts;  // ascending by number
  rows::Clear<std::optional<KeyVersion>> next;   // imported, and in use from the next rotation on
  rows::Clear<std::uint32_t> grants{0U};         // how many there are
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
                                              &MasterKeyRow::condemned,
                                              &MasterKeyRow::purpose,
                                              &MasterKeyRow::region,
                                              &MasterKeyRow::multi_region,
                                              &MasterKeyRow::manager,
                                              &MasterKeyRow::description,
                                              &MasterKeyRow::tags,
                                              &MasterKeyRow::policy,
                                              &MasterKeyRow::policy_revision,
                                              &MasterKeyRow::next_rotation,
                                              &MasterKeyRow::on_demand_rotations,
                                              &MasterKeyRow::facts,
                                              &MasterKeyRow::next,
                                              &MasterKeyRow::grants};

  // A destroyed key lies beside the names, so that its own is free.
  [[nodiscard]] Bytes key() const;
  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  // 0: none.
  [[nodiscard]] std::uint32_t latest() const {
    return versions->empty() ? 0 : versions->back().number;
  }

  // Null when there is none of this number.
  [[nodiscard]] const KeyVersion* version(std::uint64_t number) const;
  // Null when there is nothing unusual to say about this version.
  [[nodiscard]] const MaterialFact* fact(std::uint32_t number) const;
  // When imported material that is there expires first; nullopt: never.
  [[nodiscard]] std::optional<Timestamp> expires() const;
  // When the server will rotate it; nullopt: never.
  [[nodiscard]] std::optional<Timestamp> rotates() const;
  // When a job has to look at the key: to rotate, delete, expire or erase. nullopt: never.
  [[nodiscard]] std::optional<Timestamp> due() const;
  // The state at `now`: material that has expired is not there, whether a job has looked or not.
  [[nodiscard]] KeyState state_at(Timestamp now) const;
};

inline constexpr store::IndexId kKeyUids{501};  // stored on disk; entry: mount id | uid
inline constexpr store::IndexId kKeyDue{502};   // entry: u64 nanoseconds of due(), big endian
inline constexpr store::IndexId kKeyAliasTargets{503};  // entry: mount id | uid of the key
inline constexpr store::IndexId kGrantees{504};  // entry: mount id | uid of the key | grantee | 0
inline constexpr store::IndexId kRetirers{505};  // entry: mount id | retiring principal | 0

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
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;  // the master key's
  rows::Clear<Timestamp> last_used;
  rows::Clear<KeyOperation> operation{KeyOperation::unknown};  // since version 2
  static constexpr auto kMembers =
      std::tuple{&KeyUseRow::mount, &KeyUseRow::uid, &KeyUseRow::last_used, &KeyUseRow::operation};

  [[nodiscard]] Bytes key() const { return KeyVersionRow::key_of(*mount, *uid); }
};

// Another name for a key. It names the key by its uid: what takes the name of a key that is gone is
// not reached by it.
struct KeyAliasRow {
  static constexpr rows::TableSpec kTable = rows::tables::kKeyAliases;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> alias;
  rows::Clear<Bytes> uid;           // the master key's
  rows::Clear<std::string> region;  // from here on since version 2; empty: in all of them
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  static constexpr auto kMembers = std::tuple{&KeyAliasRow::mount,
                                              &KeyAliasRow::alias,
                                              &KeyAliasRow::uid,
                                              &KeyAliasRow::region,
                                              &KeyAliasRow::created,
                                              &KeyAliasRow::updated};

  [[nodiscard]] Bytes key() const { return place(*mount, *region, *alias); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  // Aliases of a region lie side by side, in order.
  static Bytes place(ByteView mount, std::string_view region, std::string_view alias);
};

// That somebody may do some things with a key, whatever policies say: key_grants.h.
struct KeyGrantRow {
  static constexpr rows::TableSpec kTable = rows::tables::kKeyGrants;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> owner;  // the master key's uid
  rows::Clear<Bytes> id;     // 32 random octets
  rows::Clear<std::string> name;
  rows::Clear<std::string> grantee;   // ARN
  rows::Clear<std::string> retiring;  // ARN; empty: nobody
  rows::Clear<std::uint32_t> operations{0U};
  rows::Clear<std::map<std::string, std::string>> context_equals;
  rows::Clear<std::map<std::string, std::string>> context_subset;
  rows::Clear<std::string> issuer;  // ARN of the account
  rows::Clear<Timestamp> created;
  static constexpr auto kMembers = std::tuple{&KeyGrantRow::mount,
                                              &KeyGrantRow::owner,
                                              &KeyGrantRow::id,
                                              &KeyGrantRow::name,
                                              &KeyGrantRow::grantee,
                                              &KeyGrantRow::retiring,
                                              &KeyGrantRow::operations,
                                              &KeyGrantRow::context_equals,
                                              &KeyGrantRow::context_subset,
                                              &KeyGrantRow::issuer,
                                              &KeyGrantRow::created};

  [[nodiscard]] Bytes key() const { return place(*mount, *owner, *id); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  static Bytes place(ByteView mount, ByteView owner, ByteView id);
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
extern template struct coffer::rows::RowCodec<coffer::domain::KeyGrantRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KeyConfigRow>;
