// The rows of a certificate authority (format: docs/formats/pki.md).
//
// An authority is one mount: its settings, its keys, its issuers (certificates that its keys sign
// for, and others that chains are made of) and its roles. A CertificateRow is what was issued and
// never changes; a RevocationRow says that it holds no more. Neither touches a row that grows.
// Plain values.
#pragma once

#include "base/clock.h"
#include "crypto/crl.h"
#include "crypto/signature.h"
#include "domain/pki/certificate_type.h"
#include "domain/pki/role.h"
#include "rows/row.h"

#include <cstdint>
#include <string>
#include <vector>

namespace coffer::domain {

// mount id | text: keys of a mount's rows lie side by side.
inline Bytes pki_key(ByteView mount, std::string_view rest) {
  Bytes key = to_bytes(mount);
  append(key, as_bytes(rest));
  return key;
}

// Where relying parties find what they need to check a certificate.
struct PkiUrls {
  std::vector<std::string> issuing_certificates;
  std::vector<std::string> crl_distribution_points;
  std::vector<std::string> delta_crl_distribution_points;
  std::vector<std::string> ocsp_servers;
  static constexpr auto kMembers = std::tuple{&PkiUrls::issuing_certificates,
                                              &PkiUrls::crl_distribution_points,
                                              &PkiUrls::delta_crl_distribution_points,
                                              &PkiUrls::ocsp_servers};

  [[nodiscard]] bool empty() const {
    return issuing_certificates.empty() && crl_distribution_points.empty() &&
           delta_crl_distribution_points.empty() && ocsp_servers.empty();
  }
};

// How revocation is published. Durations as they were given, for clients that compare texts.
struct CrlSettings {
  std::string expiry = "72h";
  bool disable = false;  // lists are empty
  bool ocsp_disable = false;
  std::string ocsp_expiry = "12h";
  bool auto_rebuild = false;  // complete lists only when they are about to expire
  std::string auto_rebuild_grace_period = "12h";
  bool enable_delta = false;
  std::string delta_rebuild_interval = "15m";
  static constexpr auto kMembers = std::tuple{&CrlSettings::expiry,
                                              &CrlSettings::disable,
                                              &CrlSettings::ocsp_disable,
                                              &CrlSettings::ocsp_expiry,
                                              &CrlSettings::auto_rebuild,
                                              &CrlSettings::auto_rebuild_grace_period,
                                              &CrlSettings::enable_delta,
                                              &CrlSettings::delta_rebuild_interval};
};

// One a mount; absent: nothing was set.
struct AuthorityRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAuthorities;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> default_issuer;  // an id; empty: none
  rows::Clear<std::string> default_key;
  rows::Clear<bool> default_follows_latest;
  rows::Clear<PkiUrls> urls;
  rows::Clear<CrlSettings> crl;
  // A tidying that was asked for and is not done: rows that expired before this moment go.
  rows::Clear<Timestamp> tidy_before;
  static constexpr auto kMembers = std::tuple{&AuthorityRow::mount,
                                              &AuthorityRow::default_issuer,
                                              &AuthorityRow::default_key,
                                              &AuthorityRow::default_follows_latest,
                                              &AuthorityRow::urls,
                                              &AuthorityRow::crl,
                                              &AuthorityRow::tidy_before};

  [[nodiscard]] Bytes key() const { return *mount; }
};

struct AuthorityKeyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kAuthorityKeys;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> id;  // a UUID
  rows::Clear<std::string> name;
  rows::Clear<crypto::KeyKind> kind;
  rows::Clear<Bytes> public_key;  // SubjectPublicKeyInfo
  rows::Sealed<secure::SecureBytes> pkcs8;
  static constexpr auto kMembers = std::tuple{&AuthorityKeyRow::mount,
                                              &AuthorityKeyRow::id,
                                              &AuthorityKeyRow::name,
                                              &AuthorityKeyRow::kind,
                                              &AuthorityKeyRow::public_key,
                                              &AuthorityKeyRow::pkcs8};

  [[nodiscard]] Bytes key() const { return pki_key(*mount, *id); }
};

// What an issuer may be used for, beside being read. Stored on disk as bits.
namespace issuer_usage {
inline constexpr std::uint8_t kIssuing = 1;
inline constexpr std::uint8_t kCrlSigning = 2;
inline constexpr std::uint8_t kOcspSigning = 4;
inline constexpr std::uint8_t kAll = kIssuing | kCrlSigning | kOcspSigning;
}  // namespace issuer_usage

// What happens to a certificate that would outlive its issuer. Stored on disk.
enum class NotAfterBehavior : std::uint8_t { err = 1, truncate = 2, permit = 3 };

struct IssuerRow {
  static constexpr rows::TableSpec kTable = rows::tables::kIssuers;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> id;  // a UUID
  rows::Clear<std::string> name;
  rows::Clear<std::string> key_id;                     // empty: the key is not here
  rows::Clear<Bytes> certificate;                      // DER
  rows::Clear<std::vector<std::string>> manual_chain;  // issuer ids
  rows::Clear<std::vector<std::string>> chain;         // issuer ids, from this one to the root
  rows::Clear<std::uint8_t> usage;
  rows::Clear<NotAfterBehavior> not_after_behavior;
  rows::Clear<PkiUrls> urls;          // empty: the mount's
  rows::Clear<Timestamp> revoked_at;  // {}: not revoked
  // Ids of removed issuers of this name and key: what they issued and revoked is this one's too.
  rows::Clear<std::vector<std::string>> replaces;
  static constexpr auto kMembers = std::tuple{&IssuerRow::mount,
                                              &IssuerRow::id,
                                              &IssuerRow::name,
                                              &IssuerRow::key_id,
                                              &IssuerRow::certificate,
                                              &IssuerRow::manual_chain,
                                              &IssuerRow::chain,
                                              &IssuerRow::usage,
                                              &IssuerRow::not_after_behavior,
                                              &IssuerRow::urls,
                                              &IssuerRow::revoked_at,
                                              &IssuerRow::replaces};

  [[nodiscard]] Bytes key() const { return pki_key(*mount, *id); }
};

struct CertificateRoleRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCertificateRoles;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> name;
  rows::Clear<CertificateRole> role;
  rows::Clear<CertificateType> type;  // of what it issues
  static constexpr auto kMembers = std::tuple{&CertificateRoleRow::mount,
                                              &CertificateRoleRow::name,
                                              &CertificateRoleRow::role,
                                              &CertificateRoleRow::type};

  [[nodiscard]] Bytes key() const { return pki_key(*mount, *name); }
};

// Entries begin with the mount's id; times are u64 nanoseconds, big endian. Stored on disk.
inline constexpr store::IndexId kCertificateFingerprint{641};  // SHA-256 of the DER
inline constexpr store::IndexId kCertificateExpiry{642};       // time | serial
inline constexpr store::IndexId kCertificateEntity{643};       // entity id, 0, serial; bound ones
inline constexpr store::IndexId kRevocationExpiry{651};        // time | serial

struct CertificateRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCertificates;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<Bytes> mount;
  rows::Clear<Bytes> serial;  // unsigned, without leading zeros
  rows::Clear<std::string> issuer_id;
  rows::Clear<Bytes> der;
  rows::Clear<Timestamp> not_after;
  rows::Clear<std::string> entity_id;  // whom it was issued to, as far as that is known
  rows::Clear<CertificateType> type;
  static constexpr auto kMembers = std::tuple{&CertificateRow::mount,
                                              &CertificateRow::serial,
                                              &CertificateRow::issuer_id,
                                              &CertificateRow::der,
                                              &CertificateRow::not_after,
                                              &CertificateRow::entity_id,
                                              &CertificateRow::type};

  [[nodiscard]] Bytes key() const { return pki_key(*mount, as_text(*serial)); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

struct RevocationRow {
  static constexpr rows::TableSpec kTable = rows::tables::kRevocations;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> issuer_id;
  rows::Clear<Bytes> serial;
  rows::Clear<Timestamp> at;
  rows::Clear<crypto::RevocationReason> reason;
  rows::Clear<Timestamp> not_after;  // of the certificate
  static constexpr auto kMembers = std::tuple{&RevocationRow::mount,
                                              &RevocationRow::issuer_id,
                                              &RevocationRow::serial,
                                              &RevocationRow::at,
                                              &RevocationRow::reason,
                                              &RevocationRow::not_after};

  static Bytes key_of(ByteView mount, std::string_view issuer_id, ByteView serial);

  [[nodiscard]] Bytes key() const { return key_of(*mount, *issuer_id, *serial); }

  [[nodiscard]] std::vector<store::IndexEntry> index() const;
};

// Where the entries of an entity's certificates begin in kCertificateEntity.
Bytes entity_entry(ByteView mount, std::string_view entity_id);

// A serial number as people write it: "0a:1b:…"; the inverse also takes '-' and no separators, and
// either case. invalid_argument for what is none.
std::string serial_text(ByteView serial);
Result<Bytes> parse_serial(std::string_view text);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::AuthorityRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::AuthorityKeyRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::IssuerRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::CertificateRoleRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::CertificateRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::RevocationRow>;
