// The export file: a piece of the audit log that is carried away and verified offline.
//
//   "coffer-audit-export v1 start=" ("-" | head text) LF
//   then for each batch record: u32 length (big endian), the record
//
// `start` is the signed head before the first record, "-" where the log begins. Nothing in the file
// is trusted: the reader checks form and limits, Verifier everything else. The file has no end
// mark, since whoever cuts it could write one: truncation is found with a witness only.
//
// Writer and reader borrow nothing but what their functions hold; not thread-safe. Limits: header
// 640 octets, record 1 octet to kMaxBatch.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "proof/head.h"
#include "proof/verifier.h"

#include <functional>
#include <optional>

namespace coffer::proof {

using ExportSink = std::function<Result<>(ByteView)>;
// Fills the start of the span and returns how many octets; 0 at the end.
using ExportSource = std::function<Result<std::size_t>(MutableBytes)>;

class ExportWriter {
 public:
  // Writes the header. Errors are the sink's.
  static Result<ExportWriter> begin(ExportSink sink, const std::optional<SignedHead>& start);

  // too_large beyond kMaxBatch, invalid_argument for an empty record; else the sink's errors.
  Result<> add(ByteView record);

 private:
  explicit ExportWriter(ExportSink sink) : sink_(std::move(sink)) {}

  ExportSink sink_;
};

class ExportReader {
 public:
  // Reads the header. Code::corrupt when it is none; else the source's errors.
  static Result<ExportReader> open(ExportSource source);

  [[nodiscard]] const std::optional<SignedHead>& start() const { return start_; }

  // The next record; nothing at the end of the file. Code::corrupt when the file is cut inside a
  // record or a length is out of its limits.
  Result<std::optional<Bytes>> next();

 private:
  explicit ExportReader(ExportSource source) : source_(std::move(source)) {}

  Result<std::size_t> fill(MutableBytes out);

  ExportSource source_;
  std::optional<SignedHead> start_;
};

// Feeds every record of `reader` to `verifier` (constructed with reader.start()) and each event
// that holds to `visit`. Returns the head reached; the first error stops it.
Result<Head> verify_export(ExportReader& reader,
                           Verifier& verifier,
                           const std::function<Result<>(const Event&)>& visit);

}  // namespace coffer::proof
