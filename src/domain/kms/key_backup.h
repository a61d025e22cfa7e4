// Backups of single keys: a text that brings a key with all its versions to another mount or
// server.
//
// The text is base64 of a versioned binary form with a digest at its end (docs/formats/keys.md). It
// holds the key material in clear: it is a secret, and made only of keys that allow both export and
// plaintext backups. The digest finds accidents; whoever can change the text can make a key of his
// own anyway. Reading checks every part as an import does.
//
// Limits: kMaxBackup octets of text, kMaxBackupVersions. Pure functions. Errors: invalid_argument,
// precondition_failed (the key does not allow it), too_large.
#pragma once

#include "domain/kms/key_material.h"
#include "domain/kms/key_rows.h"

#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxBackupVersions = 60;
inline constexpr std::size_t kMaxBackup = 512 * 1024;

struct KeyBackup {
  MasterKeyRow key;  // without mount and uids, which it gets where it is restored
  std::vector<KeyMaterial> versions;
};

// precondition_failed unless the key allows it.
Result<> check_backup(const MasterKeyRow& key);
// `versions` are those of the row, in their order.
Result<secure::SecureText> write_backup(const MasterKeyRow& key,
                                        const std::vector<KeyMaterial>& versions);
Result<KeyBackup> read_backup(std::string_view text);

}  // namespace coffer::domain
