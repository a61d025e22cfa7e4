// Row: what a struct must declare to be stored, and how it becomes one sealed blob.
//
//   struct UserRow {
//     static constexpr TableSpec kTable = tables::kUsers;
//     static constexpr std::uint8_t kVersion = 1;
//     Clear<std::string> name;
//     Sealed<secure::SecureBytes> password_hash;
//     static constexpr auto kMembers = std::tuple{&UserRow::name, &UserRow::password_hash};
//     Bytes key() const;                                 // unique in its table and realm
//     std::vector<store::IndexEntry> index() const;      // optional
//   };
//
// Blob (docs/formats/row.md):  u8 1 | u32 keyring term | u8 row version | bytes clear | sealed,
// where sealed = XAES-256-GCM(table key of the term, plaintext = encoded sealed members, associated
// data = "coffer row v1" | all that precedes | u16 table | u32 realm | bytes key | u64 revision).
// The columns of the store are a projection: they are compared with what the blob authenticates and
// never decoded from. Members are only ever appended to a row; a blob of an older version lacks the
// last ones, which keep their defaults: those of the struct, or of the type.
#pragma once

#include "keys/keyring.h"
#include "rows/codec.h"
#include "rows/member.h"
#include "rows/table.h"

#include <concepts>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace coffer::rows {

template <class M>
inline constexpr bool kMemberIsClearOrSealed = false;
template <class R, class M>
inline constexpr bool kMemberIsClearOrSealed<M R::*> = kIsClear<M> || kIsSealed<M>;

template <class Tuple>
inline constexpr bool kAllMembersDeclared = false;
template <class... P>
inline constexpr bool kAllMembersDeclared<std::tuple<P...>> = (kMemberIsClearOrSealed<P> && ...);

template <class R>
concept Row = requires(const R& row) {
  { R::kTable } -> std::convertible_to<TableSpec>;
  { R::kVersion } -> std::convertible_to<std::uint8_t>;
  { row.key() } -> std::same_as<Bytes>;
} && kAllMembersDeclared<std::remove_cvref_t<decltype(R::kMembers)>>;

// A row as it was read: clear members decoded, sealed members closed inside the blob. Immutable and
// shared; it lives in the cache.
template <Row R>
struct Loaded {
  R row;
  std::uint64_t revision = 0;
  Bytes blob;

  const R* operator->() const { return &row; }
};

template <Row R>
using RowPtr = std::shared_ptr<const Loaded<R>>;  // null: absent

// Where a blob belongs; part of its associated data.
struct Place {
  store::Key key;
  std::uint64_t revision = 0;
};

// Type-independent half: framing and encryption.
Bytes seal_blob(const keys::Keyring& keyring,
                const Place& place,
                std::uint8_t row_version,
                ByteView clear,
                ByteView sealed);

struct BlobParts {
  std::uint32_t term = 0;
  std::uint8_t row_version = 0;
  ByteView head;  // all before the sealed part
  ByteView clear;
  ByteView sealed;
};

Result<BlobParts> split_blob(ByteView blob);
Result<secure::SecureBytes> open_blob(const keys::Keyring& keyring,
                                      const Place& place,
                                      ByteView blob);
// Authenticates and gives out nothing secret. Errors: corrupt, naming table and place in the
// message.
Result<> verify_blob(const keys::Keyring& keyring, const Place& place, ByteView blob);
// The same row at another revision, sealed under the active term. Errors: those of open_blob().
Result<Bytes> reseal_blob(const keys::Keyring& keyring,
                          const Place& place,
                          ByteView blob,
                          std::uint64_t revision);
// What audit events record of a row's content: the blob's tag, which is its last 16 octets. The
// records of keys/ (tables below kFirstRowTable) are no blobs of this floor: the first 16 octets of
// their SHA-256.
std::array<std::uint8_t, 16> change_seal(store::TableId table, ByteView blob);

namespace detail {

template <Row R>
void encode_members(const R& row, bool sealed, Writer& w) {
  std::apply(
      [&](auto... member) {
        ((kIsSealed<std::remove_cvref_t<decltype(row.*member)>> == sealed
              ? encode_value(w, *(row.*member))
              : void()),
         ...);
      },
      R::kMembers);
}

// Sealed members of a loaded row are closed and may be of types without copies.
template <Row R>
R copy_clear(const R& row) {
  R copy{};
  std::apply(
      [&](auto... member) {
        (
            [&] {
              if constexpr (kIsClear<std::remove_cvref_t<decltype(row.*member)>>) {
                copy.*member = row.*member;
              }
            }(),
            ...);
      },
      R::kMembers);
  return copy;
}

template <Row R>
std::size_t sealed_bound(const R& row) {
  std::size_t total = 0;
  std::apply(
      [&](auto... member) {
        ((kIsSealed<std::remove_cvref_t<decltype(row.*member)>>
              ? void(total += encoded_bound(*(row.*member)))
              : void()),
         ...);
      },
      R::kMembers);
  return total;
}

template <Row R, class M>
Result<> decode_member(R& row, M R::* member, bool older, Reader& r) {
  if (older && r.left() == 0) {
    if constexpr (kIsSealed<M>) {
      if (!(row.*member).is_open()) row.*member = typename M::Value{};
    }
    return {};
  }
  typename M::Value value{};
  COFFER_CHECK(decode_value(r, value));
  row.*member = M(std::move(value));
  return {};
}

template <Row R>
Result<> decode_members(R& row, bool sealed, std::uint8_t version, ByteView encoded) {
  if (version > R::kVersion) return fail(Code::corrupt, "row version is newer than this program");
  Reader r(encoded);
  Result<> result;
  std::apply(
      [&](auto... member) {
        ((result && kIsSealed<std::remove_cvref_t<decltype(row.*member)>> == sealed
              ? void(result = decode_member(row, member, version < R::kVersion, r))
              : void()),
         ...);
      },
      R::kMembers);
  if (!result) return result;
  return r.finish();
}

template <Row R>
inline constexpr bool kHasSealed = std::apply(
    [](auto... member) {
      return (kIsSealed<std::remove_cvref_t<decltype(std::declval<R&>().*member)>> || ...);
    },
    R::kMembers);

}  // namespace detail

template <Row R>
store::Key row_key(store::RealmId realm, Bytes key) {
  return {R::kTable.id, realm, std::move(key)};
}

// How one row type becomes a blob and comes back. With all members expanded these functions are
// long to compile: a row type that many files use says, below its declaration,
//   extern template struct coffer::rows::RowCodec<R>;
// and one source file instantiates it.
template <Row R>
struct RowCodec {
  static Bytes seal(const keys::Keyring& keyring, const Place& place, const R& row);
  // Authenticates the blob and decodes the clear members. With `opened`, what was decrypted for it
  // is given out, for decode_sealed().
  static Result<RowPtr<R>> load(const keys::Keyring& keyring,
                                const Place& place,
                                Bytes blob,
                                secure::SecureBytes* opened = nullptr);
  // A copy with the sealed members open.
  static Result<R> open(const keys::Keyring& keyring, const Place& place, const Loaded<R>& loaded);
  // Only the sealed members, open; the clear ones keep their defaults. For readers of hot rows that
  // have the clear members at hand already.
  static Result<R> open_sealed(const keys::Keyring& keyring,
                               const Place& place,
                               const Loaded<R>& loaded);
  // The same of a row whose sealed part is open already.
  static Result<R> decode_sealed(const Loaded<R>& loaded, const secure::SecureBytes& opened);
};

template <Row R>
Bytes RowCodec<R>::seal(const keys::Keyring& keyring, const Place& place, const R& row) {
  Bytes clear;
  Writer clear_writer(clear);
  detail::encode_members(row, false, clear_writer);
  Bytes plain;
  Writer plain_writer(plain);
  if constexpr (detail::kHasSealed<R>) {
    plain.reserve(detail::sealed_bound(row));  // no growth: no copies left behind
    detail::encode_members(row, true, plain_writer);
  }
  Bytes blob = seal_blob(keyring, place, R::kVersion, clear, plain);
  secure::wipe(plain.data(), plain.size());
  return blob;
}

template <Row R>
Result<RowPtr<R>> RowCodec<R>::load(const keys::Keyring& keyring,
                                    const Place& place,
                                    Bytes blob,
                                    secure::SecureBytes* opened) {
  if (opened == nullptr) {
    COFFER_CHECK(verify_blob(keyring, place, blob));
  } else {
    COFFER_TRY(*opened, open_blob(keyring, place, blob));
  }
  COFFER_TRY(const BlobParts parts, split_blob(blob));
  auto loaded = std::make_shared<Loaded<R>>();
  COFFER_CHECK(detail::decode_members(loaded->row, false, parts.row_version, parts.clear));
  if (loaded->row.key() != place.key.key) return fail(Code::corrupt, "row and key disagree");
  loaded->revision = place.revision;
  loaded->blob = std::move(blob);
  return RowPtr<R>(std::move(loaded));
}

template <Row R>
Result<R> RowCodec<R>::open(const keys::Keyring& keyring,
                            const Place& place,
                            const Loaded<R>& loaded) {
  COFFER_TRY(const secure::SecureBytes plain, open_blob(keyring, place, loaded.blob));
  COFFER_TRY(const BlobParts parts, split_blob(loaded.blob));
  R row = detail::copy_clear(loaded.row);
  COFFER_CHECK(detail::decode_members(row, true, parts.row_version, plain.view()));
  return row;
}

template <Row R>
Result<R> RowCodec<R>::open_sealed(const keys::Keyring& keyring,
                                   const Place& place,
                                   const Loaded<R>& loaded) {
  COFFER_TRY(const secure::SecureBytes plain, open_blob(keyring, place, loaded.blob));
  return decode_sealed(loaded, plain);
}

template <Row R>
Result<R> RowCodec<R>::decode_sealed(const Loaded<R>& loaded, const secure::SecureBytes& opened) {
  COFFER_TRY(const BlobParts parts, split_blob(loaded.blob));
  R row{};
  COFFER_CHECK(detail::decode_members(row, true, parts.row_version, opened.view()));
  return row;
}

template <Row R>
std::vector<store::IndexEntry> row_index(const R& row) {
  if constexpr (requires { row.index(); }) {
    return row.index();
  } else {
    return {};
  }
}

}  // namespace coffer::rows
