#include "domain/auth/secret_ids.h"

#include "base/uuid.h"
#include "domain/auth/token_life.h"
#include "domain/auth/token_text.h"
#include "domain/auth/whole_list.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxListed = 10'000;
constexpr std::size_t kMaxMetadata = 4096;  // octets

Bytes below_role(const Bytes& mount_id, const Bytes& uid, ByteView rest) {
  Bytes key = mount_id;
  append(key, uid);
  append(key, rest);
  return key;
}

crypto::Digest digest_of(work::View& view, std::string_view secret_id) {
  return view.keyring()->lookup_digest("secret_id", as_bytes(secret_id));
}

// What a SecretID asks for must lie within what its role allows.
Result<> check_bounds(const AppRoleRow& role, const SecretIdRow& row) {
  if (*role.secret_id_num_uses > 0 &&
      (*row.num_uses == 0 || *row.num_uses > *role.secret_id_num_uses)) {
    return fail(Code::invalid_argument, "num_uses cannot be greater than the role's");
  }
  if (*role.secret_id_ttl > Duration::zero() &&
      (*row.ttl == Duration::zero() || *row.ttl > *role.secret_id_ttl)) {
    return fail(Code::invalid_argument, "ttl cannot be longer than the role's secret_id_ttl");
  }
  // It takes the place of the role's at login. cidr_list does not: there both count.
  if (!blocks_allowed(role.token->bound_cidrs, *row.token_bound_cidrs)) {
    return fail(Code::invalid_argument, "token_bound_cidrs must lie within the role's");
  }
  std::size_t octets = 0;
  for (const auto& [name, value] : *row.metadata) octets += name.size() + value.size();
  if (octets > kMaxMetadata) return fail(Code::invalid_argument, "the metadata is too large");
  return {};
}

std::unexpected<Error> bad_login() {
  return fail(Code::invalid_argument, std::string(kBadRoleLogin));
}

}  // namespace

Bytes SecretIdRow::key() const {
  return below_role(*mount_id, *role_uid, *digest);
}

std::vector<store::IndexEntry> SecretIdRow::index() const {
  std::vector<store::IndexEntry> entries{
      {kSecretIdAccessors, below_role(*mount_id, *role_uid, as_bytes(*accessor))}};
  if (*ttl > Duration::zero()) entries.push_back({kSecretIdExpiry, time_entry(*created + *ttl)});
  return entries;
}

bool SecretIdRow::expired(Timestamp now) const {
  return *ttl > Duration::zero() && *created + *ttl <= now;
}

Result<IssuedSecretId> SecretIds::issue(SecretIdRequest request) {
  if (!*role_.bind_secret_id) {
    return fail(Code::invalid_argument, "bind_secret_id is not set on the role");
  }
  const bool random = request.chosen.empty();
  if (random) request.chosen = secure::SecureText(uuid4(view_.random().array<16>()));
  if (request.chosen.size() > kMaxTokenText) {
    return fail(Code::invalid_argument, "the SecretID is too long");
  }
  SecretIdRow row;
  row.mount_id = *role_.mount_id;
  row.role_uid = *role_.uid;
  row.digest = to_bytes(ByteView(digest_of(view_, request.chosen.text())));
  row.accessor = uuid4(view_.random().array<16>());
  row.num_uses = request.num_uses.value_or(*role_.secret_id_num_uses);
  row.uses_left = *row.num_uses;
  row.ttl = request.ttl.value_or(*role_.secret_id_ttl);
  row.created = view_.now();
  row.updated = view_.now();
  COFFER_CHECK(check_ttl("ttl", *row.ttl));
  COFFER_TRY(*row.cidr_list, canonical_cidrs(request.cidr_list));
  COFFER_TRY(*row.token_bound_cidrs, canonical_cidrs(request.token_bound_cidrs));
  row.metadata = std::move(request.metadata);
  COFFER_CHECK(check_bounds(role_, row));
  COFFER_TRY(const SecretIdPtr present, view_.find<SecretIdRow>(row.key()));
  if (present) return fail(Code::invalid_argument, "SecretID is already registered");
  COFFER_CHECK(view_.put(row));
  return IssuedSecretId{std::move(request.chosen), std::move(row)};
}

Result<SecretIdPtr> SecretIds::find(std::string_view secret_id) {
  if (secret_id.size() > kMaxTokenText) return SecretIdPtr();
  const crypto::Digest digest = digest_of(view_, secret_id);
  COFFER_TRY(SecretIdPtr row,
             view_.find<SecretIdRow>(below_role(*role_.mount_id, *role_.uid, digest)));
  if (row && row->row.expired(view_.now())) row.reset();
  return row;
}

Result<SecretIdPtr> SecretIds::by_accessor(std::string_view accessor) {
  if (accessor.empty() || accessor.size() > kMaxName) return SecretIdPtr();
  const Bytes entry = below_role(*role_.mount_id, *role_.uid, as_bytes(accessor));
  COFFER_TRY(const auto keys, view_.lookup<SecretIdRow>(kSecretIdAccessors, entry, 1));
  if (keys.empty()) return SecretIdPtr();
  COFFER_TRY(SecretIdPtr row, view_.find<SecretIdRow>(keys.front()));
  const bool ours = row && *row->row.accessor == accessor && *row->row.role_uid == *role_.uid &&
                    *row->row.mount_id == *role_.mount_id && !row->row.expired(view_.now());
  if (!ours) row.reset();
  return row;
}

Result<> SecretIds::destroy(const SecretIdRow& row) {
  return view_.erase<SecretIdRow>(row.key());
}

Result<std::vector<std::string>> SecretIds::accessors() {
  const Bytes prefix = below_role(*role_.mount_id, *role_.uid, {});
  COFFER_TRY(const auto keys,
             whole_list(view_.keys<SecretIdRow>(prefix, {}, kMaxListed + 1), kMaxListed));
  std::vector<std::string> accessors;
  for (const Bytes& key : keys) {
    COFFER_TRY(const SecretIdPtr row, view_.find<SecretIdRow>(key));
    if (row && !row->row.expired(view_.now())) accessors.push_back(*row->row.accessor);
  }
  std::ranges::sort(accessors);
  return accessors;
}

namespace {

// The SecretID's own conditions; counts its use.
Result<> use_secret_id(work::View& view,
                       const AppRoleRow& role,
                       const SecretIdRow& row,
                       std::string_view source_ip) {
  if (!address_allowed(*row.cidr_list, source_ip)) return bad_login();
  // The role's may have become narrower since.
  if (!blocks_allowed(role.token->bound_cidrs, *row.token_bound_cidrs)) return bad_login();
  if (*row.num_uses == 0) return {};
  if (*row.uses_left <= 1) return view.erase<SecretIdRow>(row.key());
  SecretIdRow used = row;
  --*used.uses_left;
  used.updated = view.now();
  return view.put(std::move(used));
}

}  // namespace

Result<IssuedToken> log_in(work::View& view, const Mount& mount, AppRoleLogin& login) {
  COFFER_TRY(const AppRolePtr role, AppRoles(view, mount).by_role_id(login.role_id));
  if (role) login.role = *role->row.name;
  AppRoleRow decoy;
  decoy.mount_id = mount.id;
  decoy.uid = Bytes(8);
  COFFER_TRY(const SecretIdPtr secret,
             SecretIds(view, role ? role->row : decoy).find(login.secret_id.text()));
  if (!role || !address_allowed(*role->row.secret_id_bound_cidrs, login.source_ip) ||
      !address_allowed(role->row.token->bound_cidrs, login.source_ip)) {
    return bad_login();
  }
  Login granted{.mount = mount,
                .path = login.mount_path + "login",
                .alias = *role->row.role_id,
                .display_name = "approle-" + *role->row.name,
                .metadata = {}};
  TokenParams params = *role->row.token;
  if (*role->row.bind_secret_id) {
    if (!secret) return bad_login();
    COFFER_CHECK(use_secret_id(view, role->row, secret->row, login.source_ip));
    granted.metadata = *secret->row.metadata;
    if (!secret->row.token_bound_cidrs->empty()) {
      params.bound_cidrs = *secret->row.token_bound_cidrs;
    }
  }
  // The use stays counted whatever happens from here on.
  view.enter_handler();
  granted.metadata["role_name"] = *role->row.name;
  return issue_login_token(view, granted, params);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::SecretIdRow>;
