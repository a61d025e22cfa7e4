#include "dialects/aws/families.h"
#include "dialects/aws/ssm_parts.h"

namespace coffer::dialects::aws {

OperationTable ssm_operations(const Services& services) {
  OperationTable table;
  add_ssm_put_operations(table, services);
  add_ssm_get_operations(table, services);
  add_ssm_list_operations(table, services);
  add_ssm_label_operations(table, services);
  add_ssm_tag_operations(table, services);
  add_ssm_setting_operations(table, services);
  add_ssm_sharing_operations(table, services);
  return table;
}

}  // namespace coffer::dialects::aws
