// StoredLedger: a row ledger written down, for a log whose beginning is dropped.
//
// It says which rows there were, at which revision and with which seal, when the log had reached a
// signed head: folding the events behind that head into it gives what folding the whole log gives.
// It is a run of records:
//
//   version (1), u32 part (from 1), u64 rows (of the whole ledger), head (signed, head.h),
//   list of entries: u16 table, u32 realm, bytes key, u64 revision, seal (16 octets)
//
// Entries are in the order of (table, realm, key), each key once, in this part and the next; so a
// ledger has one form. Its digest is a hash over the records in order; the log names it
// (partition_drop.h), and that alone makes a ledger good. Grammar: docs/formats/audit.md.
//
// Limits: a record of kMaxLedgerRecord, keys of 1 to kMaxEventChangeKey octets. Errors of reading
// are Code::corrupt. Not thread-safe.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/wire.h"
#include "crypto/hash.h"
#include "proof/head.h"
#include "proof/row_ledger.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace coffer::proof {

inline constexpr std::size_t kLedgerPartFill = 512 * 1024;    // octets; then a part is full
inline constexpr std::size_t kMaxLedgerRecord = 1024 * 1024;  // octets

// What stands before the entries of a part.
struct LedgerPart {
  std::uint32_t part = 0;
  std::uint64_t rows = 0;
  SignedHead head;
  friend bool operator==(const LedgerPart&, const LedgerPart&) = default;
};

Result<LedgerPart> read_ledger_part(ByteView record);

// Hands the records of `ledger`, as it stood at `head`, to `sink`, in order, and gives their
// digest. An error of the sink stops it.
using LedgerSink = std::function<Result<>(std::uint32_t part, ByteView record)>;
Result<crypto::Digest> write_ledger(const RowLedger& ledger,
                                    const SignedHead& head,
                                    const LedgerSink& sink);

// Reads one ledger, part by part.
class StoredLedger {
 public:
  enum class Keep : std::uint8_t { rows, nothing };  // nothing: only the digest is wanted

  // `record`: of part 1.
  static Result<StoredLedger> begin(ByteView record, Keep keep = Keep::rows);
  // The next part. After an error the ledger is of no further use.
  Result<> feed(ByteView record);

  [[nodiscard]] bool is_whole() const { return read_ == first_.rows; }

  [[nodiscard]] const SignedHead& head() const { return first_.head; }

  // How many rows the whole ledger has.
  [[nodiscard]] std::uint64_t rows() const { return first_.rows; }

  // Of the parts so far.
  [[nodiscard]] const crypto::Digest& digest() const { return digest_; }

  [[nodiscard]] RowLedger take() { return std::move(ledger_); }

 private:
  StoredLedger(LedgerPart first, Keep keep) : first_(std::move(first)), keep_(keep) {}

  Result<> take_entries(Reader& in);
  Result<> take_entry(Reader& in);

  LedgerPart first_;
  Keep keep_;
  std::uint32_t parts_ = 0;  // so far
  std::uint64_t read_ = 0;   // rows so far
  std::optional<RowKey> last_;
  crypto::Digest digest_{};
  RowLedger ledger_;
};

}  // namespace coffer::proof
