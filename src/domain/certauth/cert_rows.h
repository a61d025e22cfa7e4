// The rows of the cert auth method (format: docs/formats/certauth.md): whom to trust and on which
// conditions, the settings of a mount, and revocation lists that others made. Plain values.
#pragma once

#include "domain/auth/token_params.h"
#include "rows/row.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// A certificate that a role trusts: as an authority over others, or as itself alone.
struct TrustedCertificate {
  Bytes der;
  Bytes subject_der;
  bool authority = false;
  static constexpr auto kMembers = std::tuple{
      &TrustedCertificate::der, &TrustedCertificate::subject_der, &TrustedCertificate::authority};
};

// What a certificate must also be. Globs; an empty list asks for nothing, and of each other list
// one pattern must fit, of required_extensions every one.
struct CertConstraints {
  std::vector<std::string> names;  // common name, or a DNS or mail name
  std::vector<std::string> common_names;
  std::vector<std::string> dns_sans;
  std::vector<std::string> email_sans;
  std::vector<std::string> uri_sans;
  std::vector<std::string> organizational_units;
  std::vector<std::string> required_extensions;  // "oid:text" or "hex:oid:DER in hexadecimal"
  std::vector<std::string> metadata_extensions;  // oids whose text goes into the token's metadata
  static constexpr auto kMembers = std::tuple{&CertConstraints::names,
                                              &CertConstraints::common_names,
                                              &CertConstraints::dns_sans,
                                              &CertConstraints::email_sans,
                                              &CertConstraints::uri_sans,
                                              &CertConstraints::organizational_units,
                                              &CertConstraints::required_extensions,
                                              &CertConstraints::metadata_extensions};
};

// mount id | name: keys of a mount's rows lie side by side.
Bytes cert_key(ByteView mount, std::string_view name);

struct CertRoleRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCertRoles;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> name;
  rows::Clear<std::string> pem;  // as it was given
  rows::Clear<std::vector<TrustedCertificate>> trusted;
  rows::Clear<CertConstraints> constraints;
  rows::Clear<std::string> display_name;
  rows::Clear<TokenParams> token;
  static constexpr auto kMembers = std::tuple{&CertRoleRow::mount,
                                              &CertRoleRow::name,
                                              &CertRoleRow::pem,
                                              &CertRoleRow::trusted,
                                              &CertRoleRow::constraints,
                                              &CertRoleRow::display_name,
                                              &CertRoleRow::token};

  [[nodiscard]] Bytes key() const { return cert_key(*mount, *name); }
};

// One a mount; absent: nothing was set.
struct CertConfigRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCertConfigs;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<bool> disable_binding;                // renewals need no certificate
  rows::Clear<bool> alias_metadata;                 // the alias keeps what the certificate says
  rows::Clear<std::int64_t> ocsp_cache_size = 100;  // kept for clients; changes nothing
  rows::Clear<std::int64_t> role_cache_size = 200;
  static constexpr auto kMembers = std::tuple{&CertConfigRow::mount,
                                              &CertConfigRow::disable_binding,
                                              &CertConfigRow::alias_metadata,
                                              &CertConfigRow::ocsp_cache_size,
                                              &CertConfigRow::role_cache_size};

  [[nodiscard]] Bytes key() const { return *mount; }
};

// A revocation list that was loaded.
struct CertListRow {
  static constexpr rows::TableSpec kTable = rows::tables::kCertLists;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<Bytes> mount;
  rows::Clear<std::string> name;
  rows::Clear<Bytes> issuer_der;  // the name of whoever made it
  rows::Clear<Bytes> der;
  static constexpr auto kMembers = std::tuple{
      &CertListRow::mount, &CertListRow::name, &CertListRow::issuer_der, &CertListRow::der};

  [[nodiscard]] Bytes key() const { return cert_key(*mount, *name); }
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::CertRoleRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::CertConfigRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::CertListRow>;
