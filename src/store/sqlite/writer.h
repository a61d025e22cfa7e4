// RowWriter: the one connection that changes the file, with its cached statements.
//
// Used by whoever holds the store's WriteGate, so by one thread at a time. begin(), any number of
// apply() and append(), then commit() or rollback(). After an engine error inside the transaction
// the engine may have rolled back by itself; the RowWriter notices, refuses what follows until
// rollback(), and never lets a statement run outside a transaction.
#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/place_hints.h"
#include "store/store.h"

#include <atomic>
#include <map>
#include <memory>
#include <optional>

namespace coffer::store::sqlite {

class RowWriter {
 public:
  // `hints`: shared with the readers of the file.
  static Result<std::unique_ptr<RowWriter>> open(const ConnectionOptions& options,
                                                 std::shared_ptr<PlaceHints> hints);

  Result<> begin();
  Result<Applied> apply(const Unit& unit);
  // `sequence` is above every one that the log has here.
  Result<> append(LogId log, std::uint64_t sequence, ByteView record);
  // Of a log that has records here or beside; `below` is its floor from then on.
  // Nothing of the log is below from now on.
  Result<> set_log_floor(LogId log, std::uint64_t floor);
  // Removes some of the oldest records below; gives whether there may be more.
  static constexpr std::int64_t kDropStep = 500;  // records
  Result<bool> drop_some(LogId log, std::uint64_t below);
  Result<> commit();
  void rollback();

  // Frames of the write-ahead log after the last commit.
  [[nodiscard]] std::int64_t wal_frames() const { return wal_frames_; }

 private:
  struct Statements {
    Statement begin, commit, rollback;
    Statement savepoint, release, rollback_to;
    Statement find, insert, update, erase;
    Statement insert_absent, update_plain, update_plain_at, update_blob, erase_plain;
    Statement add_entry, remove_entry;
    Statement set_floor;
  };

  struct LogStatements {
    Statement insert, drop;
  };

  struct Found {
    std::int64_t id = 0;
    std::uint64_t revision = 0;
    Bytes entries;
  };

  RowWriter(Connection connection, Statements statements, std::shared_ptr<PlaceHints> hints);

  static Result<Statements> prepare(Connection& connection);
  Result<> check_transaction();
  Result<std::optional<Found>> find(ByteView place);
  Result<> write(const Unit& unit);
  Result<> write_plain(const Unit& unit);
  Result<> write_guarded(const Unit& unit);
  Result<bool> put_plainly(const Put& put, ByteView place, ByteView entries);
  Result<> put_same_index(const Put& put, ByteView place);
  Result<bool> changed_one(Run& run);
  void learn_inserted(ByteView place);
  Result<> put(const Put& put);
  Result<> erase(const Key& key);
  Result<> replace_entries(const Key& key, ByteView former, ByteView now);
  Result<> change_entries(Statement& statement, const Key& key, ByteView entries);
  Result<LogStatements*> log_statements(LogId log);

  Connection connection_;  // first: dies after its statements
  Statements statements_;
  std::shared_ptr<PlaceHints> hints_;
  std::map<LogId, LogStatements> logs_;
  bool made_table_ = false;  // in this transaction
  bool broken_ = false;      // this transaction can only be rolled back
  std::int64_t wal_frames_ = 0;
};

}  // namespace coffer::store::sqlite
