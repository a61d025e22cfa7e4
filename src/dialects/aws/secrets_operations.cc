#include "dialects/aws/families.h"
#include "dialects/aws/secret_parts.h"

namespace coffer::dialects::aws {

OperationTable secrets_operations(const Services& services) {
  OperationTable table;
  add_secret_value_operations(table, services);
  add_secret_batch_operations(table, services);
  add_secret_list_operations(table, services);
  add_secret_life_operations(table, services);
  add_secret_policy_operations(table, services);
  add_secret_replica_operations(table, services);
  add_secret_rotation_operations(table, services);
  return table;
}

}  // namespace coffer::dialects::aws
