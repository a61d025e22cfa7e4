#include "dialects/aws/families.h"
#include "dialects/aws/kms_parts.h"

namespace coffer::dialects::aws {

OperationTable kms_operations(const Services& services) {
  OperationTable table;
  add_kms_key_operations(table, services);
  add_kms_state_operations(table, services);
  add_kms_cipher_operations(table, services);
  add_kms_data_key_operations(table, services);
  add_kms_sign_operations(table, services);
  add_kms_rotation_operations(table, services);
  add_kms_alias_operations(table, services);
  add_kms_grant_operations(table, services);
  add_kms_policy_operations(table, services);
  add_kms_import_operations(table, services);
  return table;
}

}  // namespace coffer::dialects::aws
