#include "domain/audit/ledger_log.h"

#include "proof/batch.h"
#include "rows/table.h"
#include "secure/bytes.h"

#include <algorithm>

namespace coffer::domain {
namespace {

using proof::StoredLedger;

// The number of the record with which the newest ledger at `head` begins; nothing: there is none.
Result<std::optional<std::uint64_t>> find_ledger(const store::Store& store,
                                                 const proof::SignedHead& head) {
  std::optional<std::uint64_t> found;
  for (std::uint64_t next = 0;;) {
    COFFER_TRY(const auto records, store.read_log(rows::kLedgerLog, next, 1));
    if (records.empty()) return found;
    const auto part = proof::read_ledger_part(records.front().record);
    if (part && part->part == 1 && part->head == head) found = records.front().sequence;
    next = records.front().sequence + 1;
  }
}

// What append_ledger() has to go on with: the parts at the end of the log that are of this head.
struct Tail {
  std::uint64_t first = 0;  // record of part 1
  std::uint64_t last = 0;   // of the log; 0: it has no records
};

Result<Tail> tail_of(const store::Store& store, const proof::SignedHead& head) {
  Tail tail;
  COFFER_TRY(const auto last, store.last_record(rows::kLedgerLog));
  if (!last) return Tail{.first = 1, .last = 0};
  tail.last = last->sequence;
  tail.first = last->sequence + 1;
  const auto part = proof::read_ledger_part(last->record);
  if (part && part->head == head && part->part <= last->sequence) {
    tail.first = last->sequence + 1 - part->part;
  }
  return tail;
}

Result<> append_record(store::Store& store, std::uint64_t sequence, ByteView record) {
  COFFER_TRY(const auto batch, store.begin());
  COFFER_CHECK(batch->append(rows::kLedgerLog, sequence, record));
  return batch->commit();
}

// Whether the records from `first` to `last` are the first parts of the ledger.
Result<bool> is_begun(const store::Store& store,
                      const Tail& tail,
                      const proof::RowLedger& ledger,
                      const proof::SignedHead& head) {
  if (tail.first > tail.last) return true;
  bool same = true;
  COFFER_TRY(
      const auto digest,
      proof::write_ledger(ledger, head, [&](std::uint32_t part, ByteView record) -> Result<> {
        const std::uint64_t at = tail.first + part - 1;
        if (!same || at > tail.last) return {};
        COFFER_TRY(const auto stored, store.read_log(rows::kLedgerLog, at, 1));
        same = !stored.empty() && stored.front().sequence == at &&
               std::ranges::equal(stored.front().record, record);
        return {};
      }));
  (void)digest;
  return same;
}

}  // namespace

Result<std::optional<proof::SignedHead>> log_start(const store::Store& store) {
  COFFER_TRY(const auto first, store.read_log(rows::kAuditLog, 0, 1));
  if (first.empty()) return std::nullopt;
  COFFER_TRY(const auto batch, proof::BatchReader::open(first.front().record));
  if (batch.first() <= 1) return std::nullopt;
  for (std::uint64_t next = 0;;) {
    COFFER_TRY(const auto records, store.read_log(rows::kLedgerLog, next, 1));
    if (records.empty()) return std::nullopt;
    const auto part = proof::read_ledger_part(records.front().record);
    if (part && proof::head_digest(part->head) == batch.previous()) return part->head;
    next = records.front().sequence + 1;
  }
}

Result<StoredLedger> read_ledger(const store::Store& store,
                                 const proof::SignedHead& head,
                                 const crypto::Digest& digest,
                                 StoredLedger::Keep keep) {
  COFFER_TRY(const auto first, find_ledger(store, head));
  if (!first) return fail(Code::corrupt, "the row ledger that the log names is missing");
  COFFER_TRY(const auto begin, store.read_log(rows::kLedgerLog, *first, 1));
  if (begin.empty()) return fail(Code::corrupt, "the row ledger that the log names is missing");
  COFFER_TRY(StoredLedger ledger, StoredLedger::begin(begin.front().record, keep));
  for (std::uint64_t next = *first + 1; !ledger.is_whole(); ++next) {
    COFFER_TRY(const auto records, store.read_log(rows::kLedgerLog, next, 1));
    if (records.empty()) return fail(Code::corrupt, "the row ledger that the log names is cut");
    COFFER_CHECK(ledger.feed(records.front().record));
  }
  if (!secure::equal(ledger.digest(), digest)) {
    return fail(Code::corrupt, "the row ledger is not the one that the log names");
  }
  return ledger;
}

Result<crypto::Digest> append_ledger(store::Store& store,
                                     const proof::RowLedger& ledger,
                                     const proof::SignedHead& head,
                                     const std::function<Result<>()>& proceed) {
  COFFER_TRY(Tail tail, tail_of(store, head));
  COFFER_TRY(const bool begun, is_begun(store, tail, ledger, head));
  if (!begun) tail.first = tail.last + 1;
  return proof::write_ledger(ledger, head, [&](std::uint32_t part, ByteView record) -> Result<> {
    const std::uint64_t at = tail.first + part - 1;
    if (at <= tail.last) return {};
    COFFER_CHECK(proceed());
    return append_record(store, at, record);
  });
}

Result<bool> drop_ledgers_before(store::Store& store, const proof::SignedHead& head) {
  COFFER_TRY(const auto first, find_ledger(store, head));
  if (!first) return fail(Code::corrupt, "the row ledger that the log names is missing");
  COFFER_TRY(const auto oldest, store.read_log(rows::kLedgerLog, 0, 1));
  if (!oldest.empty() && oldest.front().sequence == *first) return false;
  COFFER_CHECK(store.drop_log(rows::kLedgerLog, *first));
  return true;
}

}  // namespace coffer::domain
