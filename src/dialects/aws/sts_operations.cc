#include "dialects/aws/families.h"

namespace coffer::dialects::aws {

OperationTable sts_operations(const Services& /*services*/) {
  return {};
}

}  // namespace coffer::dialects::aws
