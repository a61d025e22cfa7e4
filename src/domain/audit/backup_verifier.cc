#include "domain/audit/backup_verifier.h"

#include <utility>

namespace coffer::domain {
store::Store::Visitor no_copy() {
  return {[](store::LogId, const store::LogRecord&) { return Result<>(); },
          [](const store::Put&) { return Result<>(); }};
}

Result<BackupEnd> verify_backup_signature(BackupReader& reader, const crypto::PublicKey& key) {
  while (true) {
    COFFER_TRY(const auto frame, reader.next());
    if (!frame) break;
  }
  if (!verify_end(reader.end(), key)) {
    return fail(Code::corrupt, "backup: the signature does not hold under this key");
  }
  return reader.end();
}

Result<VerifySummary> verify_backup(BackupReader& reader,
                                    const keys::Keyring& keyring,
                                    std::optional<proof::SignedHead> witness,
                                    crypto::Random& random,
                                    const StoreVerifier::Report& report,
                                    const store::Store::Visitor& copy) {
  COFFER_TRY(const BackupOpener opener, BackupOpener::make(reader, keyring, random));
  StoreVerifier verifier(keyring, std::move(witness), report);
  const auto take_row = [&](const store::Put& row) -> Result<> {
    COFFER_CHECK(verifier.row(row));
    return copy.row(row);
  };
  // The log comes first in the file; the rows of the seal, which stand in the header, behind it.
  bool seal_taken = false;
  const auto take_seal = [&]() -> Result<> {
    if (std::exchange(seal_taken, true)) return {};
    for (const store::Put& row : reader.header().seal_rows) COFFER_CHECK(take_row(row));
    return {};
  };
  std::uint64_t records = 0;
  const store::Store::Visitor both{
      [&](store::LogId log, const store::LogRecord& record) -> Result<> {
        if (seal_taken) return fail(Code::corrupt, "backup: a log record behind the rows");
        ++records;
        COFFER_CHECK(verifier.record(log, record));
        return copy.record(log, record);
      },
      [&](const store::Put& row) -> Result<> {
        COFFER_CHECK(take_seal());
        return take_row(row);
      }};
  while (true) {
    COFFER_TRY(const auto frame, reader.next());
    if (!frame) break;
    COFFER_CHECK(opener.replay(reader.frames(), *frame, both));
  }
  COFFER_CHECK(take_seal());
  COFFER_CHECK(verifier.finish());
  const BackupEnd& end = reader.end();
  if (!verify_end(end, keyring.audit_key().public_key())) {
    return fail(Code::corrupt, "backup: the signature is not this server's");
  }
  const VerifySummary& summary = verifier.summary();
  if (end.records != records || end.rows + reader.header().seal_rows.size() != summary.rows) {
    return fail(Code::corrupt, "backup: it counts other rows and records than it has");
  }
  return summary;
}

}  // namespace coffer::domain
