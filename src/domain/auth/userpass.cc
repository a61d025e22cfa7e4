#include "domain/auth/userpass.h"

#include "domain/auth/lockouts.h"
#include "domain/auth/token_life.h"
#include "domain/auth/whole_list.h"
#include "domain/identity/names.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxUsers = 100'000;
constexpr std::size_t kSalt = 16;

Bytes user_key(const Bytes& mount_id, std::string_view name) {
  Bytes key = mount_id;
  append(key, as_bytes(name));
  return key;
}

std::unexpected<Error> bad_login() {
  return fail(Code::invalid_argument, std::string(kBadLogin));
}

}  // namespace

Bytes UserRow::key() const {
  return user_key(*mount_id, *name);
}

Result<secure::SecureBytes> hash_password(const secure::SecureText& password, const Bytes& salt) {
  if (password.empty() || password.size() > kMaxPassword) {
    return fail(Code::invalid_argument, "the password must have 1 to 1024 octets");
  }
  return crypto::scrypt(password.view(), salt, kPasswordCost, kPasswordHash);
}

Result<rows::RowPtr<UserRow>> Userpass::read(std::string_view name) {
  const auto canonical = canonical_login_name(name);
  if (!canonical) return rows::RowPtr<UserRow>();
  return view_.find<UserRow>(user_key(mount_.id, *canonical));
}

Result<> Userpass::write(std::string_view name,
                         TokenParams params,
                         std::optional<PasswordHash> password) {
  COFFER_CHECK(normalise(params));
  COFFER_TRY(const auto present, read(name));
  UserRow row;
  if (present) {
    COFFER_TRY(row, view_.open(*present));
  } else {
    if (!password) return fail(Code::invalid_argument, "missing password");
    COFFER_TRY(*row.name, canonical_login_name(name));
    row.mount_id = mount_.id;
  }
  row.token = std::move(params);
  if (password) {
    row.salt = std::move(password->salt);
    row.password_hash = std::move(password->hash);
  }
  return view_.put(std::move(row));
}

Result<> Userpass::remove(std::string_view name) {
  const auto canonical = canonical_login_name(name);
  if (!canonical) return {};
  return view_.erase<UserRow>(user_key(mount_.id, *canonical));
}

Result<std::vector<std::string>> Userpass::list() {
  COFFER_TRY(const auto keys,
             whole_list(view_.keys<UserRow>(mount_.id, {}, kMaxUsers + 1), kMaxUsers));
  std::vector<std::string> names;
  for (const Bytes& key : keys) names.emplace_back(as_text(key).substr(mount_.id.size()));
  return names;
}

Result<Bytes> Userpass::challenge(std::string_view name, FailedLogins& failures) {
  const auto canonical = canonical_login_name(name);
  if (!canonical) return bad_login();
  COFFER_TRY(const bool locked, Lockouts(view_, mount_.id, failures).is_locked(*canonical));
  if (locked) return fail(Code::permission_denied, "permission denied");
  const crypto::Digest decoy =
      view_.keyring()->lookup_digest("userpass decoy salt", user_key(mount_.id, *canonical));
  COFFER_TRY(const auto user, view_.find<UserRow>(user_key(mount_.id, *canonical)));
  if (user) return *user->row.salt;
  return Bytes(decoy.begin(), decoy.begin() + kSalt);
}

Result<Userpass::Outcome> Userpass::verify(std::string_view name,
                                           Candidate& candidate,
                                           FailedLogins& failures) {
  COFFER_TRY(const std::string canonical, canonical_login_name(name));
  Lockouts lockouts(view_, mount_.id, failures);
  if (!candidate.counted) {
    COFFER_TRY(candidate.counted, lockouts.begin_attempt(canonical));
    if (!candidate.counted) return fail(Code::permission_denied, "permission denied");
  }
  COFFER_TRY(const auto user, read(canonical));
  secure::SecureBytes expected(kPasswordHash);
  if (user) {
    COFFER_TRY(UserRow open, view_.open(*user));
    expected = std::move(*open.password_hash);
  }
  const bool same = secure::equal(candidate.hash.view(), expected.view());
  if (user && same) {
    failures.forget(mount_.id, canonical);  // durable or not: it was the right one
    COFFER_CHECK(lockouts.reset(canonical));
    return Outcome::success;
  }
  COFFER_TRY(const bool locked, lockouts.record_failure(canonical));
  return locked ? Outcome::locked : Outcome::failed;
}

Result<IssuedToken> Userpass::issue(std::string_view name,
                                    std::string_view mount_path,
                                    std::string_view source_ip) {
  COFFER_TRY(const auto user, read(name));
  if (!user) return bad_login();
  if (!address_allowed(user->row.token->bound_cidrs, source_ip)) {
    return fail(Code::permission_denied, "permission denied");
  }
  const Login login{.mount = mount_,
                    .path = std::string(mount_path) + "login/" + *user->row.name,
                    .alias = *user->row.name,
                    .display_name = "userpass-" + *user->row.name,
                    .metadata = {{"username", *user->row.name}}};
  return issue_login_token(view_, login, *user->row.token);
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::UserRow>;
