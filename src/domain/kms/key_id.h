// Ids of keys and of their material, as AWS's clients see them.
//
//   key        the UUID of its uid; of a multi-Region key "mrk-" and the uid's 32 hexadecimal
//   digits material   64 hexadecimal digits: of the server's own, a digest of the version's uid; of
//   imported
//              material, a keyed digest of the octets, so that the same material has the same id
//              and nobody can try candidates without the keyring
//
// Pure functions, but for new_key_uid().
#pragma once

#include "crypto/random.h"
#include "domain/kms/key_rows.h"
#include "keys/keyring.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kKeyUid = 16;

// 16 octets, random but for the bits that a UUID of version 4 has.
Bytes new_key_uid(crypto::Random& random);

std::string key_id_of(ByteView uid, bool multi_region);

inline std::string key_id(const MasterKeyRow& key) {
  return key_id_of(*key.uid, *key.multi_region);
}

// What an id names; nullopt: it is not in either form.
struct KeyId {
  Bytes uid;
  bool multi_region = false;
};

std::optional<KeyId> parse_key_id(std::string_view text);

std::string material_id(const MasterKeyRow& key, const KeyVersion& version);
// The raw 32 octets, for MaterialFact::id.
Bytes imported_material_id(const keys::Keyring& keyring, const MasterKeyRow& key, ByteView secret);

}  // namespace coffer::domain
