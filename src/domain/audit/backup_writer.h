// BackupWriter: writes a backup file (backup_format.h) from one snapshot of a store.
//
// Memory: two frames. Not thread-safe. Errors: those of the sink, of the store, and conflict when
// the keys were rotated between the header and the snapshot (run it again). What was written before
// an error has no end frame and is no backup.
#pragma once

#include "base/clock.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "domain/audit/backup_format.h"
#include "keys/keyring.h"
#include "store/store.h"

#include <functional>
#include <memory>

namespace coffer::domain {

using BackupSink = std::function<Result<>(ByteView)>;

class BackupWriter {
 public:
  // Writes the header. `keyring` and `random` are borrowed; `seal_rows` are those of the store that
  // is backed up.
  static Result<BackupWriter> begin(BackupSink sink,
                                    std::vector<store::Put> seal_rows,
                                    const keys::Keyring& keyring,
                                    Timestamp now,
                                    crypto::Random& random);

  // In the order of Store::visit. Rows of the seal's table must be those of the header and are not
  // written again.
  Result<> record(store::LogId log, const store::LogRecord& record);
  Result<> row(const store::Put& row);
  // Writes the end frame, signed. Once.
  Result<> finish();

 private:
  BackupWriter(BackupSink sink, std::vector<store::Put> seal_rows, const keys::Keyring& keyring);

  Result<> start(BackupHeader header, crypto::Random& random);
  Result<> flush_if_full();
  Result<> flush();
  Result<> emit(BackupFrame kind, ByteView frame);

  BackupSink sink_;
  std::vector<store::Put> seal_rows_;
  const keys::Keyring& keyring_;
  std::unique_ptr<crypto::Aead> aead_;
  crypto::Digest start_{};
  BackupEnd end_;
  Bytes items_;
  std::size_t seal_rows_met_ = 0;
};

// The whole store, while it stays in use. Blocking and long. Take `keyring` before the call: rows
// are never sealed under a term that the seal rows, read here, do not have.
Result<> write_backup(const store::Store& store,
                      const keys::Keyring& keyring,
                      Timestamp now,
                      crypto::Random& random,
                      const BackupSink& sink);

}  // namespace coffer::domain
