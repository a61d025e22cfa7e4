#include "domain/certauth/revoked.h"

#include "crypto/crl.h"
#include "domain/certauth/cert_auth.h"
#include "domain/pki/authority.h"

#include <algorithm>

namespace coffer::domain {
namespace {

using crypto::Certificate;

bool holds(ByteView haystack, ByteView needle) {
  return !std::ranges::search(haystack, needle).empty();
}

Result<bool> has_revocation(work::View& view,
                            const Mount& authority,
                            std::string_view issuer_id,
                            const Certificate& certificate) {
  COFFER_TRY(
      const auto row,
      view.find<RevocationRow>(RevocationRow::key_of(authority.id, issuer_id, certificate.serial)));
  return row != nullptr;
}

// By the issuers of one mount: also for certificates that were not stored.
Result<bool> revoked_by_issuers(work::View& view,
                                const Mount& authority,
                                const Certificate& certificate) {
  COFFER_TRY(const auto keys, view.keys<IssuerRow>(authority.id, {}, kMaxIssuers));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto issuer, view.find<IssuerRow>(key));
    if (!issuer) continue;
    const Bytes& der = *issuer->row.certificate;
    if (der == certificate.der && *issuer->row.revoked_at != Timestamp{}) return true;
    // Most issuers are told apart by their names, without reading them.
    if (!holds(der, certificate.issuer_der)) continue;
    COFFER_TRY(const Certificate parsed, crypto::parse_certificate(der));
    if (!crypto::is_issued_by(certificate, parsed)) continue;
    COFFER_TRY(const bool revoked, has_revocation(view, authority, *issuer->row.id, certificate));
    if (revoked) return true;
  }
  return false;
}

// Of a certificate that the mount stored, though its issuer may be gone.
Result<bool> revoked_as_stored(work::View& view,
                               const Mount& authority,
                               const Certificate& certificate) {
  COFFER_TRY(const auto row,
             view.find<CertificateRow>(pki_key(authority.id, as_text(certificate.serial))));
  if (!row || *row->row.der != certificate.der) return false;
  return has_revocation(view, authority, *row->row.issuer_id, certificate);
}

Result<bool> revoked_here(work::View& view, const Certificate& certificate) {
  COFFER_TRY(const auto table, Mounts(view).table(MountKind::secret));
  if (!table) return false;
  for (const auto& [path, mount] : *table->row.mounts) {
    if (mount.engine != Engine::pki) continue;
    COFFER_TRY(const bool stored, revoked_as_stored(view, mount, certificate));
    if (stored) return true;
    COFFER_TRY(const bool revoked, revoked_by_issuers(view, mount, certificate));
    if (revoked) return true;
  }
  return false;
}

Result<Standing> standing_in_lists(work::View& view,
                                   const Mount& mount,
                                   const Certificate& certificate,
                                   const Certificate* issuer) {
  COFFER_TRY(const auto keys, view.keys<CertListRow>(mount.id, {}, kMaxCertLists));
  bool outdated = false;
  bool current = false;
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto row, view.find<CertListRow>(key));
    if (!row || *row->row.issuer_der != certificate.issuer_der) continue;
    if (issuer != nullptr && !crypto::is_list_of(*row->row.der, *issuer)) continue;
    COFFER_TRY(const crypto::Crl list, crypto::parse_crl(*row->row.der));
    if (std::ranges::binary_search(list.serials, certificate.serial)) return Standing::revoked;
    const bool over = list.next_update && *list.next_update <= view.now();
    (over ? outdated : current) = true;
  }
  return outdated && !current ? Standing::unknown : Standing::good;
}

}  // namespace

Result<Standing> standing_of(work::View& view,
                             const Mount& mount,
                             const Certificate& certificate,
                             const Certificate* issuer) {
  COFFER_TRY(const bool revoked, revoked_here(view, certificate));
  if (revoked) return Standing::revoked;
  return standing_in_lists(view, mount, certificate, issuer);
}

}  // namespace coffer::domain
