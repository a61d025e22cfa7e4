// KeyAliases: other names for the keys of one mount, in each region by themselves.
//
// An alias names a key by its uid: it follows the key, never its name. Limits: 1 to 256 octets an
// alias, kMaxAliasesOfKey a key. Which aliases are well-formed is for the dialect to say. Borrows
// the view, which outlives its unit.
#pragma once

#include "domain/kms/master_keys.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxAlias = 256;
inline constexpr std::size_t kMaxAliasesOfKey = 50;

using AliasPtr = rows::RowPtr<KeyAliasRow>;  // null: there is none

class KeyAliases {
 public:
  KeyAliases(work::View& view, ByteView mount) : view_(view), mount_(to_bytes(mount)) {}

  Result<AliasPtr> find(std::string_view region, std::string_view alias);
  // Makes it, or points it at this key. exhausted when the key has too many.
  Result<> put(std::string_view region, std::string_view alias, const MasterKeyRow& key);
  Result<> remove(const KeyAliasRow& alias);
  // Those of a region after `after`, in order, at most `limit`.
  Result<std::vector<AliasPtr>> list(std::string_view region,
                                     std::string_view after,
                                     std::size_t limit);
  // Those of a key, in order.
  Result<std::vector<AliasPtr>> of_key(const MasterKeyRow& key);

 private:
  work::View& view_;
  Bytes mount_;
};

}  // namespace coffer::domain
