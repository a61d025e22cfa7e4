// Logs: every log of the store, wherever its records lie. A record that was committed together with
// rows is in the database; one that was committed alone is in the log's segments (side_log.h).
// Together they are one run of sequences.
//
// publish() says that a commit is done; readers see no record beyond what was published when they
// began, so that no record is missing between two that they see. open(), append(), settle(),
// publish() and drop() belong to the holder of the store's write gate (open() comes before there is
// one); the rest is for any thread.
#pragma once

#include "store/sqlite/reader.h"
#include "store/sqlite/side_log.h"
#include "store/store.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace coffer::store::sqlite {

class Logs {
 public:
  using Tips = std::map<LogId, std::uint64_t>;

  // `floors`: what drop_log() left in the database; segments below are removed.
  static Result<std::unique_ptr<Logs>> open(std::string vfs, std::string path, RowReader& database);

  // The last sequence of each log that has records.
  [[nodiscard]] Tips tips() const;
  [[nodiscard]] std::uint64_t last(LogId log) const;  // 0: there is none

  // A record without rows: durable when it returns.
  Result<> append(LogId log, std::uint64_t sequence, ByteView record);
  // Before the database takes a record: what failed to be appended is taken away.
  Result<> settle();
  void publish(LogId log, std::uint64_t sequence);
  // The database has forgotten what is below: the segments do, too.
  Result<> drop(LogId log, std::uint64_t below);

  // As Store does. `tip`: last() before the reader's snapshot was begun.
  Result<std::vector<LogRecord>> read(RowReader& database,
                                      LogId log,
                                      std::uint64_t tip,
                                      std::uint64_t from,
                                      std::size_t limit) const;
  Result<std::optional<LogRecord>> read_last(RowReader& database, LogId log) const;

 private:
  Logs(std::string vfs, std::string path) : vfs_(std::move(vfs)), path_(std::move(path)) {}

  // Null: the log has no segments.
  [[nodiscard]] SideLog* side(LogId log) const;
  [[nodiscard]] std::uint64_t floor(LogId log) const;
  Result<SideLog*> side_or_new(LogId log);

  const std::string vfs_;
  const std::string path_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<LogId, std::unique_ptr<SideLog>> sides_;
  Tips tips_;
  std::map<LogId, std::uint64_t> floors_;
};

}  // namespace coffer::store::sqlite
