// RowReader: the reads of the contract, over one connection and its cached statements.
//
// One thread at a time (ReaderPool sees to it). A reader may keep its snapshot between calls: as
// long as nothing was committed since, a kept snapshot shows the same as a new one and spares
// opening a transaction and reading the b-tree's inner pages again. freshen() sees to "nothing
// since"; what keeps a snapshot keeps the write-ahead log from starting over, so end_snapshot()
// must come in time.
#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/place_hints.h"
#include "store/store.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace coffer::store::sqlite {

class RowReader {
 public:
  // `hints`: shared with other readers of the file; null: none.
  static Result<RowReader> open(const ConnectionOptions& options,
                                std::shared_ptr<PlaceHints> hints = nullptr);

  // Before a call: a snapshot that is at least as new as ReaderPool's count of commits, `commits`.
  // An odd count means that a commit is under way: then it is always a new one.
  Result<> freshen(std::uint64_t commits);
  // The snapshot is otherwise that of the first read.
  Result<> take_snapshot();
  void end_snapshot();

  Result<std::optional<Stored>> get(const Key& key);
  Result<std::vector<StoredRow>> scan(
      TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit);
  Result<std::vector<Bytes>> scan_keys(
      TableId table, RealmId realm, ByteView prefix, ByteView after, std::size_t limit);
  Result<std::vector<Store::IndexHit>> query(IndexId index,
                                             TableId table,
                                             RealmId realm,
                                             ByteView prefix,
                                             ByteView after,
                                             std::size_t limit);
  // The part of the logs that is in the database (logs.h has the whole).
  Result<std::vector<LogId>> logs();
  Result<std::map<LogId, std::uint64_t>> log_floors();
  Result<std::vector<LogRecord>> read_log(LogId log, std::uint64_t from, std::size_t limit);
  Result<std::optional<LogRecord>> last_record(LogId log);
  // Every row, as Store::visit() does.
  Result<> visit_rows(const std::function<Result<>(const Put&)>& visitor);

 private:
  struct LogStatements {
    Statement from;
    Statement last;
  };

  struct Statements {
    Statement get;
    Statement get_at;
    Statement scan;
    Statement keys;
    Statement query;
    Statement begin;
    Statement end;
  };

  RowReader(Connection connection, Statements statements, std::shared_ptr<PlaceHints> hints);

  // nullptr: nothing was ever appended.
  Result<LogStatements*> log_statements(LogId log);

  Connection connection_;  // first: dies after its statements
  std::shared_ptr<PlaceHints> hints_;
  Statement get_;
  Statement get_at_;
  Statement scan_;
  Statement keys_;
  Statement query_;
  std::map<LogId, LogStatements> logs_;
  Statement begin_;
  Statement end_;
  bool in_snapshot_ = false;
  std::uint64_t snapshot_of_ = 0;  // the commit number it was begun at
};

}  // namespace coffer::store::sqlite
