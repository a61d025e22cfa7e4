// SecretIDs: the second half of an AppRole login. Kept as keyed digests only.
//
// A row's key is mount id | role uid | digest, so every operation is bound to the role it was asked
// for: a SecretID or an accessor of another role is simply not there (CVE-2023-24999).
//
// Errors of login(): invalid_argument kBadRoleLogin for every reason alike.
#pragma once

#include "domain/auth/approle.h"
#include "secure/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::string_view kBadRoleLogin = "invalid role or secret ID";

struct SecretIdRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSecretIds;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount_id;
  rows::Clear<Bytes> role_uid;
  rows::Clear<Bytes> digest;
  rows::Clear<std::string> accessor;
  rows::Clear<std::uint64_t> num_uses;   // 0: unlimited
  rows::Clear<std::uint64_t> uses_left;  // of a limited one
  rows::Clear<Duration> ttl;             // 0: none
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::vector<std::string>> cidr_list;
  rows::Clear<std::vector<std::string>> token_bound_cidrs;
  rows::Clear<std::map<std::string, std::string>> metadata;
  static constexpr auto kMembers = std::tuple{&SecretIdRow::mount_id,
                                              &SecretIdRow::role_uid,
                                              &SecretIdRow::digest,
                                              &SecretIdRow::accessor,
                                              &SecretIdRow::num_uses,
                                              &SecretIdRow::uses_left,
                                              &SecretIdRow::ttl,
                                              &SecretIdRow::created,
                                              &SecretIdRow::updated,
                                              &SecretIdRow::cidr_list,
                                              &SecretIdRow::token_bound_cidrs,
                                              &SecretIdRow::metadata};

  [[nodiscard]] Bytes key() const;
  [[nodiscard]] std::vector<store::IndexEntry> index() const;
  [[nodiscard]] bool expired(Timestamp now) const;
};

// Stored on disk.
inline constexpr store::IndexId kSecretIdAccessors{181};  // mount id | role uid | accessor
inline constexpr store::IndexId kSecretIdExpiry{182};     // time_entry()

using SecretIdPtr = rows::RowPtr<SecretIdRow>;  // null: none, or expired

struct SecretIdRequest {
  secure::SecureText chosen;  // empty: random
  std::map<std::string, std::string> metadata;
  std::vector<std::string> cidr_list;
  std::vector<std::string> token_bound_cidrs;
  std::optional<std::uint64_t> num_uses;  // nullopt: the role's
  std::optional<Duration> ttl;            // nullopt: the role's
};

struct IssuedSecretId {
  secure::SecureText text;
  SecretIdRow row;
};

class SecretIds {
 public:
  SecretIds(work::View& view, const AppRoleRow& role) : view_(view), role_(role) {}

  // invalid_argument: a setting, one that exceeds the role's, a chosen id in use.
  Result<IssuedSecretId> issue(SecretIdRequest request);
  Result<SecretIdPtr> find(std::string_view secret_id);
  Result<SecretIdPtr> by_accessor(std::string_view accessor);
  Result<> destroy(const SecretIdRow& row);
  Result<std::vector<std::string>> accessors();

 private:
  work::View& view_;
  const AppRoleRow& role_;
};

struct AppRoleLogin {
  std::string role_id;
  secure::SecureText secret_id;  // empty: none given
  std::string source_ip;
  std::string mount_path;  // "auth/approle/"
  std::string role;        // set by log_in(): whose RoleID it is, whether the rest is good or not
};

// Checks the credentials, counts the SecretID's use in the view's gate part, then makes the token.
// An unknown role costs what a known one costs. On errors no token is staged.
Result<IssuedToken> log_in(work::View& view, const Mount& mount, AppRoleLogin& login);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::SecretIdRow>;
