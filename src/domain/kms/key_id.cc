#include "domain/kms/key_id.h"

#include "base/encoding.h"
#include "base/uuid.h"
#include "crypto/hash.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::string_view kMultiRegion = "mrk-";
constexpr std::string_view kMaterialLabel = "coffer key material id v1|";

std::array<std::uint8_t, kKeyUid> octets_of(ByteView uid) {
  std::array<std::uint8_t, kKeyUid> octets{};
  std::ranges::copy(uid.first(std::min(uid.size(), octets.size())), octets.begin());
  return octets;
}

}  // namespace

Bytes new_key_uid(crypto::Random& random) {
  const auto uid = parse_uuid(uuid4(random.array<kKeyUid>()));
  return to_bytes(ByteView(*uid));
}

std::string key_id_of(ByteView uid, bool multi_region) {
  if (!multi_region) return uuid_text(octets_of(uid));
  return std::string(kMultiRegion) + hex_encode(uid);
}

std::optional<KeyId> parse_key_id(std::string_view text) {
  if (text.starts_with(kMultiRegion)) {
    auto uid = hex_decode(text.substr(kMultiRegion.size()));
    if (!uid || uid->size() != kKeyUid) return std::nullopt;
    return KeyId{*std::move(uid), true};
  }
  const auto uid = parse_uuid(text);
  if (!uid) return std::nullopt;
  return KeyId{to_bytes(ByteView(*uid)), false};
}

std::string material_id(const MasterKeyRow& key, const KeyVersion& version) {
  if (const MaterialFact* fact = key.fact(version.number); fact != nullptr && !fact->id.empty()) {
    return hex_encode(fact->id);
  }
  Bytes named = to_bytes(kMaterialLabel);
  append(named, version.uid);
  return hex_encode(crypto::sha256(named));
}

Bytes imported_material_id(const keys::Keyring& keyring, const MasterKeyRow& key, ByteView secret) {
  secure::SecureBytes named{ByteView(*key.uid)};
  named.append(secret);
  return to_bytes(keyring.lookup_digest("key material", named.view()));
}

}  // namespace coffer::domain
