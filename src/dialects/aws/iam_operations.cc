#include "dialects/aws/iam_parts.h"

#include <iterator>

namespace coffer::dialects::aws {

// The account number is that of the unsealed realm.
OperationTable iam_operations(const Services& /*services*/) {
  OperationTable all;
  for (OperationTable part : {iam_user_operations(),
                              iam_key_operations(),
                              iam_role_operations(),
                              iam_policy_operations(),
                              iam_grant_operations()}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

}  // namespace coffer::dialects::aws
