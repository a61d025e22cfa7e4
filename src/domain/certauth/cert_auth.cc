#include "domain/certauth/cert_auth.h"

#include "base/encoding.h"
#include "crypto/certificate_pem.h"
#include "crypto/certificate_trust.h"
#include "crypto/crl.h"
#include "crypto/hash.h"
#include "domain/auth/token_life.h"
#include "domain/auth/whole_list.h"
#include "domain/certauth/constraints.h"
#include "domain/certauth/revoked.h"
#include "domain/identity/names.h"

#include <algorithm>
#include <map>

namespace coffer::domain {
namespace {

using crypto::Certificate;

constexpr std::string_view kByDigest = "sha256:";

Result<std::vector<TrustedCertificate>> read_trusted(std::string_view pem) {
  if (pem.size() > kMaxTrustedPem) return fail(Code::invalid_argument, "certificate too large");
  auto bundle = crypto::read_pem_bundle(pem);
  if (!bundle || bundle->certificates.empty() || !bundle->keys.empty() ||
      bundle->certificates.size() > kMaxTrusted) {
    return fail(Code::invalid_argument, "failed to parse certificate");
  }
  std::vector<TrustedCertificate> out;
  for (Bytes& der : bundle->certificates) {
    COFFER_TRY(Certificate parsed, crypto::parse_certificate(der));
    out.push_back({std::move(der), std::move(parsed.subject_der), parsed.is_authority()});
  }
  return out;
}

template <rows::Row R>
Result<std::vector<std::string>> names_in(work::View& view, const Mount& mount, std::size_t limit) {
  COFFER_TRY(const auto keys, whole_list(view.keys<R>(mount.id, {}, limit + 1), limit));
  std::vector<std::string> names;
  for (const Bytes& key : keys) names.emplace_back(as_text(key).substr(mount.id.size()));
  return names;
}

template <rows::Row R>
Result<rows::RowPtr<R>> find_named(work::View& view, const Mount& mount, std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return rows::RowPtr<R>();
  return view.find<R>(cert_key(mount.id, *canonical));
}

template <rows::Row R>
Result<> check_room(work::View& view, const Mount& mount, std::size_t limit) {
  COFFER_TRY(const auto keys, view.keys<R>(mount.id, {}, limit));
  if (keys.size() >= limit) return fail(Code::too_large, "there are too many of them");
  return {};
}

bool in_its_time(const Certificate& certificate, Timestamp now) {
  return certificate.not_before <= now && now < certificate.not_after;
}

// What a client showed, as far as it can be read.
struct Shown {
  Certificate own;
  std::vector<Bytes> all;      // its own first; what helps nobody is left out
  std::vector<Bytes> issuers;  // the names of those who should vouch
};

Result<Shown> read_shown(const std::vector<Bytes>* shown) {
  if (shown == nullptr || shown->empty()) {
    return fail(Code::invalid_argument, "client certificate must be supplied");
  }
  COFFER_TRY(Certificate own, crypto::parse_certificate(shown->front()));
  Shown out{.own = std::move(own), .all = {shown->front()}, .issuers = {}};
  out.issuers.push_back(out.own.issuer_der);
  for (std::size_t i = 1; i < shown->size() && out.all.size() < crypto::kMaxShown; ++i) {
    auto other = crypto::parse_certificate((*shown)[i]);
    if (!other) continue;
    out.issuers.push_back(std::move(other->issuer_der));
    out.all.push_back((*shown)[i]);
  }
  return out;
}

using Path = std::vector<Certificate>;
// By the anchors they were looked for from. Many roles trust the same ones, and whoever is not
// known yet should not make the server verify the same path for each.
using KnownPaths = std::map<std::vector<Bytes>, Path>;

Result<Path> verified_path(const std::vector<Bytes>& shown,
                           const std::vector<Bytes>& anchors,
                           Timestamp now) {
  Path path;
  const auto verified = crypto::verify_client_path(shown, anchors, now);
  if (!verified) return path;
  for (const Bytes& der : *verified) {
    COFFER_TRY(Certificate parsed, crypto::parse_certificate(der));
    path.push_back(std::move(parsed));
  }
  return path;
}

// The path from the certificate to what the role trusts; empty: the role does not trust it. One
// that is trusted as itself has a path of one.
Result<Path> trusted_path(const CertRoleRow& role,
                          const Shown& shown,
                          Timestamp now,
                          KnownPaths& known) {
  std::vector<Bytes> anchors;
  for (const TrustedCertificate& trusted : *role.trusted) {
    if (!trusted.authority) {
      if (trusted.der == shown.own.der && in_its_time(shown.own, now)) return Path{shown.own};
      continue;
    }
    const bool near = std::ranges::find(shown.issuers, trusted.subject_der) != shown.issuers.end();
    if (near) anchors.push_back(trusted.der);
  }
  if (anchors.empty()) return Path();
  const auto at = known.find(anchors);
  if (at != known.end()) return at->second;
  COFFER_TRY(Path path, verified_path(shown.all, anchors, now));
  return known.emplace(std::move(anchors), std::move(path)).first->second;
}

// Whether nothing on the path is revoked; the anchor is trusted as it is, but for what our own
// authorities say of it.
Result<Standing> standing_of_path(work::View& view,
                                  const Mount& mount,
                                  const std::vector<Certificate>& path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    COFFER_TRY(const Standing standing,
               standing_of(view, mount, path[i], last ? nullptr : &path[i + 1]));
    if (standing == Standing::revoked) return standing;
    if (standing == Standing::unknown && (!last || path.size() == 1)) return standing;
  }
  return Standing::good;
}

Bytes fingerprint(const Certificate& certificate) {
  const crypto::Digest digest = crypto::sha256(certificate.der);
  return {digest.begin(), digest.end()};
}

// Who logged in: the common name where there is one that can name an alias.
std::string alias_of(const Certificate& certificate) {
  const auto name = canonical_login_name(certificate.subject.first(crypto::attribute::kCommonName));
  if (name && !name->starts_with(kByDigest)) return *name;
  return std::string(kByDigest) + hex_encode(fingerprint(certificate));
}

}  // namespace

Result<CertRolePtr> CertAuth::role(std::string_view name) {
  return find_named<CertRoleRow>(view_, mount_, name);
}

Result<> CertAuth::write_role(std::string_view name, CertRoleRow row) {
  COFFER_TRY(*row.name, canonical_role_name(name));
  row.mount = mount_.id;
  COFFER_TRY(row.trusted, read_trusted(*row.pem));
  COFFER_CHECK(check_constraints(*row.constraints));
  COFFER_CHECK(normalise(*row.token));
  if (row.display_name->empty()) row.display_name = *row.name;
  if (row.display_name->size() > kMaxName) {
    return fail(Code::invalid_argument, "display_name too long");
  }
  COFFER_TRY(const CertRolePtr present, view_.find<CertRoleRow>(row.key()));
  if (!present) COFFER_CHECK(check_room<CertRoleRow>(view_, mount_, kMaxCertRoles));
  return view_.put(std::move(row));
}

Result<> CertAuth::remove_role(std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return {};
  return view_.erase<CertRoleRow>(cert_key(mount_.id, *canonical));
}

Result<std::vector<std::string>> CertAuth::role_names() {
  return names_in<CertRoleRow>(view_, mount_, kMaxCertRoles);
}

Result<CertConfigRow> CertAuth::config() {
  COFFER_TRY(const auto row, view_.find<CertConfigRow>(mount_.id));
  if (row) return row->row;
  CertConfigRow defaults;
  defaults.mount = mount_.id;
  return defaults;
}

Result<> CertAuth::write_config(CertConfigRow row) {
  row.mount = mount_.id;
  return view_.put(std::move(row));
}

Result<CertListPtr> CertAuth::list(std::string_view name) {
  return find_named<CertListRow>(view_, mount_, name);
}

Result<> CertAuth::write_list(std::string_view name, Bytes der) {
  COFFER_TRY(const crypto::Crl parsed, crypto::parse_crl(der));
  CertListRow row;
  row.mount = mount_.id;
  COFFER_TRY(*row.name, canonical_role_name(name));
  row.issuer_der = parsed.issuer_der;
  row.der = std::move(der);
  COFFER_TRY(const CertListPtr present, view_.find<CertListRow>(row.key()));
  if (!present) COFFER_CHECK(check_room<CertListRow>(view_, mount_, kMaxCertLists));
  return view_.put(std::move(row));
}

Result<> CertAuth::remove_list(std::string_view name) {
  const auto canonical = canonical_role_name(name);
  if (!canonical) return {};
  return view_.erase<CertListRow>(cert_key(mount_.id, *canonical));
}

Result<std::vector<std::string>> CertAuth::list_names() {
  return names_in<CertListRow>(view_, mount_, kMaxCertLists);
}

Result<std::vector<CertRolePtr>> CertAuth::candidates(std::string_view role) {
  std::vector<CertRolePtr> out;
  if (!role.empty()) {
    COFFER_TRY(CertRolePtr one, this->role(role));
    if (one) out.push_back(std::move(one));
    return out;
  }
  COFFER_TRY(const auto keys, view_.keys<CertRoleRow>(mount_.id, {}, kMaxCertRoles));
  for (const Bytes& key : keys) {
    COFFER_TRY(CertRolePtr one, view_.find<CertRoleRow>(key));
    if (one) out.push_back(std::move(one));
  }
  return out;
}

Result<CertAuth::Accepted> CertAuth::accept(const std::vector<Bytes>* shown,
                                            std::string_view role) {
  COFFER_TRY(const Shown read, read_shown(shown));
  COFFER_TRY(const auto roles, candidates(role));
  KnownPaths known;
  bool trusted = false;
  for (const CertRolePtr& candidate : roles) {
    COFFER_TRY(const auto path, trusted_path(candidate->row, read, view_.now(), known));
    if (path.empty()) continue;
    trusted = true;
    COFFER_TRY(const bool fits, satisfies(read.own, *candidate->row.constraints));
    if (!fits) continue;
    COFFER_TRY(const Standing standing, standing_of_path(view_, mount_, path));
    if (standing == Standing::good) return Accepted{candidate, read.own};
  }
  // Which of them failed is nothing that a stranger is told.
  return fail(Code::invalid_argument,
              trusted
                  ? "no chain matching all constraints could be found for this login certificate"
                  : "invalid certificate or no client certificate supplied");
}

Result<IssuedToken> CertAuth::issue(const Accepted& accepted,
                                    std::string_view mount_path,
                                    std::string_view source_ip) {
  const CertRoleRow& role = accepted.role->row;
  if (!address_allowed(role.token->bound_cidrs, source_ip)) {
    return fail(Code::permission_denied, "permission denied");
  }
  COFFER_TRY(auto metadata, certificate_metadata(accepted.certificate, *role.constraints));
  metadata.insert_or_assign("cert_name", *role.name);
  COFFER_TRY(const CertConfigRow settings, config());
  Login login{.mount = mount_,
              .path = std::string(mount_path) + "login",
              .alias = alias_of(accepted.certificate),
              .display_name = "cert-" + *role.display_name,
              .metadata = std::move(metadata)};
  if (!*settings.alias_metadata) login.alias_metadata.emplace();
  login.binding = fingerprint(accepted.certificate);
  return issue_login_token(view_, login, *role.token);
}

Result<Bytes> CertAuth::renewal(const TokenRow& token, const std::vector<Bytes>* shown) {
  const auto named = token.meta->find("cert_name");
  COFFER_TRY(const CertRolePtr granted,
             role(named == token.meta->end() ? std::string_view() : named->second));
  if (!granted) return fail(Code::invalid_argument, "lease is not renewable");
  COFFER_TRY(const auto policies, login_policies(*granted->row.token));
  if (policies != *token.policies) {
    return fail(Code::invalid_argument, "policies have changed, not renewing");
  }
  COFFER_TRY(const CertConfigRow settings, config());
  if (*settings.disable_binding) return *token.binding;
  COFFER_TRY(const Accepted accepted, accept(shown, *granted->row.name));
  return fingerprint(accepted.certificate);
}

}  // namespace coffer::domain
