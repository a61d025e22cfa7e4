#include "dialects/aws/families.h"

namespace coffer::dialects::aws {

OperationTable ssm_operations(const Services& /*services*/) {
  return {};
}

}  // namespace coffer::dialects::aws
