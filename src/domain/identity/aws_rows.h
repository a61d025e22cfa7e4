// The principals of AWS's APIs as rows: users, roles and access keys of a realm.
//
// Names are told apart without regard to case, as IAM does: a row's key is the name in lower case,
// the row keeps the spelling of whoever made it. Ids ("AIDA…") are random and never given again, so
// that another user of an old name is another user. What may be done is said by managed policies,
// which are rows of their own (policies.h) or built in (aws_managed.h), and by policies that are
// embedded in the row. Formats: docs/formats/identity.md.
//
// Limits: 20 managed and 20 embedded policies, 50 tags each; 40 KiB of embedded text.
#pragma once

#include "rows/row.h"
#include "secure/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// A policy that lives in a user or role. (id of its owner, name, version) never means two texts.
struct AwsEmbeddedPolicy {
  std::string text;
  std::uint64_t version = 0;
  static constexpr auto kMembers =
      std::tuple{&AwsEmbeddedPolicy::text, &AwsEmbeddedPolicy::version};
};

// What users and roles have in common.
struct AwsGrants {
  std::vector<std::string> attached;                  // ARNs of managed policies, in order
  std::map<std::string, AwsEmbeddedPolicy> embedded;  // by name
  std::map<std::string, std::string> tags;
  static constexpr auto kMembers =
      std::tuple{&AwsGrants::attached, &AwsGrants::embedded, &AwsGrants::tags};
};

struct AwsUserRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAwsUsers;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::string> path;  // "/" or "/a/b/"
  rows::Clear<std::string> id;    // AIDA…
  rows::Clear<Timestamp> created;
  rows::Clear<AwsGrants> grants;
  static constexpr auto kMembers = std::tuple{&AwsUserRow::name,
                                              &AwsUserRow::path,
                                              &AwsUserRow::id,
                                              &AwsUserRow::created,
                                              &AwsUserRow::grants};

  [[nodiscard]] Bytes key() const;
};

struct AwsRoleRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAwsRoles;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::string> path;
  rows::Clear<std::string> id;  // AROA…
  rows::Clear<Timestamp> created;
  rows::Clear<AwsGrants> grants;
  rows::Clear<std::string> trust;  // the policy that says who may assume it
  rows::Clear<std::uint64_t> trust_version;
  rows::Clear<std::string> description;
  rows::Clear<Duration> max_session;
  static constexpr auto kMembers = std::tuple{&AwsRoleRow::name,
                                              &AwsRoleRow::path,
                                              &AwsRoleRow::id,
                                              &AwsRoleRow::created,
                                              &AwsRoleRow::grants,
                                              &AwsRoleRow::trust,
                                              &AwsRoleRow::trust_version,
                                              &AwsRoleRow::description,
                                              &AwsRoleRow::max_session};

  [[nodiscard]] Bytes key() const;
};

struct AwsAccessKeyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAwsAccessKeys;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> id;       // AKIA…
  rows::Clear<std::string> user;     // name as the user has it
  rows::Clear<std::string> user_id;  // the key dies with this user
  rows::Clear<bool> active = true;
  rows::Clear<Timestamp> created;
  rows::Sealed<secure::SecureText> secret;
  static constexpr auto kMembers = std::tuple{&AwsAccessKeyRow::id,
                                              &AwsAccessKeyRow::user,
                                              &AwsAccessKeyRow::user_id,
                                              &AwsAccessKeyRow::active,
                                              &AwsAccessKeyRow::created,
                                              &AwsAccessKeyRow::secret};

  [[nodiscard]] Bytes key() const { return to_bytes(*id); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

// When a key was last used; written at most every kAwsKeyUseGrain, so not guarded.
struct AwsKeyUseRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAwsKeyUses;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> id;
  rows::Clear<Timestamp> last;
  rows::Clear<std::string> service;
  rows::Clear<std::string> region;
  static constexpr auto kMembers = std::tuple{
      &AwsKeyUseRow::id, &AwsKeyUseRow::last, &AwsKeyUseRow::service, &AwsKeyUseRow::region};

  [[nodiscard]] Bytes key() const { return to_bytes(*id); }
};

inline constexpr Duration kAwsKeyUseGrain = std::chrono::minutes(15);

// Stored on disk. Entry: the user's id.
inline constexpr store::IndexId kAwsKeysOfUser{721};

using AwsUserPtr = rows::RowPtr<AwsUserRow>;  // null: none
using AwsRolePtr = rows::RowPtr<AwsRoleRow>;
using AwsAccessKeyPtr = rows::RowPtr<AwsAccessKeyRow>;

// The key of a user's or role's row.
std::string aws_name_key(std::string_view name);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::AwsUserRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::AwsRoleRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::AwsAccessKeyRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::AwsKeyUseRow>;
