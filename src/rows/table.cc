#include "rows/table.h"

#include <algorithm>
#include <array>

namespace coffer::rows {
namespace {

using namespace tables;

constexpr std::array kAll{kMounts,
                          kPolicies,
                          kEntities,
                          kAliases,
                          kTokens,
                          kTokenRoles,
                          kTokenAccessors,
                          kAppRoles,
                          kSecretIds,
                          kUsers,
                          kLockouts,
                          kWraps,
                          kSettings,
                          kRoleIds,
                          kPolicyHistory,
                          kSecrets,
                          kRevisions,
                          kCubbyholes,
                          kJobs};

}  // namespace

std::string table_name(store::TableId table) {
  if (table < kFirstRowTable) return "seal";
  const auto found = std::ranges::find(kAll, table, &TableSpec::id);
  if (found == kAll.end()) return "table " + std::to_string(table.value());
  return std::string(found->name);
}

}  // namespace coffer::rows
