#include "rows/row.h"

#include "crypto/hash.h"

#include <algorithm>

namespace coffer::rows {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kLabel = "coffer row v1";

Bytes associated_data(ByteView head, const Place& place) {
  Bytes aad;
  aad.reserve(kLabel.size() + head.size() + place.key.key.size() + 24);
  append(aad, as_bytes(kLabel));
  append(aad, head);
  Writer w(aad);
  w.u16(place.key.table.value());
  w.u32(place.key.realm.value());
  w.bytes(place.key.key);
  w.u64(place.revision);
  return aad;
}

std::unexpected<Error> damaged(const Place& place) {
  return fail(Code::corrupt,
              "row of table " + std::to_string(place.key.table.value()) + " revision " +
                  std::to_string(place.revision) + " failed authentication");
}

}  // namespace

Bytes seal_blob(const keys::Keyring& keyring,
                const Place& place,
                std::uint8_t row_version,
                ByteView clear,
                ByteView sealed) {
  Bytes blob;
  blob.reserve(clear.size() + sealed.size() + 64);
  Writer w(blob);
  w.u8(kFormat);
  w.u32(keyring.active_term());
  w.u8(row_version);
  w.bytes(clear);
  const Bytes aad = associated_data(blob, place);
  // The active term always has its key.
  (*keyring.table_aead(keyring.active_term(), place.key.table))->seal(aad, sealed, blob);
  keyring.count_sealing();
  return blob;
}

Result<BlobParts> split_blob(ByteView blob) {
  Reader r(blob);
  COFFER_TRY(const std::uint8_t format, r.u8());
  if (format != kFormat) return fail(Code::corrupt, "unknown format of a row");
  BlobParts parts;
  COFFER_TRY(parts.term, r.u32());
  COFFER_TRY(parts.row_version, r.u8());
  COFFER_TRY(parts.clear, r.bytes());
  parts.head = blob.first(blob.size() - r.left());
  COFFER_TRY(parts.sealed, r.take(r.left()));
  return parts;
}

Result<secure::SecureBytes> open_blob(const keys::Keyring& keyring,
                                      const Place& place,
                                      ByteView blob) {
  COFFER_TRY(const BlobParts parts, split_blob(blob));
  const auto aead = keyring.table_aead(parts.term, place.key.table);
  if (!aead) return damaged(place);
  auto plain = (*aead)->open(associated_data(parts.head, place), parts.sealed);
  if (!plain) return damaged(place);
  return std::move(*plain);
}

Result<Bytes> reseal_blob(const keys::Keyring& keyring,
                          const Place& place,
                          ByteView blob,
                          std::uint64_t revision) {
  COFFER_TRY(const secure::SecureBytes plain, open_blob(keyring, place, blob));
  COFFER_TRY(const BlobParts parts, split_blob(blob));
  return seal_blob(keyring, {place.key, revision}, parts.row_version, parts.clear, plain.view());
}

Result<> verify_blob(const keys::Keyring& keyring, const Place& place, ByteView blob) {
  COFFER_TRY(const BlobParts parts, split_blob(blob));
  const auto aead = keyring.table_aead(parts.term, place.key.table);
  if (!aead || !(*aead)->verify(associated_data(parts.head, place), parts.sealed))
    return damaged(place);
  return {};
}

std::array<std::uint8_t, 16> change_seal(store::TableId table, ByteView blob) {
  std::array<std::uint8_t, 16> seal{};
  if (table < tables::kFirstRowTable) {
    std::ranges::copy_n(crypto::sha256(blob).begin(), seal.size(), seal.begin());
  } else if (blob.size() >= seal.size()) {
    std::copy_n(blob.end() - 16, 16, seal.begin());
  }
  return seal;
}

}  // namespace coffer::rows
