// OidcProviders: whose tokens are taken as web identities (AssumeRoleWithWebIdentity).
//
// A provider is an issuer: its URL without "https://", as AWS names it, and the audiences (client
// ids) that a token of it may be for. A token's issuer is compared octet for octet; there is one
// provider for it or none. Its keys are those that the row keeps, or else those that the issuer
// publishes (OpenID Connect Discovery 1.0 §4).
//
// Errors carry IAM's names: EntityAlreadyExists, NoSuchEntity, InvalidInput, LimitExceeded. Limits:
// kMaxOidcProviders a realm, 100 audiences, 5 thumbprints, 64 KiB of kept keys. Works on one View.
// Format: docs/formats/identity.md.
#pragma once

#include "rows/row.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxOidcProviders = 100;

struct OidcProviderRow {
  static constexpr rows::TableSpec kTable = rows::tables::kOidcProviders;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> url;  // without its scheme: "issuer.example/path"
  rows::Clear<std::vector<std::string>> audiences;
  rows::Clear<std::vector<std::string>> thumbprints;  // kept for clients; TLS is verified as always
  rows::Clear<std::string> key_set;                   // a JWK set; empty: what the issuer publishes
  rows::Clear<Timestamp> created;
  rows::Clear<std::map<std::string, std::string>> tags;
  static constexpr auto kMembers = std::tuple{&OidcProviderRow::url,
                                              &OidcProviderRow::audiences,
                                              &OidcProviderRow::thumbprints,
                                              &OidcProviderRow::key_set,
                                              &OidcProviderRow::created,
                                              &OidcProviderRow::tags};

  [[nodiscard]] Bytes key() const { return to_bytes(*url); }
};

using OidcProviderPtr = rows::RowPtr<OidcProviderRow>;  // null: none

struct NewOidcProvider {
  std::string url;  // "https://issuer.example/path"
  std::vector<std::string> audiences;
  std::vector<std::string> thumbprints;
  std::string key_set;
  std::map<std::string, std::string> tags;
};

class OidcProviders {
 public:
  OidcProviders(work::View& view, std::string_view account) : view_(view), account_(account) {}

  // Returns its ARN.
  Result<std::string> create(const NewOidcProvider& wanted);
  Result<OidcProviderPtr> read(std::string_view arn);
  // The one whose URL the issuer is, "https://" and all.
  Result<OidcProviderPtr> of_issuer(std::string_view issuer);
  // ARNs in order.
  Result<std::vector<std::string>> list();
  Result<> remove(std::string_view arn);

  [[nodiscard]] std::string arn_of(const OidcProviderRow& row) const;

 private:
  work::View& view_;
  std::string account_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::OidcProviderRow>;
