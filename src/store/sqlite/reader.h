// RowReader: the reads of the contract, over one connection and its cached statements.
//
// One thread at a time (ReaderPool sees to it). Each call is one read transaction of its own,
// unless the connection has one open.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

#include <map>
#include <optional>
#include <vector>

namespace coffer::store::sqlite {

class RowReader {
 public:
  static Result<RowReader> open(const ConnectionOptions& options);

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
  Result<std::vector<LogRecord>> read_log(LogId log, std::uint64_t from, std::size_t limit);
  Result<std::optional<LogRecord>> last_record(LogId log);
  Result<> visit(const Store::Visitor& visitor);

 private:
  struct LogStatements {
    Statement from;
    Statement last;
  };

  RowReader(Connection connection, Statement get, Statement scan, Statement keys, Statement query);

  // nullptr: nothing was ever appended.
  Result<LogStatements*> log_statements(LogId log);
  Result<> visit_rows(const Store::Visitor& visitor);
  Result<> visit_logs(const Store::Visitor& visitor);

  Connection connection_;  // first: dies after its statements
  Statement get_;
  Statement scan_;
  Statement keys_;
  Statement query_;
  std::map<LogId, LogStatements> logs_;
};

}  // namespace coffer::store::sqlite
