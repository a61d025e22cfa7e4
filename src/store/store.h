// Store: where rows lie. Untrusted, transactional, ordered by key; it sees sealed blobs only.
//
// A row is (table, realm, key) -> (revision, blob). Every call names a realm: there is no way to
// read across realms by leaving one out. Keys are compared in byte order. Beside the rows there are
// index entries (an entry belongs to one row and is replaced or removed with it, in the same
// commit) and append-only logs (the audit batches), whose records carry consecutive sequence
// numbers from 1.
//
// Commits go through a Batch, one at a time: each unit is applied whole or not at all, its outcome
// is known before the log record is appended, and commit() makes everything durable at once. If a
// Batch dies without commit(), or commit() fails, nothing of it is there. After a failed commit()
// the store stays usable and shows the state before the batch.
//
// Limits: below; a row is touched once a unit (a check beside a put or erase is no touch).
// Errors: too_large (beyond a limit), invalid_argument (an empty key or entry, a row touched twice,
// the same entry twice in one put), unavailable (disk full, I/O), corrupt (the engine says its file
// is damaged, or a stored column is not what the engine's writer puts there).
// Thread safety: reads from any thread, also while a batch is open (they see the last committed
// state); one Batch at a time, used and destroyed on the thread that began it. begin() and
// drop_log() wait for another thread's batch and are precondition_failed beside one's own. Batches
// are destroyed before their store.
// Implementations: memory/, sqlite/; all pass conformance.h.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::store {

using RealmId = Strong<std::uint32_t, struct RealmIdTag>;
using TableId = Strong<std::uint16_t, struct TableIdTag>;  // stored on disk
using IndexId = Strong<std::uint16_t, struct IndexIdTag>;  // stored on disk
using LogId = Strong<std::uint16_t, struct LogIdTag>;      // stored on disk

inline constexpr RealmId kSystemRealm{0};

inline constexpr std::size_t kMaxKey = 1024;  // octets of a key and of an index entry; at least 1
inline constexpr std::size_t kMaxBlob = 256 * 1024;
inline constexpr std::size_t kMaxUnitItems = 100;   // puts and erases; and as many checks
inline constexpr std::size_t kMaxRowEntries = 64;   // index entries of one row
inline constexpr std::size_t kMaxRecord = 4 << 20;  // octets of a log record

struct Key {
  TableId table;
  RealmId realm;
  Bytes key;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Stored {
  std::uint64_t revision = 0;
  Bytes blob;
};

struct StoredRow {
  Key key;
  std::uint64_t revision = 0;
  Bytes blob;
};

struct IndexEntry {
  IndexId index;
  Bytes key;
  friend auto operator<=>(const IndexEntry&, const IndexEntry&) = default;
};

struct Put {
  Key key;
  std::uint64_t revision = 0;
  Bytes blob;
  std::vector<IndexEntry> index;  // replaces the row's former entries
  bool fresh = false;             // a hint and no more: most likely there is no such row yet
  bool same_index = false;  // the row is there and keeps its entries; `index` is not looked at
};

// The row must have this revision, or (nullopt) must be absent.
struct Check {
  Key key;
  std::optional<std::uint64_t> revision;
};

struct Unit {
  std::vector<Check> checks;
  std::vector<Put> puts;
  std::vector<Key> erases;  // erasing what is absent is no error
};

enum class Applied : std::uint8_t { yes, conflict };

struct LogRecord {
  std::uint64_t sequence = 0;
  Bytes record;
};

class Batch {
 public:
  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  virtual ~Batch() = default;  // rolls back unless committed

  // On conflict or error nothing of the unit stays. An error of the engine may end the batch: then
  // every later call fails, commit() included.
  virtual Result<Applied> apply(const Unit& unit) = 0;
  // `sequence` must be the log's last one plus one, else precondition_failed.
  virtual Result<> append(LogId log, std::uint64_t sequence, ByteView record) = 0;
  // Durable when it returns. Ends the batch, also when it fails: later calls are
  // precondition_failed. A batch whose failed commit() was followed by a crash may turn up whole
  // after recovery, as any unacknowledged one may; never in part.
  virtual Result<> commit() = 0;
};

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual Result<std::optional<Stored>> get(const Key& key) const = 0;

  // Rows of one table and realm whose key starts with `prefix` and is > `after` (empty: from the
  // start), in key order, at most `limit`.
  virtual Result<std::vector<StoredRow>> scan(
      TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit) const = 0;

  // The same without blobs.
  virtual Result<std::vector<Bytes>> scan_keys(
      TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit) const = 0;

  // Keys of the rows of `table` that have an entry in `index` starting with `prefix`, in the order
  // of the entries (equal ones in the order of their row keys), after the entry `after`. Paging
  // goes by entry: an index that is paged needs entries that differ, or the rest of a run of equal
  // ones is skipped.
  struct IndexHit {
    Bytes entry;
    Bytes row_key;
  };

  virtual Result<std::vector<IndexHit>> query(IndexId index,
                                              TableId table,
                                              RealmId realm,
                                              ByteView prefix,
                                              ByteView after,
                                              std::size_t limit) const = 0;

  virtual Result<std::vector<LogRecord>> read_log(LogId log,
                                                  std::uint64_t from,
                                                  std::size_t limit) const = 0;
  virtual Result<std::optional<LogRecord>> last_record(LogId log) const = 0;
  // Removes the records below `below` (retention, after a signed export). Durable. The last record
  // stays, because the next one counts from it: a `below` beyond it is precondition_failed. Waits
  // for visits under way, and may take long: between its steps others commit.
  virtual Result<> drop_log(LogId log, std::uint64_t below) = 0;

  virtual Result<std::unique_ptr<Batch>> begin() = 0;

  // A consistent copy of everything, taken while the store stays in use: every log record in (log,
  // sequence) order, then every row of every realm in (table, realm, key) order, as the Put that
  // makes it again, its index entries ascending. Logs go first because they say which rows there
  // must be. An error stops it.
  struct Visitor {
    std::function<Result<>(LogId, const LogRecord&)> record;
    std::function<Result<>(const Put&)> row;
  };

  virtual Result<> visit(const Visitor& visitor) const = 0;
};

}  // namespace coffer::store
