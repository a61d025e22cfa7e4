// BackupReader: walks the frames of a backup file, closed; BackupOpener opens them.
//
// Nothing in the file is trusted. The reader checks form, limits, and that the end frame belongs to
// the octets before it; who made the file is only known once verify_end() holds for reader.end(),
// or the frames open under the keyring.
//
// Memory: one frame. Not thread-safe. Errors: corrupt, naming what; else the source's.
#pragma once

#include "crypto/aead.h"
#include "crypto/random.h"
#include "domain/audit/backup_format.h"
#include "keys/keyring.h"

#include <functional>
#include <memory>
#include <optional>

namespace coffer::domain {

// Fills the start of the span and returns how many octets; 0 at the end.
using BackupSource = std::function<Result<std::size_t>(MutableBytes)>;

class BackupReader {
 public:
  static Result<BackupReader> open(BackupSource source);

  [[nodiscard]] const BackupHeader& header() const { return header_; }

  // SHA-256 of everything up to the first frame.
  [[nodiscard]] const crypto::Digest& start() const { return start_; }

  // The next content frame, sealed. Nothing once the end frame was read, names these frames, and is
  // the end of the file.
  Result<std::optional<Bytes>> next();

  // How many content frames were read: the number of the last one.
  [[nodiscard]] std::uint64_t frames() const { return frames_; }

  // After next() returned nothing.
  [[nodiscard]] const BackupEnd& end() const { return end_; }

 private:
  explicit BackupReader(BackupSource source) : source_(std::move(source)) {}

  Result<std::size_t> fill(MutableBytes out);
  Result<Bytes> take(std::size_t size);
  Result<> read_header();
  Result<> read_end(std::size_t length);

  BackupSource source_;
  BackupHeader header_;
  crypto::Digest start_{};
  crypto::Digest chain_{};
  std::uint64_t frames_ = 0;
  BackupEnd end_;
};

class BackupOpener {
 public:
  // Unwraps the file's key; corrupt when the header was changed or is another server's. Borrows
  // nothing but `random`.
  static Result<BackupOpener> make(const BackupReader& reader,
                                   const keys::Keyring& keyring,
                                   crypto::Random& random);

  // Hands the items of the frame that next() returned to the visitor.
  Result<> replay(std::uint64_t number, ByteView frame, const store::Store::Visitor& to) const;

 private:
  BackupOpener(std::unique_ptr<crypto::Aead> aead, const crypto::Digest& start)
      : aead_(std::move(aead)), start_(start) {}

  std::unique_ptr<crypto::Aead> aead_;
  crypto::Digest start_;
};

}  // namespace coffer::domain
