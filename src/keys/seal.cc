#include "keys/seal.h"

#include "base/wire.h"
#include "crypto/kdf.h"
#include "crypto/shamir.h"

#include <algorithm>

namespace coffer::keys {
namespace {

constexpr std::uint8_t kSealFormat = 1;
constexpr std::string_view kKeyringLabel = "coffer keyring v1";
constexpr std::string_view kSealLabel = "coffer seal v1";
constexpr std::size_t kMacSize = crypto::Digest().size();
constexpr int kGenerationShift = 32;  // revision of the keyring row = generation, then rotations

store::Key seal_key() {
  return {kSealTable, store::kSystemRealm, to_bytes("seal")};
}

store::Key keyring_key() {
  return {kSealTable, store::kSystemRealm, to_bytes("keyring")};
}

crypto::Digest seal_mac(ByteView root, ByteView encoded) {
  return crypto::hmac_sha256(crypto::derive_key(root, kSealLabel).view(), encoded);
}

Bytes encode_record(const SealRecord& record) {
  Bytes out;
  Writer w(out);
  w.u8(kSealFormat);
  w.u8(record.shares);
  w.u8(record.threshold);
  w.u64(record.generation);
  for (const crypto::Digest& digest : record.share_digests) append(out, digest);
  w.text(record.cluster_id);
  w.u64(static_cast<std::uint64_t>(record.created.ns));
  w.bytes(record.audit_public_key);
  return out;
}

Bytes keyring_aad(std::uint64_t revision) {
  Bytes aad = to_bytes(kKeyringLabel);
  Writer(aad).u64(revision);
  return aad;
}

}  // namespace

Result<SealRecord> decode_seal(ByteView blob) {
  Reader r(blob);
  SealRecord record;
  COFFER_TRY(const std::uint8_t format, r.u8());
  if (format != kSealFormat) return fail(Code::corrupt, "unknown format of the seal record");
  COFFER_TRY(record.shares, r.u8());
  COFFER_TRY(record.threshold, r.u8());
  if (!check_numbers({record.shares, record.threshold})) {
    return fail(Code::corrupt, "impossible numbers in the seal record");
  }
  COFFER_TRY(record.generation, r.u64());
  for (std::size_t i = 0; i < record.shares; ++i) {
    COFFER_TRY(const ByteView raw, r.take(record.share_digests.emplace_back().size()));
    std::ranges::copy(raw, record.share_digests.back().begin());
  }
  COFFER_TRY(record.cluster_id, r.text());
  COFFER_TRY(const std::uint64_t created, r.u64());
  record.created.ns = static_cast<std::int64_t>(created);
  COFFER_TRY(const ByteView audit_key, r.bytes());
  record.audit_public_key = to_bytes(audit_key);
  COFFER_CHECK(r.take(kMacSize));
  COFFER_CHECK(r.finish());
  return record;
}

Result<> check_numbers(SealNumbers numbers) {
  if (numbers.shares < 1 || numbers.shares > 255) {
    return fail(Code::invalid_argument, "the number of shares must be between 1 and 255");
  }
  if (numbers.threshold < 1 || numbers.threshold > numbers.shares) {
    return fail(Code::invalid_argument, "the threshold must be between 1 and the number of shares");
  }
  if (numbers.threshold == 1 && numbers.shares > 1) {
    return fail(Code::invalid_argument, "a threshold of 1 needs exactly one share");
  }
  return {};
}

store::Put keyring_row(const Keyring& keyring,
                       ByteView root,
                       std::uint64_t revision,
                       crypto::Random& random) {
  const secure::SecureBytes key = crypto::derive_key(root, kKeyringLabel);
  const auto aead = crypto::make_aead(crypto::AeadKind::xaes256_gcm, key.view(), random);
  const secure::SecureBytes plain = keyring.encode();
  store::Put put{keyring_key(), revision, {}, {}};
  (*aead)->seal(keyring_aad(revision), plain.view(), put.blob);
  return put;
}

Result<NewSeal> make_seal(SealNumbers numbers,
                          const Keyring& keyring,
                          std::string cluster_id,
                          std::uint64_t generation,
                          Timestamp now,
                          crypto::Random& random) {
  COFFER_CHECK(check_numbers(numbers));
  NewSeal seal;
  const secure::LockedKey& root = seal.root =
      secure::LockedKey(random.bytes(secure::LockedKey::kSize).view());
  if (numbers.shares == 1) {
    // One share is the root key itself, as Vault has it.
    seal.shares.shares.emplace_back(root.view());
  } else {
    COFFER_TRY(seal.shares.shares,
               crypto::shamir_split(root.view(), numbers.shares, numbers.threshold, random));
  }
  seal.record = {.shares = static_cast<std::uint8_t>(numbers.shares),
                 .threshold = static_cast<std::uint8_t>(numbers.threshold),
                 .generation = generation,
                 .share_digests = {},
                 .cluster_id = std::move(cluster_id),
                 .created = now,
                 .audit_public_key = keyring.audit_key().public_key().der()};
  for (const secure::SecureBytes& share : seal.shares.shares) {
    seal.record.share_digests.push_back(crypto::sha256(share.view()));
  }
  Bytes record = encode_record(seal.record);
  append(record, seal_mac(root.view(), record));
  seal.rows.push_back({seal_key(), generation, std::move(record), {}});
  seal.rows.push_back(keyring_row(keyring, root.view(), generation << kGenerationShift, random));
  return seal;
}

Result<std::optional<SealRecord>> read_seal(const store::Store& store) {
  COFFER_TRY(const std::optional<store::Stored> stored, store.get(seal_key()));
  if (!stored) return std::optional<SealRecord>();
  COFFER_TRY(SealRecord record, decode_seal(stored->blob));
  return std::optional(std::move(record));
}

namespace {

// The seal row is the one that was written with this root key and this generation of the keyring.
Result<> check_seal(const store::Store& store, ByteView root, std::uint64_t keyring_revision) {
  COFFER_TRY(const std::optional<store::Stored> stored, store.get(seal_key()));
  if (!stored) return fail(Code::corrupt, "the seal record is missing");
  COFFER_TRY(const SealRecord record, decode_seal(stored->blob));
  const ByteView blob = stored->blob;
  const ByteView encoded = blob.first(blob.size() - kMacSize);
  if (!secure::equal(seal_mac(root, encoded), blob.last(kMacSize)) ||
      stored->revision != record.generation ||
      keyring_revision >> kGenerationShift != record.generation) {
    return fail(Code::corrupt, "the seal record was changed, or is not of this keyring");
  }
  return {};
}

}  // namespace

Result<OpenedKeyring> open_keyring(const store::Store& store,
                                   ByteView root,
                                   crypto::Random& random) {
  COFFER_TRY(const std::optional<store::Stored> stored, store.get(keyring_key()));
  if (!stored) return fail(Code::corrupt, "the keyring record is missing");
  const secure::SecureBytes key = crypto::derive_key(root, kKeyringLabel);
  COFFER_TRY(const auto aead, crypto::make_aead(crypto::AeadKind::xaes256_gcm, key.view(), random));
  auto plain = aead->open(keyring_aad(stored->revision), stored->blob);
  if (!plain) return fail(Code::invalid_argument, "the shares do not open the keyring");
  COFFER_CHECK(check_seal(store, root, stored->revision));
  OpenedKeyring opened;
  COFFER_TRY(opened.keyring, Keyring::decode(plain->view(), random));
  opened.revision = stored->revision;
  return opened;
}

}  // namespace coffer::keys
