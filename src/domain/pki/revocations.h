// Revocations: which certificates of a mount hold no more, and how that is told: revocation lists,
// OCSP answers, and the removal of what expired.
//
// A revocation is a row of its own, by issuer and serial number; it cannot be taken back. Lists are
// made from these rows by the board (crl_board.h). Issuers of one name and key tell the revocations
// of one another (Authority::equivalents()): relying parties cannot tell these issuers apart.
// Errors: invalid_argument for what cannot be revoked. For one view and one thread, but for the
// reader that entries() gives.
#pragma once

#include "crypto/ocsp.h"
#include "domain/pki/authority.h"
#include "domain/pki/crl_board.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

using RevocationPtr = rows::RowPtr<RevocationRow>;
using CertificatePtr = rows::RowPtr<CertificateRow>;

class Revocations {
 public:
  Revocations(work::View& view, const Mount& mount, CrlBoard& board)
      : view_(view), mount_(mount.id), board_(board) {}

  // Null: not in the table.
  Result<CertificatePtr> certificate(ByteView serial);
  // Null: not revoked.
  Result<RevocationPtr> find(std::string_view issuer_id, ByteView serial);

  // A copy of the revocation, which may be older than this call.
  Result<RevocationRow> revoke(ByteView serial, crypto::RevocationReason reason);
  // The same for a certificate that is not in the table: one of the mount's issuers signed it.
  Result<RevocationRow> revoke(const crypto::Certificate& certificate,
                               crypto::RevocationReason reason);

  // What an OCSP client is told: `unknown` for what none of these issuers, the equivalents of who
  // is asked, issued and stored.
  Result<crypto::OcspAnswer> status(std::span<const std::string> issuer_ids, ByteView serial);

 private:
  // By the first of these issuers that has one; unchecked.
  Result<RevocationPtr> find_any(std::span<const std::string> issuer_ids, ByteView serial);
  Result<RevocationRow> put(std::string_view issuer_id,
                            ByteView serial,
                            Timestamp not_after,
                            crypto::RevocationReason reason);

  work::View& view_;
  Bytes mount_;
  CrlBoard& board_;
};

// "keyCompromise", "key_compromise", 1 and the like; empty: unspecified. invalid_argument for
// others: what is on hold would have to be released again, which a revocation here never is.
Result<crypto::RevocationReason> parse_reason(std::string_view text);

// The name of an issuer on the board.
inline std::string board_name(ByteView mount, std::string_view issuer_id) {
  return std::string(as_text(pki_key(mount, issuer_id)));
}

// Reads all revocations of these issuers, page by page, past the cache. Owns what it needs but
// borrows `rows`; for a worker thread.
CrlEntryReader stored_entries(rows::Rows& rows,
                              store::RealmId realm,
                              Bytes mount,
                              std::vector<std::string> issuer_ids);

CrlPolicy crl_policy(const CrlSettings& settings);

// Removes what expired before the moment that a mount was asked to tidy up to, of all mounts: at
// most `limit` rows at a time, and the wish when there is none left. Gives how many changes it
// staged.
Result<std::size_t> sweep_certificates(work::View& view, CrlBoard& board, std::size_t limit);

}  // namespace coffer::domain
