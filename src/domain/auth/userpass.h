// Userpass: users with passwords, per mount. Names are canonical_login_name()s.
//
// Passwords are kept as scrypt hashes (RFC 7914) with a salt each. Hashing is slow and therefore
// done by the caller, outside the unit of work: challenge() says with which salt, for absent users
// too, with a salt that is derived from the name, so that neither time nor answer tells whether a
// user exists.
//
// Limits: passwords of 1 to 1024 octets, 100,000 users in a list. Errors of login():
// invalid_argument kBadLogin; permission_denied while the name is locked.
#pragma once

#include "crypto/kdf.h"
#include "domain/auth/failed_logins.h"
#include "domain/auth/token_params.h"
#include "rows/row.h"
#include "work/view.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::string_view kBadLogin = "invalid username or password";
inline constexpr std::size_t kMaxPassword = 1024;
inline constexpr std::size_t kPasswordHash = 32;
inline constexpr crypto::ScryptCost kPasswordCost{};

struct UserRow {
  static constexpr rows::TableSpec kTable = rows::tables::kUsers;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount_id;
  rows::Clear<std::string> name;
  rows::Clear<Bytes> salt;
  rows::Clear<TokenParams> token;
  rows::Sealed<secure::SecureBytes> password_hash;
  static constexpr auto kMembers = std::tuple{
      &UserRow::mount_id, &UserRow::name, &UserRow::salt, &UserRow::token, &UserRow::password_hash};

  [[nodiscard]] Bytes key() const;  // mount id, name
};

// A salt and what was made of it with a password.
struct PasswordHash {
  Bytes salt;
  secure::SecureBytes hash;
};

// What was made of the password of a login, and whether the attempt is counted already: one that
// runs again after a conflict counts once.
struct Candidate {
  secure::SecureBytes hash;
  bool counted = false;
};

// Owns all it touches; slow (tens of milliseconds): for a worker thread.
Result<secure::SecureBytes> hash_password(const secure::SecureText& password, const Bytes& salt);

class Userpass {
 public:
  Userpass(work::View& view, const Mount& mount) : view_(view), mount_(mount) {}

  Result<rows::RowPtr<UserRow>> read(std::string_view name);  // null: none
  // Creates or replaces; without `password` an existing user keeps its own. invalid_argument
  // "missing password" for a new user without one.
  Result<> write(std::string_view name, TokenParams params, std::optional<PasswordHash> password);
  Result<> remove(std::string_view name);  // absent: no error
  Result<std::vector<std::string>> list();

  // The salt to hash a login's password with. permission_denied while the name is locked.
  Result<Bytes> challenge(std::string_view name, FailedLogins& failures);

  enum class Outcome : std::uint8_t { failed, locked, success };

  // Counts a failure in memory, and in the gate part of the view; on success clears the counters.
  // Stages nothing else. permission_denied when the name was locked meanwhile: nothing was
  // compared.
  Result<Outcome> verify(std::string_view name, Candidate& candidate, FailedLogins& failures);
  // After verify() said success.
  Result<IssuedToken> issue(std::string_view name,
                            std::string_view mount_path,
                            std::string_view source_ip);

 private:
  work::View& view_;
  const Mount& mount_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::UserRow>;
