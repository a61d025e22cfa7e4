#include "dialects/aws/families.h"

namespace coffer::dialects::aws {

OperationTable secrets_operations(const Services& /*services*/) {
  return {};
}

}  // namespace coffer::dialects::aws
