// The rows of versioned secrets (format: docs/formats/secrets.md).
//
// A SecretRow says all about a secret but its values: which versions there are, which is current,
// and the data key under which every value of it is sealed. A RevisionRow holds one value. The
// version table is ascending and without gaps: versions are appended at its end and pruned from its
// front; a version in it that is not destroyed has a RevisionRow. Plain values.
#pragma once

#include "base/clock.h"
#include "base/wire.h"
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

// Ciphertexts up to this size lie in their secret's row too, so that reading the current value
// takes one row.
inline constexpr std::size_t kMaxCurrentValue = 1024;

struct SecretRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecrets;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;  // the mount's id
  rows::Clear<std::string> path;
  rows::Clear<Bytes> uid;  // 8 random octets: another one when the path is used again
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::uint64_t> current;  // the newest version; 0: there is none yet
  rows::Clear<std::vector<VersionState>> versions;
  rows::Clear<std::uint32_t> max_versions;  // 0: the mount's
  rows::Clear<bool> cas_required;
  rows::Clear<Duration> delete_version_after;  // 0: the mount's
  rows::Clear<CustomMetadata> custom_metadata;
  rows::Sealed<secure::SecureBytes> data_key;
  // Since version 2: the ciphertext of the current version again; empty: in its RevisionRow only.
  rows::Clear<Bytes> current_value;
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
                                              &SecretRow::current_value};

  [[nodiscard]] Bytes key() const { return secret_key(*mount, *path); }
};

// Versions of one secret lie side by side, in order.
inline Bytes revision_key(ByteView mount, ByteView uid, std::uint64_t version) {
  Bytes key = to_bytes(mount);
  append(key, uid);
  Writer(key).u64(version);
  return key;
}

struct RevisionRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRevisions;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> uid;
  rows::Clear<std::uint64_t> version;
  rows::Clear<Timestamp> created;
  rows::Clear<std::string> author;  // display name of whoever wrote it
  rows::Clear<Bytes> ciphertext;    // the value under the secret's data key (value_cipher.h)
  static constexpr auto kMembers = std::tuple{&RevisionRow::mount,
                                              &RevisionRow::uid,
                                              &RevisionRow::version,
                                              &RevisionRow::created,
                                              &RevisionRow::author,
                                              &RevisionRow::ciphertext};

  [[nodiscard]] Bytes key() const { return revision_key(*mount, *uid, *version); }
};

// Settings of one mount. Absent: all defaults.
struct KvConfigRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::uint32_t> max_versions;  // 0: kDefaultVersions
  rows::Clear<bool> cas_required;
  rows::Clear<Duration> delete_version_after;  // 0: none; negative: none for any secret
  static constexpr auto kMembers = std::tuple{&KvConfigRow::mount,
                                              &KvConfigRow::max_versions,
                                              &KvConfigRow::cas_required,
                                              &KvConfigRow::delete_version_after};

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
