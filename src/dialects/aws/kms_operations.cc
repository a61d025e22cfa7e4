#include "dialects/aws/families.h"

namespace coffer::dialects::aws {

OperationTable kms_operations(const Services& /*services*/) {
  return {};
}

}  // namespace coffer::dialects::aws
