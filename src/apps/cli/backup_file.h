// Backup files offline: reading, unsealing, restoring. Nothing here talks to a server.
//
// Errors: not_found, unavailable (files), corrupt (what is wrong with a backup),
// precondition_failed (a folder that is in use). No state.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "domain/audit/backup_verifier.h"
#include "keys/seal.h"

#include <functional>
#include <memory>
#include <string>

namespace coffer::cli {

Result<domain::BackupReader> open_backup(const std::string& path);

// Puts a finished download in its place, durably: checks that it is a whole backup, then renames.
Result<domain::BackupEnd> keep_backup(const std::string& fresh, const std::string& path);

// The next unseal key, as text; asked for until enough good ones are in. An error ends the asking.
using NextShare = std::function<Result<secure::SecureText>(const keys::Progress&)>;
// Told of a refused share; an error ends the asking.
using RefusedShare = std::function<Result<>(const Error&)>;

Result<std::unique_ptr<keys::Keyring>> unseal_backup(const domain::BackupHeader& header,
                                                     const NextShare& next,
                                                     const RefusedShare& refused,
                                                     const Clock& clock,
                                                     crypto::Random& random);

// Everything or nothing: the store is filled and verified in a folder beside `folder`, which takes
// its name last. `folder` must be absent or empty. With findings nothing is restored.
Result<domain::VerifySummary> restore_backup(domain::BackupReader& reader,
                                             const keys::Keyring& keyring,
                                             crypto::Random& random,
                                             const domain::StoreVerifier::Report& report,
                                             const std::string& folder);

}  // namespace coffer::cli
