// Verifying a backup file, with the public key alone or with the keyring, and restoring from it.
//
// The public key shows that the file is, octet for octet, what a server with that audit key wrote.
// The keyring opens it, and the content is then verified as a running server's store is
// (store_verifier.h). A witness, a signed head kept elsewhere, shows whether the backup is of that
// log and not older than the head. Both read the file once, front to back. Errors: corrupt for what
// is wrong with the file; what is wrong with the content are findings.
#pragma once

#include "domain/audit/backup_reader.h"
#include "domain/audit/store_verifier.h"

#include <optional>

namespace coffer::domain {

// Reads `reader` to its end.
Result<BackupEnd> verify_backup_signature(BackupReader& reader, const crypto::PublicKey& key);

// Reads `reader` to its end, checks the signature under the keyring's own audit key, and verifies
// the content, and the log against `witness` where there is one. Every log record and row, those of
// the seal included, also goes to `copy`, before it is known to be good: keep nothing of it unless
// this succeeds.
Result<VerifySummary> verify_backup(BackupReader& reader,
                                    const keys::Keyring& keyring,
                                    std::optional<proof::SignedHead> witness,
                                    crypto::Random& random,
                                    const StoreVerifier::Report& report,
                                    const store::Store::Visitor& copy);

// A visitor that does nothing.
store::Store::Visitor no_copy();

}  // namespace coffer::domain
