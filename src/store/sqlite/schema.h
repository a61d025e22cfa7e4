// The schema of the store file, version 2: docs/formats/store-sqlite.md.
#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

#include <string>
#include <vector>

namespace coffer::store::sqlite {

// Switches an empty file to this format, brings an older one up to it, or checks that the file has
// it. Errors beside those of
// Connection: precondition_failed (somebody else's database), unsupported (a later version),
// corrupt (objects in the schema that this store never made).
Result<> prepare_schema(Connection& connection);

[[nodiscard]] std::string log_table(LogId log);
// The statement that makes it.
[[nodiscard]] std::string create_log_table(LogId log);
// The logs that the file has, in their order.
Result<std::vector<LogId>> list_logs(Connection& connection);

}  // namespace coffer::store::sqlite
