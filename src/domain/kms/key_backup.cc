#include "domain/kms/key_backup.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "crypto/hash.h"
#include "rows/codec.h"

namespace coffer::domain {
namespace {

constexpr std::string_view kMagic = "coffer key backup";
constexpr std::uint8_t kFormat = 1;

struct BackupVersion {
  std::uint32_t number = 0;
  Timestamp created;
  std::uint64_t reserved_uses = 0;
  Bytes public_key;
  secure::SecureBytes secret;
  secure::SecureBytes mac;
  static constexpr auto kMembers = std::tuple{&BackupVersion::number,
                                              &BackupVersion::created,
                                              &BackupVersion::reserved_uses,
                                              &BackupVersion::public_key,
                                              &BackupVersion::secret,
                                              &BackupVersion::mac};
};

struct BackupKey {
  std::string name;
  KeyType type{};
  std::uint8_t uses = 0;
  Timestamp created;
  std::uint32_t min_decryption = 0;
  std::uint32_t min_encryption = 0;
  std::uint32_t min_available = 0;
  std::uint32_t key_size = 0;
  bool derived = false;
  bool convergent = false;
  bool deletion_allowed = false;
  bool imported = false;
  bool allow_rotation = false;
  Duration rotate_period{};
  KeyCopy backup;
  std::vector<BackupVersion> versions;
  static constexpr auto kMembers = std::tuple{&BackupKey::name,
                                              &BackupKey::type,
                                              &BackupKey::uses,
                                              &BackupKey::created,
                                              &BackupKey::min_decryption,
                                              &BackupKey::min_encryption,
                                              &BackupKey::min_available,
                                              &BackupKey::key_size,
                                              &BackupKey::derived,
                                              &BackupKey::convergent,
                                              &BackupKey::deletion_allowed,
                                              &BackupKey::imported,
                                              &BackupKey::allow_rotation,
                                              &BackupKey::rotate_period,
                                              &BackupKey::backup,
                                              &BackupKey::versions};
};

std::unexpected<Error> malformed() {
  return fail(Code::invalid_argument, "not a backup of a key, or a damaged one");
}

BackupKey plain_of(const MasterKeyRow& key, const std::vector<KeyMaterial>& versions) {
  BackupKey out{*key.name,
                *key.type,
                *key.uses,
                *key.created,
                *key.min_decryption,
                *key.min_encryption,
                *key.min_available,
                *key.key_size,
                *key.derived,
                *key.convergent,
                *key.deletion_allowed,
                *key.imported,
                *key.allow_rotation,
                *key.rotate_period,
                *key.backup,
                {}};
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const KeyVersion& version = key.versions->at(i);
    out.versions.push_back({version.number,
                            version.created,
                            version.reserved_uses,
                            versions[i].public_key,
                            versions[i].secret.clone(),
                            versions[i].mac.clone()});
  }
  return out;
}

// Checked as an import is: what a key is made of must be what its type says.
Result<KeyMaterial> material_of(KeyType type, BackupVersion& version) {
  if (version.mac.size() < kMinHmacKey || version.mac.size() > kMaxHmacKey) return malformed();
  const auto unused = crypto::seeded_random(0);  // the key for MACs is the backup's own
  KeyMaterial material;
  if (version.secret.empty()) {
    COFFER_TRY(const auto key, crypto::PublicKey::from_der(version.public_key));
    if (pair_of(type) != key.kind()) return malformed();
    material.public_key = key.der();
  } else {
    COFFER_TRY(material, material_of_secret(type, std::move(version.secret), *unused));
  }
  material.mac = std::move(version.mac);
  return material;
}

bool is_sound(const BackupKey& key) {
  if (to_text(key.type) == "?" || key.versions.empty() ||
      key.versions.size() > kMaxBackupVersions) {
    return false;
  }
  std::uint64_t number = key.versions.front().number;
  if (number == 0) return false;
  for (const BackupVersion& version : key.versions) {
    if (version.number != number++ || version.reserved_uses > (std::uint64_t{1} << 32U)) {
      return false;
    }
  }
  const std::uint32_t latest = key.versions.back().number;
  const bool modes_fit = (!key.derived || derives(key.type)) &&
                         (!key.convergent || (key.derived && encrypts(key.type)));
  return modes_fit && key.min_decryption >= 1 && key.min_decryption <= latest &&
         key.min_encryption <= latest && key.min_available <= key.min_decryption &&
         key.key_size <= kMaxHmacKey && key.rotate_period >= Duration{};
}

Result<KeyBackup> backup_of(BackupKey plain) {
  if (!is_sound(plain)) return malformed();
  KeyBackup out;
  for (BackupVersion& version : plain.versions) {
    KeyVersion entry;
    entry.number = version.number;
    entry.created = version.created;
    entry.reserved_uses = version.reserved_uses;
    entry.has_secret = !version.secret.empty();
    COFFER_TRY(KeyMaterial material, material_of(plain.type, version));
    out.versions.push_back(std::move(material));
    out.key.versions->push_back(std::move(entry));
  }
  MasterKeyRow& key = out.key;
  key.name = std::move(plain.name);
  key.type = plain.type;
  key.uses = plain.uses;
  key.created = plain.created;
  key.min_decryption = plain.min_decryption;
  key.min_encryption = plain.min_encryption;
  key.min_available = plain.min_available;
  key.key_size = plain.key_size;
  key.derived = plain.derived;
  key.convergent = plain.convergent;
  key.exportable = true;
  key.allow_plaintext_backup = true;
  key.deletion_allowed = plain.deletion_allowed;
  key.imported = plain.imported;
  key.allow_rotation = plain.allow_rotation;
  key.rotate_period = plain.rotate_period;
  key.backup = plain.backup;
  return out;
}

}  // namespace

Result<> check_backup(const MasterKeyRow& key) {
  if (!*key.exportable) {
    return fail(Code::precondition_failed, "exporting is disallowed on the policy");
  }
  if (!*key.allow_plaintext_backup) {
    return fail(Code::precondition_failed, "plaintext backup is disallowed on the policy");
  }
  if (key.versions->size() > kMaxBackupVersions) {
    return fail(Code::too_large, "the key has too many versions for a backup; trim it first");
  }
  return {};
}

Result<secure::SecureText> write_backup(const MasterKeyRow& key,
                                        const std::vector<KeyMaterial>& versions) {
  COFFER_CHECK(check_backup(key));
  const BackupKey plain = plain_of(key, versions);
  Bytes octets;
  octets.reserve(kMagic.size() + 1 + rows::encoded_bound(plain) + sizeof(crypto::Digest));
  append(octets, as_bytes(kMagic));
  Writer writer(octets);
  writer.u8(kFormat);
  rows::encode_value(writer, plain);
  append(octets, crypto::sha256(octets));
  secure::SecureText text = secure::base64_text(octets);
  secure::wipe(octets.data(), octets.size());
  if (text.size() > kMaxBackup) return fail(Code::too_large, "the backup is too large");
  return text;
}

Result<KeyBackup> read_backup(std::string_view text) {
  if (text.size() > kMaxBackup) return malformed();
  secure::SecureBytes octets(text.size());
  const auto size = base64_decode_to(text, Base64::standard, octets.mutable_view().data());
  if (!size) return malformed();
  octets.resize(*size);
  constexpr std::size_t kDigest = sizeof(crypto::Digest);
  if (octets.size() < kMagic.size() + 1 + kDigest) return malformed();
  const ByteView signed_part = octets.view().first(octets.size() - kDigest);
  if (!secure::equal(crypto::sha256(signed_part), octets.view().last(kDigest)) ||
      !starts_with(signed_part, as_bytes(kMagic)) || signed_part[kMagic.size()] != kFormat) {
    return malformed();
  }
  Reader reader(signed_part.subspan(kMagic.size() + 1));
  BackupKey plain;
  if (!rows::decode_value(reader, plain) || !reader.finish()) return malformed();
  return backup_of(std::move(plain));
}

}  // namespace coffer::domain
