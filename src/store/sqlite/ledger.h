// Ledger: a workload whose commits can be told whole from half. For the fault and crash tests.
//
// Every commit n appends log record n. With an odd n it also puts a row "n" with an index entry and
// moves the row "head" from revision n-2 to n; all of them hold the same text. An even one is its
// record alone, which takes another way to the disk. So a store is intact if all of them agree, and
// has kept its word if nothing acknowledged is missing.
#pragma once

#include "store/store.h"

#include <string>
#include <vector>

namespace coffer::store::sqlite {

// One batch: two units and a record, or the record.
Result<> commit_to_ledger(Store& store, std::uint64_t sequence, const std::string& text);

// What the store holds: the texts of its commits from the first on, or why it is not intact.
Result<std::vector<std::string>> read_ledger(const Store& store);

// "ok", or what PRAGMA integrity_check has to say about the file. The store is closed.
std::string integrity_of(const std::string& path);

}  // namespace coffer::store::sqlite
