#include "domain/kms/key_aliases.h"

#include <algorithm>

namespace coffer::domain {

Result<AliasPtr> KeyAliases::find(std::string_view region, std::string_view alias) {
  if (alias.empty() || alias.size() > kMaxAlias) return AliasPtr();
  return view_.find<KeyAliasRow>(KeyAliasRow::place(mount_, region, alias));
}

Result<> KeyAliases::put(std::string_view region, std::string_view alias, const MasterKeyRow& key) {
  if (alias.empty() || alias.size() > kMaxAlias) {
    return fail(Code::invalid_argument, "an alias has 1 to 256 characters");
  }
  COFFER_TRY(const auto present, find(region, alias));
  COFFER_TRY(const auto others, of_key(key));
  if (others.size() >= kMaxAliasesOfKey) {
    return fail(Code::exhausted, "the key has too many aliases");
  }
  KeyAliasRow row;
  row.mount = mount_;
  row.alias = std::string(alias);
  row.uid = *key.uid;
  row.region = std::string(region);
  row.created = present ? *present->row.created : view_.now();
  row.updated = view_.now();
  return view_.put(std::move(row));
}

Result<> KeyAliases::remove(const KeyAliasRow& alias) {
  return view_.erase<KeyAliasRow>(alias.key());
}

Result<std::vector<AliasPtr>> KeyAliases::list(std::string_view region,
                                               std::string_view after,
                                               std::size_t limit) {
  const Bytes first = KeyAliasRow::place(mount_, region, "");
  const Bytes from = KeyAliasRow::place(mount_, region, after);
  COFFER_TRY(const auto places, view_.keys<KeyAliasRow>(first, from, limit));
  std::vector<AliasPtr> found;
  for (const Bytes& place : places) {
    COFFER_TRY(AliasPtr alias, view_.find<KeyAliasRow>(place));
    if (alias) found.push_back(std::move(alias));
  }
  return found;
}

Result<std::vector<AliasPtr>> KeyAliases::of_key(const MasterKeyRow& key) {
  // More than there may be: those that moved away in the meantime are in the index until commit.
  COFFER_TRY(const auto places,
             view_.lookup<KeyAliasRow>(
                 kKeyAliasTargets, KeyVersionRow::key_of(mount_, *key.uid), 2 * kMaxAliasesOfKey));
  std::vector<AliasPtr> found;
  for (const Bytes& place : places) {
    COFFER_TRY(AliasPtr alias, view_.find<KeyAliasRow>(place));
    // An index is a projection: what decides is the row.
    if (alias && *alias->row.uid == *key.uid) found.push_back(std::move(alias));
  }
  std::ranges::sort(found, {}, [](const AliasPtr& alias) { return *alias->row.alias; });
  return found;
}

}  // namespace coffer::domain
