#include "domain/kms/key_grants.h"

#include "base/enum_table.h"

#include <algorithm>

namespace coffer::domain {
namespace {

using enum GrantOperation;

constexpr EnumTable<GrantOperation, 17> kNames{{{
    {decrypt, "Decrypt"},
    {encrypt, "Encrypt"},
    {generate_data_key, "GenerateDataKey"},
    {generate_data_key_without_plaintext, "GenerateDataKeyWithoutPlaintext"},
    {reencrypt_from, "ReEncryptFrom"},
    {reencrypt_to, "ReEncryptTo"},
    {sign, "Sign"},
    {verify, "Verify"},
    {get_public_key, "GetPublicKey"},
    {create_grant, "CreateGrant"},
    {retire_grant, "RetireGrant"},
    {describe_key, "DescribeKey"},
    {generate_data_key_pair, "GenerateDataKeyPair"},
    {generate_data_key_pair_without_plaintext, "GenerateDataKeyPairWithoutPlaintext"},
    {generate_mac, "GenerateMac"},
    {verify_mac, "VerifyMac"},
    {derive_shared_secret, "DeriveSharedSecret"},
}}};

bool same_content(const KeyGrantRow& a, const KeyGrantRow& b) {
  return *a.name == *b.name && *a.grantee == *b.grantee && *a.retiring == *b.retiring &&
         *a.operations == *b.operations && *a.context_equals == *b.context_equals &&
         *a.context_subset == *b.context_subset;
}

bool holds(const EncryptionContext& all, const EncryptionContext& some) {
  return std::ranges::all_of(some, [&](const auto& pair) {
    const auto at = all.find(pair.first);
    return at != all.end() && at->second == pair.second;
  });
}

// Whether `made` says no more than `grant`.
bool covers(const KeyGrantRow& grant, const KeyGrantRow& made) {
  if ((*made.operations & ~*grant.operations) != 0) return false;
  if (!grant.context_equals->empty()) return *made.context_equals == *grant.context_equals;
  if (grant.context_subset->empty()) return true;
  const bool exact = !made.context_equals->empty();
  return holds(exact ? *made.context_equals : *made.context_subset, *grant.context_subset);
}

}  // namespace

std::optional<GrantOperation> parse_grant_operation(std::string_view name) {
  return kNames.parse(name);
}

std::vector<std::string_view> grant_operation_names(std::uint32_t operations) {
  std::vector<std::string_view> names;
  for (const auto& [value, name] : kNames.rows) {
    if ((operations & static_cast<std::uint32_t>(value)) != 0) names.push_back(name);
  }
  return names;
}

bool allows(const KeyGrantRow& grant, const GrantedUse& use) {
  if ((*grant.operations & static_cast<std::uint32_t>(use.operation)) == 0) return false;
  if (use.made != nullptr) return covers(grant, *use.made);
  if (use.context == nullptr) return true;
  if (!grant.context_equals->empty() && *use.context != *grant.context_equals) return false;
  return holds(*use.context, *grant.context_subset);
}

Result<KeyGrantRow> KeyGrants::create(const MasterKeyRow& key, KeyGrantRow grant) {
  if (!grant.name->empty()) {
    COFFER_TRY(const auto others, of_grantee(key, *grant.grantee));
    for (const GrantPtr& other : others) {
      if (same_content(other->row, grant)) return other->row;
    }
  }
  if (*key.grants >= kMaxGrants) return fail(Code::exhausted, "the key has too many grants");
  COFFER_TRY(const auto held, places_of_grantee(key, *grant.grantee));
  if (held.size() >= kMaxGrantsOfGrantee) {
    return fail(Code::exhausted, "the grantee has too many grants for the key");
  }
  grant.mount = mount_;
  grant.owner = *key.uid;
  grant.id = to_bytes(view_.random().bytes(kGrantId).view());
  grant.created = view_.now();
  MasterKeyRow owner = key;
  *owner.grants += 1;
  COFFER_CHECK(view_.put(std::move(owner)));
  COFFER_CHECK(view_.put(grant));
  return grant;
}

Result<> KeyGrants::remove(const MasterKeyRow& key, const KeyGrantRow& grant) {
  MasterKeyRow owner = key;
  if (*owner.grants > 0) *owner.grants -= 1;
  COFFER_CHECK(view_.put(std::move(owner)));
  return view_.erase<KeyGrantRow>(grant.key());
}

Result<GrantPtr> KeyGrants::find(ByteView owner, ByteView id) {
  if (id.size() != kGrantId) return GrantPtr();
  return view_.find<KeyGrantRow>(KeyGrantRow::place(mount_, owner, id));
}

Result<std::vector<GrantPtr>> KeyGrants::found(const std::vector<Bytes>& places) {
  std::vector<GrantPtr> grants;
  for (const Bytes& place : places) {
    COFFER_TRY(GrantPtr grant, view_.find<KeyGrantRow>(place));
    if (grant) grants.push_back(std::move(grant));
  }
  return grants;
}

Result<std::vector<GrantPtr>> KeyGrants::list(const MasterKeyRow& key,
                                              ByteView after,
                                              std::size_t limit) {
  const Bytes first = KeyGrantRow::place(mount_, *key.uid, {});
  COFFER_TRY(const auto places,
             view_.keys<KeyGrantRow>(first, KeyGrantRow::place(mount_, *key.uid, after), limit));
  return found(places);
}

Result<std::vector<Bytes>> KeyGrants::places_of_grantee(const MasterKeyRow& key,
                                                        std::string_view grantee) {
  Bytes prefix = KeyVersionRow::key_of(mount_, *key.uid);
  append(prefix, as_bytes(grantee));
  prefix.push_back(0);
  return view_.lookup<KeyGrantRow>(kGrantees, prefix, kMaxGrantsOfGrantee);
}

Result<std::vector<GrantPtr>> KeyGrants::of_grantee(const MasterKeyRow& key,
                                                    std::string_view grantee) {
  if (*key.grants == 0) return std::vector<GrantPtr>();
  COFFER_TRY(const auto places, places_of_grantee(key, grantee));
  COFFER_TRY(auto grants, found(places));
  std::erase_if(grants, [&](const GrantPtr& grant) { return *grant->row.grantee != grantee; });
  return grants;
}

Result<std::vector<Bytes>> KeyGrants::places_of_retirer(std::string_view principal) {
  Bytes prefix = mount_;
  append(prefix, as_bytes(principal));
  prefix.push_back(0);
  COFFER_TRY(auto places, view_.lookup<KeyGrantRow>(kRetirers, prefix, kMaxRetirable));
  std::ranges::sort(places);
  return places;
}

Result<GrantPtr> KeyGrants::at(ByteView place) {
  return view_.find<KeyGrantRow>(to_bytes(place));
}

}  // namespace coffer::domain
