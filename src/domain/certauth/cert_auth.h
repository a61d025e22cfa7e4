// CertAuth: logins with TLS client certificates, per mount.
//
// The handshake has proven that the client holds the key of the certificate that it showed (see
// net::ShownCertificates). A role says whom it trusts: authorities, whose signatures the path must
// bear (crypto/certificate_trust.h), and certificates as themselves, which must be the one shown,
// octet by octet, and vouch for nobody. A role that trusts the certificate then looks at what else
// it asks for (constraints.h); what was revoked, here or by a list, or whose issuer's lists are all
// out of date, logs in nowhere.
//
// A token is bound to the certificate that it was got with: only who shows it renews the token, and
// only while the certificate would still log in with the same role and policies.
//
// Limits a mount: 1,000 roles, 100 lists; 64 KiB of PEM and 20 certificates a role. Names of roles
// and lists are canonical_role_name()s. Errors of logins are invalid_argument with Vault's texts;
// permission_denied for a wrong source address. For one view and one thread.
#pragma once

#include "crypto/certificate.h"
#include "domain/certauth/cert_rows.h"
#include "domain/realms/mounts.h"
#include "work/view.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxCertRoles = 1000;
inline constexpr std::size_t kMaxCertLists = 100;
inline constexpr std::size_t kMaxTrustedPem = 64 * 1024;
inline constexpr std::size_t kMaxTrusted = 20;

using CertRolePtr = rows::RowPtr<CertRoleRow>;
using CertListPtr = rows::RowPtr<CertListRow>;

class CertAuth {
 public:
  CertAuth(work::View& view, const Mount& mount) : view_(view), mount_(mount) {}

  Result<CertRolePtr> role(std::string_view name);  // null: none
  // Creates or replaces. `row` has all but mount, name and what `pem` holds; the name of the route.
  Result<> write_role(std::string_view name, CertRoleRow row);
  Result<> remove_role(std::string_view name);  // absent: no error
  Result<std::vector<std::string>> role_names();

  // A copy of the settings, or the defaults.
  Result<CertConfigRow> config();
  Result<> write_config(CertConfigRow row);

  Result<CertListPtr> list(std::string_view name);  // null: none
  Result<> write_list(std::string_view name, Bytes der);
  Result<> remove_list(std::string_view name);  // absent: no error
  Result<std::vector<std::string>> list_names();

  struct Accepted {
    CertRolePtr role;
    crypto::Certificate certificate;
  };

  // The first role, in order of their names, that takes what was shown; only `role` unless it is
  // empty. `shown` null or empty: nothing was.
  Result<Accepted> accept(const std::vector<Bytes>* shown, std::string_view role);

  // After accept().
  Result<IssuedToken> issue(const Accepted& accepted,
                            std::string_view mount_path,
                            std::string_view source_ip);

  // What Tokens::renew() is to be given for a token of this mount, if it may be renewed by whoever
  // showed this.
  Result<Bytes> renewal(const TokenRow& token, const std::vector<Bytes>* shown);

 private:
  Result<std::vector<CertRolePtr>> candidates(std::string_view role);

  work::View& view_;
  const Mount& mount_;
};

}  // namespace coffer::domain
