// StoreFiller: puts the rows and log records of a backup into an empty store, in commits of many
// items.
//
// Records are numbered anew, each log from 1: a log whose beginning was dropped has other numbers
// in the store that the backup is of, and nothing in the records depends on them.
//
// finish() commits what is left; without it the store holds a part. Memory: about 8 MiB. Errors:
// those of the store. Not thread-safe; borrows the store.
#pragma once

#include "base/result.h"
#include "store/store.h"

#include <map>
#include <utility>
#include <vector>

namespace coffer::domain {

class StoreFiller {
 public:
  explicit StoreFiller(store::Store& store) : store_(store) {}

  Result<> record(store::LogId log, const store::LogRecord& record);
  Result<> row(const store::Put& row);
  Result<> finish();

 private:
  Result<> flush_if_full();
  Result<> flush();

  store::Store& store_;
  std::vector<store::Put> rows_;
  std::vector<std::pair<store::LogId, store::LogRecord>> records_;
  std::map<store::LogId, std::uint64_t> last_;  // number of the last record, as it is here
  std::size_t octets_ = 0;
};

}  // namespace coffer::domain
