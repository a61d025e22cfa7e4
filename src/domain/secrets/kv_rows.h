// The rows of versioned secrets (format: docs/formats/secrets.md).
//
// A SecretRow says all about a secret but its older values: which versions there are, which is
// current, and the data key under which every value of it is sealed. A small current value lies in
// it too, and moves to a RevisionRow when the next version comes; every other value has a
// RevisionRow. Those rows stand in slots: a version that is pruned leaves its slot to the next that
// needs one, so that a secret at its limit changes two rows a write and adds none. The version
// table is ascending: versions are appended at its end and pruned from its front, but for those
// that a stage points at.
#pragma once

#include "base/clock.h"
#include "base/wire.h"
#include "domain/secrets/secret_extra.h"
#include "domain/secrets/secret_key.h"
#include "rows/row.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer::domain {

// One line of the version table.
struct VersionState {
  std::uint64_t number = 0;  // from 1
  Timestamp created;
  Timestamp deletion;  // {}: never; may lie ahead
  bool destroyed = false;
  static constexpr auto kMembers = std::tuple{&VersionState::number,
                                              &VersionState::created,
                                              &VersionState::deletion,
                                              &VersionState::destroyed};

  // Whether the value is withheld.
  [[nodiscard]] bool gone(Timestamp now) const {
    return destroyed || (deletion.ns != 0 && deletion <= now);
  }
};

using CustomMetadata = std::map<std::string, std::string>;

// A current value whose ciphertext is not larger lies in its secret's row, so that reading it takes
// one row.
inline constexpr std::size_t kMaxCurrentValue = 1024;

struct SecretRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecrets;
  static constexpr std::uint8_t kVersion = 5;
  rows::Clear<Bytes> mount;  // the mount's id
  rows::Clear<std::string> path;
  rows::Clear<Bytes> uid;  // 8 random octets: another one when the path is used again
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::uint64_t> current;  // the one that is read; 0: there is none yet
  rows::Clear<std::vector<VersionState>> versions;
  rows::Clear<std::uint32_t> max_versions;  // 0: the mount's
  rows::Clear<bool> cas_required;
  rows::Clear<Duration> delete_version_after;  // 0: the mount's
  rows::Clear<CustomMetadata> custom_metadata;
  rows::Sealed<secure::SecureBytes> data_key;
  // Since version 2: the ciphertext of the current version; empty: it is in its RevisionRow.
  rows::Clear<Bytes> current_value;
  // Since version 3. For each of `versions` the slot of its RevisionRow; 0: it has none, being
  // destroyed or in `current_value`. Shorter in older rows: the slot is the version's number.
  rows::Clear<std::vector<std::uint64_t>> slots;
  rows::Clear<std::string>
      current_author;  // of the version in `current_value`, where it has no row
  // Since version 4: how often the settings were written, for a check-and-set of their own, and
  // whether that check is required.
  rows::Clear<std::uint64_t> metadata_version;
  rows::Clear<bool> metadata_cas_required;
  // Since version 5: absent until something is asked for that only it can say.
  rows::Clear<rows::Boxed<SecretExtra>> extra;
  static constexpr auto kMembers = std::tuple{&SecretRow::mount,
                                              &SecretRow::path,
                                              &SecretRow::uid,
                                              &SecretRow::created,
                                              &SecretRow::updated,
                                              &SecretRow::current,
                                              &SecretRow::versions,
                                              &SecretRow::max_versions,
                                              &SecretRow::cas_required,
                                              &SecretRow::delete_version_after,
                                              &SecretRow::custom_metadata,
                                              &SecretRow::data_key,
                                              &SecretRow::current_value,
                                              &SecretRow::slots,
                                              &SecretRow::current_author,
                                              &SecretRow::metadata_version,
                                              &SecretRow::metadata_cas_required,
                                              &SecretRow::extra};

  [[nodiscard]] Bytes key() const { return secret_key(*mount, *path); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;

  // Whether it is to be erased when its recovery window ends: until then nothing of it is read.
  [[nodiscard]] bool pending_deletion() const { return *extra && (*extra)->deletion.ns != 0; }
};

// When a job has to look at the secret: to erase or to rotate it. Entry: u64 nanoseconds, big
// endian.
inline constexpr store::IndexId kSecretDue{301};  // stored on disk
// Under which version of which master key its data key lies. Entry: uid of the key (16), u32
// version, big endian: the oldest versions of a key come first.
inline constexpr store::IndexId kSecretWraps{302};  // stored on disk

// A slot is the time in nanoseconds at which it was made, so that new rows come in the order of
// their keys. Older slots are the numbers of versions, with another order of the key's parts.
inline constexpr std::uint64_t kFirstTimeSlot = std::uint64_t{1} << 40U;

inline Bytes revision_key(ByteView mount, ByteView uid, std::uint64_t slot) {
  Bytes key = to_bytes(mount);
  if (slot < kFirstTimeSlot) append(key, uid);
  Writer(key).u64(slot);
  if (slot >= kFirstTimeSlot) append(key, uid);
  return key;
}

struct RevisionRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRevisions;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<std::uint64_t> version;
  rows::Clear<Timestamp> created;
  rows::Clear<std::string> author;  // display name of whoever wrote it
  rows::Clear<Bytes> ciphertext;    // the value under the secret's data key (value_cipher.h)
  rows::Clear<std::uint64_t> slot;  // since version 2; 0 in older rows: the version's number
  static constexpr auto kMembers = std::tuple{&RevisionRow::mount,
                                              &RevisionRow::uid,
                                              &RevisionRow::version,
                                              &RevisionRow::created,
                                              &RevisionRow::author,
                                              &RevisionRow::ciphertext,
                                              &RevisionRow::slot};

  [[nodiscard]] Bytes key() const {
    return revision_key(*mount, *uid, *slot == 0 ? *version : *slot);
  }
};

// Settings of one mount. Absent: all defaults.
struct KvConfigRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<std::uint32_t> max_versions;  // 0: kDefaultVersions
  rows::Clear<bool> cas_required;
  rows::Clear<Duration> delete_version_after;  // 0: none; negative: none for any secret
  rows::Clear<bool> metadata_cas_required;     // since version 2
  static constexpr auto kMembers = std::tuple{&KvConfigRow::mount,
                                              &KvConfigRow::max_versions,
                                              &KvConfigRow::cas_required,
                                              &KvConfigRow::delete_version_after,
                                              &KvConfigRow::metadata_cas_required};

  static Bytes key_of(ByteView mount) {
    Bytes key = to_bytes("kv-config:");
    append(key, mount);
    return key;
  }

  [[nodiscard]] Bytes key() const { return key_of(*mount); }
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::SecretRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::RevisionRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::KvConfigRow>;
