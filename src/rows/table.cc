#include "rows/table.h"

#include <algorithm>

namespace coffer::rows {
std::string table_name(store::TableId table) {
  if (table < tables::kFirstRowTable) return "seal";
  const auto found = std::ranges::find(tables::kAll, table, &TableSpec::id);
  if (found == tables::kAll.end()) return "table " + std::to_string(table.value());
  return std::string(found->name);
}

}  // namespace coffer::rows
