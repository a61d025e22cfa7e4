#include "domain/pki/revocations.h"

#include "base/enum_table.h"
#include "base/time_text.h"

#include <algorithm>
#include <cctype>

namespace coffer::domain {
namespace {

using crypto::RevocationReason;

constexpr std::size_t kPage = 1000;
constexpr std::size_t kMaxMounts = 500;

constexpr EnumTable<RevocationReason, 7> kReasons{{{
    {RevocationReason::unspecified, "unspecified"},
    {RevocationReason::key_compromise, "keycompromise"},
    {RevocationReason::authority_compromise, "cacompromise"},
    {RevocationReason::affiliation_changed, "affiliationchanged"},
    {RevocationReason::superseded, "superseded"},
    {RevocationReason::cessation_of_operation, "cessationofoperation"},
    {RevocationReason::privilege_withdrawn, "privilegewithdrawn"},
}}};

Duration duration_or(const std::string& text, Duration fallback) {
  const auto parsed = parse_duration(text);
  return parsed && *parsed > Duration{} ? *parsed : fallback;
}

// Rows of a mount whose time in `index` is over, oldest first; at most `limit`.
template <rows::Row R>
Result<std::vector<rows::RowPtr<R>>> expired(
    work::View& view, store::IndexId index, ByteView mount, Timestamp before, std::size_t limit) {
  COFFER_TRY(const auto keys, view.lookup<R>(index, mount, limit));
  std::vector<rows::RowPtr<R>> out;
  for (const Bytes& key : keys) {
    COFFER_TRY(auto row, view.find<R>(key));
    if (row && *row->row.not_after < before) out.push_back(std::move(row));
  }
  return out;
}

Result<std::size_t> sweep_mount(work::View& view,
                                const AuthorityRow& authority,
                                std::size_t limit) {
  COFFER_TRY(const auto certificates,
             expired<CertificateRow>(
                 view, kCertificateExpiry, *authority.mount, *authority.tidy_before, limit));
  for (const auto& row : certificates) {
    COFFER_CHECK(view.erase<CertificateRow>(row->row.key()));
  }
  limit -= certificates.size();
  COFFER_TRY(const auto revocations,
             expired<RevocationRow>(
                 view, kRevocationExpiry, *authority.mount, *authority.tidy_before, limit));
  for (const auto& row : revocations) {
    COFFER_CHECK(view.erase<RevocationRow>(row->row.key()));
  }
  return certificates.size() + revocations.size();
}

Result<> read_entries(rows::Rows& rows,
                      store::RealmId realm,
                      ByteView prefix,
                      const std::function<void(const crypto::CrlEntry&)>& take) {
  const auto keyring = rows.keyring();
  Bytes after;
  while (true) {
    COFFER_TRY(auto page, rows.store().scan(RevocationRow::kTable.id, realm, prefix, after, kPage));
    for (store::StoredRow& stored : page) {
      after = stored.key.key;
      COFFER_TRY(const auto row,
                 rows::RowCodec<RevocationRow>::load(
                     *keyring, {stored.key, stored.revision}, std::move(stored.blob)));
      take({*row->row.serial, *row->row.at, *row->row.reason});
    }
    if (page.size() < kPage) return {};
  }
}

}  // namespace

Result<CertificatePtr> Revocations::certificate(ByteView serial) {
  return view_.find<CertificateRow>(pki_key(mount_, as_text(serial)));
}

Result<RevocationPtr> Revocations::find(std::string_view issuer_id, ByteView serial) {
  return view_.find<RevocationRow>(RevocationRow::key_of(mount_, issuer_id, serial));
}

Result<RevocationPtr> Revocations::find_any(std::span<const std::string> issuer_ids,
                                            ByteView serial) {
  for (const std::string& id : issuer_ids) {
    COFFER_TRY(auto row, view_.peek<RevocationRow>(RevocationRow::key_of(mount_, id, serial)));
    if (row) return row;
  }
  return RevocationPtr();
}

Result<RevocationRow> Revocations::put(std::string_view issuer_id,
                                       ByteView serial,
                                       Timestamp not_after,
                                       RevocationReason reason) {
  COFFER_TRY(RevocationPtr before, find(issuer_id, serial));
  if (before) return before->row;
  COFFER_TRY(const auto equivalents, Authority(view_, mount_).equivalents(issuer_id));
  COFFER_TRY(before, find_any(equivalents, serial));
  if (before) return before->row;
  RevocationRow row;
  row.mount = mount_;
  row.issuer_id = std::string(issuer_id);
  row.serial = to_bytes(serial);
  row.at = view_.now();
  row.reason = reason;
  row.not_after = not_after;
  COFFER_CHECK(view_.put(row));
  std::vector<std::string> names;
  for (const std::string& id : equivalents) names.push_back(board_name(mount_, id));
  view_.on_commit([&board = board_, names, entry = crypto::CrlEntry{*row.serial, *row.at, reason}] {
    for (const std::string& name : names) board.add(name, entry);
  });
  return row;
}

Result<RevocationRow> Revocations::revoke(ByteView serial, RevocationReason reason) {
  COFFER_TRY(const CertificatePtr row, certificate(serial));
  if (!row) return fail(Code::invalid_argument, "certificate with this serial number not found");
  if (row->row.issuer_id->empty()) {
    return fail(Code::invalid_argument, "adding issuer to its own CRL is not allowed");
  }
  return put(*row->row.issuer_id, serial, *row->row.not_after, reason);
}

Result<RevocationRow> Revocations::revoke(const crypto::Certificate& certificate,
                                          RevocationReason reason) {
  COFFER_TRY(const CertificatePtr row, this->certificate(certificate.serial));
  if (row) {
    // The number alone names a certificate here: another one with it is a forgery.
    if (*row->row.der != certificate.der) {
      return fail(Code::invalid_argument, "another certificate has this serial number");
    }
    return revoke(certificate.serial, reason);
  }
  const Bytes prefix = mount_;
  COFFER_TRY(const auto keys, view_.keys<IssuerRow>(prefix, {}, kMaxIssuers));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto issuer, view_.find<IssuerRow>(key));
    if (!issuer || *issuer->row.certificate == certificate.der) continue;
    COFFER_TRY(const auto parsed, crypto::parse_certificate(*issuer->row.certificate));
    if (!crypto::is_issued_by(certificate, parsed)) continue;
    return put(*issuer->row.id, certificate.serial, certificate.not_after, reason);
  }
  return fail(Code::invalid_argument, "certificate was not issued by an issuer of this mount");
}

Result<crypto::OcspAnswer> Revocations::status(std::span<const std::string> issuer_ids,
                                               ByteView serial) {
  using crypto::CertificateStatus;
  COFFER_TRY(const RevocationPtr revoked, find_any(issuer_ids, serial));
  if (revoked) {
    return crypto::OcspAnswer{CertificateStatus::revoked, *revoked->row.at, *revoked->row.reason};
  }
  COFFER_TRY(const CertificatePtr row, certificate(serial));
  const bool ours = row && std::ranges::find(issuer_ids, *row->row.issuer_id) != issuer_ids.end();
  return crypto::OcspAnswer{ours ? CertificateStatus::good : CertificateStatus::unknown, {}, {}};
}

Result<RevocationReason> parse_reason(std::string_view text) {
  if (text.empty()) return RevocationReason::unspecified;
  std::string plain;
  for (const char c : text) {
    if (c != '_' && c != '-') plain.push_back(static_cast<char>(std::tolower(c)));
  }
  if (const auto named = kReasons.parse(plain)) return *named;
  for (const auto& row : kReasons.rows) {
    if (text == std::to_string(static_cast<unsigned>(row.value))) return row.value;
  }
  return fail(Code::invalid_argument, "reason: not a reason for a revocation (RFC 5280)");
}

CrlEntryReader stored_entries(rows::Rows& rows,
                              store::RealmId realm,
                              Bytes mount,
                              std::vector<std::string> issuer_ids) {
  return [&rows, realm, mount = std::move(mount), ids = std::move(issuer_ids)](
             const std::function<void(const crypto::CrlEntry&)>& take) -> Result<> {
    for (const std::string& id : ids) {
      COFFER_CHECK(read_entries(rows, realm, pki_key(mount, id), take));
    }
    return {};
  };
}

CrlPolicy crl_policy(const CrlSettings& settings) {
  return {.expiry = duration_or(settings.expiry, std::chrono::hours(72)),
          .grace = duration_or(settings.auto_rebuild_grace_period, std::chrono::hours(12)),
          .disabled = settings.disable,
          .only_on_time = settings.auto_rebuild,
          .with_delta = settings.enable_delta};
}

Result<std::size_t> sweep_certificates(work::View& view, CrlBoard& board, std::size_t limit) {
  COFFER_TRY(const auto keys, view.keys<AuthorityRow>({}, {}, kMaxMounts));
  for (const Bytes& key : keys) {
    COFFER_TRY(const auto authority, view.find<AuthorityRow>(key));
    if (!authority || authority->row.tidy_before->ns == 0) continue;
    COFFER_TRY(const std::size_t swept, sweep_mount(view, authority->row, limit));
    if (swept > 0) return swept;
    // Only now: each time that a list is forgotten, all revocations are read for the next one.
    // Until then lists also name what expired.
    view.on_commit(
        [&board, mount = std::string(as_text(*authority->row.mount))] { board.forget_all(mount); });
    AuthorityRow done = authority->row;
    done.tidy_before = Timestamp{};
    COFFER_CHECK(view.put(std::move(done)));
    return 1;
  }
  return 0;
}

}  // namespace coffer::domain
