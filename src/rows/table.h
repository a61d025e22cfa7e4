// Tables: which rows exist, with their numbers on disk. Numbers never change and are never reused.
#pragma once

#include "store/store.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::rows {

// Whether a table's rows are few and decide about access. Guarded rows have their revisions in
// memory from unseal on, so that an old or deleted row is refused at once, not only by
// verification.
enum class Guard : std::uint8_t { no, yes };

struct TableSpec {
  store::TableId id;
  std::string_view name;
  Guard guard = Guard::no;
};

// Stored on disk. 1 to 9 belong to keys/.
namespace tables {
inline constexpr store::TableId kFirstRowTable{10};
inline constexpr TableSpec kMounts{store::TableId(10), "mounts", Guard::yes};
inline constexpr TableSpec kPolicies{store::TableId(11), "policies", Guard::yes};
inline constexpr TableSpec kEntities{store::TableId(12), "entities", Guard::yes};
inline constexpr TableSpec kAliases{store::TableId(13), "aliases", Guard::yes};
inline constexpr TableSpec kTokens{store::TableId(14), "tokens", Guard::yes};
inline constexpr TableSpec kTokenAccessors{store::TableId(15), "token_accessors", Guard::yes};
inline constexpr TableSpec kTokenRoles{store::TableId(16), "token_roles", Guard::yes};
inline constexpr TableSpec kAppRoles{store::TableId(17), "approles", Guard::yes};
inline constexpr TableSpec kSecretIds{store::TableId(18), "secret_ids", Guard::yes};
inline constexpr TableSpec kUsers{store::TableId(19), "users", Guard::yes};
inline constexpr TableSpec kLockouts{store::TableId(20), "lockouts", Guard::yes};
inline constexpr TableSpec kWraps{store::TableId(21), "wraps", Guard::yes};
inline constexpr TableSpec kSettings{store::TableId(22), "settings", Guard::yes};
inline constexpr TableSpec kRoleIds{store::TableId(23), "role_ids", Guard::yes};
inline constexpr TableSpec kPolicyHistory{store::TableId(24), "policy_history", Guard::no};
// Never has a row: its key seals batch tokens (domain/auth/batch_token.h).
inline constexpr TableSpec kBatchTokens{store::TableId(25), "batch_tokens", Guard::no};
inline constexpr TableSpec kGroups{store::TableId(26), "groups", Guard::yes};
inline constexpr TableSpec kPasswordPolicies{store::TableId(28), "password_policies", Guard::yes};
inline constexpr TableSpec kSecrets{store::TableId(30), "secrets", Guard::no};
inline constexpr TableSpec kRevisions{store::TableId(31), "revisions", Guard::no};
inline constexpr TableSpec kCubbyholes{store::TableId(32), "cubbyholes", Guard::no};
// As many rows as secrets, with no say about access: not guarded.
inline constexpr TableSpec kParameters{store::TableId(37), "parameters", Guard::no};
inline constexpr TableSpec kParameterVersions{store::TableId(38), "parameter_versions", Guard::no};
// Policies of single secrets: they decide about access.
inline constexpr TableSpec kSecretPolicies{store::TableId(33), "secret_policies", Guard::yes};
inline constexpr TableSpec kSecretUses{store::TableId(34), "secret_uses", Guard::no};
// Rotations under way.
inline constexpr TableSpec kRotations{store::TableId(35), "rotations", Guard::no};
inline constexpr TableSpec kJobs{store::TableId(40), "jobs", Guard::yes};
inline constexpr TableSpec kReseals{store::TableId(41), "reseals", Guard::yes};
inline constexpr TableSpec kAuditPartitions{store::TableId(42), "audit_partitions", Guard::yes};
inline constexpr TableSpec kMasterKeys{store::TableId(50), "master_keys", Guard::yes};
// Written once, and reached only by the uid that a guarded master key names.
inline constexpr TableSpec kKeyVersions{store::TableId(51), "key_versions", Guard::no};
inline constexpr TableSpec kKeyUses{store::TableId(52), "key_uses", Guard::no};
inline constexpr TableSpec kKeyAliases{store::TableId(53), "key_aliases", Guard::yes};
inline constexpr TableSpec kKeyGrants{store::TableId(54), "key_grants", Guard::yes};
// Never has a row: its key seals grant tokens and import tokens (domain/kms/sealed_token.h).
inline constexpr TableSpec kKeyTokens{store::TableId(55), "key_tokens", Guard::no};
inline constexpr TableSpec kIssuers{store::TableId(60), "pki_issuers", Guard::yes};
inline constexpr TableSpec kAuthorityKeys{store::TableId(61), "pki_keys", Guard::yes};
inline constexpr TableSpec kCertificateRoles{store::TableId(62), "pki_roles", Guard::yes};
inline constexpr TableSpec kAuthorities{store::TableId(63), "pki_authorities", Guard::yes};
// As many rows as certificates: too many to be guarded.
inline constexpr TableSpec kCertificates{store::TableId(64), "pki_certificates", Guard::no};
inline constexpr TableSpec kRevocations{store::TableId(65), "pki_revocations", Guard::no};
inline constexpr TableSpec kAwsUsers{store::TableId(70), "aws_users", Guard::yes};
inline constexpr TableSpec kAwsRoles{store::TableId(71), "aws_roles", Guard::yes};
inline constexpr TableSpec kAwsAccessKeys{store::TableId(72), "aws_access_keys", Guard::yes};
inline constexpr TableSpec kAwsKeyUses{store::TableId(73), "aws_key_uses", Guard::no};
// Never has a row: its key seals session tokens (domain/auth/aws_session.h).
inline constexpr TableSpec kAwsSessions{store::TableId(74), "aws_sessions", Guard::no};
inline constexpr TableSpec kOidcProviders{store::TableId(75), "oidc_providers", Guard::yes};
inline constexpr TableSpec kCertRoles{store::TableId(80), "cert_roles", Guard::yes};
inline constexpr TableSpec kCertConfigs{store::TableId(81), "cert_configs", Guard::yes};
inline constexpr TableSpec kCertLists{store::TableId(82), "cert_lists", Guard::yes};

// A table that is not here has no rows: Rows does not compile for it.
// clang-format off: one a line
inline constexpr std::array kAll{kMounts,
                                 kPolicies,
                                 kEntities,
                                 kAliases,
                                 kTokens,
                                 kTokenAccessors,
                                 kTokenRoles,
                                 kAppRoles,
                                 kSecretIds,
                                 kUsers,
                                 kLockouts,
                                 kWraps,
                                 kSettings,
                                 kRoleIds,
                                 kPolicyHistory,
                                 kGroups,
                                 kPasswordPolicies,
                                 kSecrets,
                                 kRevisions,
                                 kCubbyholes,
                                 kParameters,
                                 kParameterVersions,
                                 kSecretPolicies,
                                 kSecretUses,
                                 kRotations,
                                 kJobs,
                                 kReseals,
                                 kAuditPartitions,
                                 kMasterKeys,
                                 kKeyVersions,
                                 kKeyUses,
                                 kKeyAliases,
                                 kKeyGrants,
                                 kIssuers,
                                 kAuthorityKeys,
                                 kCertificateRoles,
                                 kAuthorities,
                                 kCertificates,
                                 kRevocations,
                                 kAwsUsers,
                                 kAwsRoles,
                                 kAwsAccessKeys,
                                 kAwsKeyUses,
                                 kOidcProviders,
                                 kCertRoles,
                                 kCertConfigs,
                                 kCertLists};
// clang-format on
}  // namespace tables

// The realms in use: that of the system, and the root realm. More of them come with namespaces.
inline constexpr store::RealmId kRootRealm{1};
inline constexpr std::array kRealms{store::kSystemRealm, kRootRealm};

constexpr bool is_listed(store::TableId table) {
  return std::ranges::find(tables::kAll, table, &TableSpec::id) != tables::kAll.end();
}

constexpr bool is_guarded(store::TableId table) {
  const auto found = std::ranges::find(tables::kAll, table, &TableSpec::id);
  return found != tables::kAll.end() && found->guard == Guard::yes;
}

// Whether a row counts in the row digest of the audit log's heads (rows/guard_digest.h): guarded
// rows, and the records of the seal.
constexpr bool is_witnessed(store::TableId table) {
  return table < tables::kFirstRowTable || is_guarded(table);
}

// Logs, stored on disk. The row ledgers (domain/audit/ledger_log.h) come before the audit log in a
// visit: what a log that begins later is to be compared with is known before its first record.
inline constexpr store::LogId kLedgerLog{0};
inline constexpr store::LogId kAuditLog{1};

// For people: "policies", "seal" for the records of keys/, "table 77" for a number not listed here.
std::string table_name(store::TableId table);

}  // namespace coffer::rows
