// KeyGrants: who may do some things with a key beside what policies say.
//
// A grant names its grantee by ARN, and the operations it allows, perhaps only with an encryption
// context: exactly this one, or one that has these pairs. It is found through the key's row, which
// counts its grants, and holds from the commit that made it. A grant made anew with the same name
// and the same content is the one that is there.
//
// Limits: kMaxGrants a key, kMaxGrantsOfGrantee of them for one grantee, who is looked up whole
// whenever it uses the key: a further one would not be found. Errors: exhausted beyond it, those
// from below. Borrows the view, which outlives its unit.
#pragma once

#include "domain/kms/key_rows.h"
#include "work/view.h"

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxGrants = 50'000;
inline constexpr std::size_t kMaxGrantsOfGrantee = 1000;
inline constexpr std::size_t kMaxRetirable = 10'000;  // that are listed
inline constexpr std::size_t kGrantId = 32;

// Bits of KeyGrantRow::operations; stored on disk.
enum class GrantOperation : std::uint32_t {
  decrypt = 1U << 0U,
  encrypt = 1U << 1U,
  generate_data_key = 1U << 2U,
  generate_data_key_without_plaintext = 1U << 3U,
  reencrypt_from = 1U << 4U,
  reencrypt_to = 1U << 5U,
  sign = 1U << 6U,
  verify = 1U << 7U,
  get_public_key = 1U << 8U,
  create_grant = 1U << 9U,
  retire_grant = 1U << 10U,
  describe_key = 1U << 11U,
  generate_data_key_pair = 1U << 12U,
  generate_data_key_pair_without_plaintext = 1U << 13U,
  generate_mac = 1U << 14U,
  verify_mac = 1U << 15U,
  derive_shared_secret = 1U << 16U,
};

// AWS's names: "ReEncryptFrom".
std::optional<GrantOperation> parse_grant_operation(std::string_view name);
std::vector<std::string_view> grant_operation_names(std::uint32_t operations);

using EncryptionContext = std::map<std::string, std::string>;
using GrantPtr = rows::RowPtr<KeyGrantRow>;  // null: there is none

class KeyGrants {
 public:
  KeyGrants(work::View& view, ByteView mount) : view_(view), mount_(to_bytes(mount)) {}

  // `grant` without mount, owner, id and date. Gives the grant that is there then.
  Result<KeyGrantRow> create(const MasterKeyRow& key, KeyGrantRow grant);
  Result<> remove(const MasterKeyRow& key, const KeyGrantRow& grant);
  Result<GrantPtr> find(ByteView owner, ByteView id);
  // After the id `after`, in order, at most `limit`.
  Result<std::vector<GrantPtr>> list(const MasterKeyRow& key, ByteView after, std::size_t limit);
  Result<std::vector<GrantPtr>> of_grantee(const MasterKeyRow& key, std::string_view grantee);
  // Of the grants that the principal retires, over all keys of the mount: where they are, in order,
  // at most kMaxRetirable.
  Result<std::vector<Bytes>> places_of_retirer(std::string_view principal);
  Result<GrantPtr> at(ByteView place);

 private:
  Result<std::vector<Bytes>> places_of_grantee(const MasterKeyRow& key, std::string_view grantee);
  Result<std::vector<GrantPtr>> found(const std::vector<Bytes>& places);

  work::View& view_;
  Bytes mount_;
};

// What one of several names may be doing.
struct GrantedUse {
  GrantOperation operation{};
  // The context that is used; nullptr: the operation has none, and constraints do not apply.
  const EncryptionContext* context = nullptr;
  // Of create_grant: what the new grant would be. It may say no more than the grant that allows it.
  const KeyGrantRow* made = nullptr;
};

bool allows(const KeyGrantRow& grant, const GrantedUse& use);

}  // namespace coffer::domain
