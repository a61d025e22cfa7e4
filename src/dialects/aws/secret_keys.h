// Master keys as Secrets Manager uses them: found by what a KmsKeyId says, and asked for
// permission in the name of the caller.
#pragma once

#include "dialects/aws/families.h"
#include "domain/secrets/data_key_wrap.h"
#include "gate/operation.h"
#include "policy/access.h"

#include <optional>
#include <string_view>

namespace coffer::dialects::aws {

// nullopt: the service's own key, which is the keyring's: no data key is wrapped. Errors: not_found
// under AWS's names when there is no such key.
Result<std::optional<domain::WrapUnder>> key_of_id(gate::Call& call,
                                                   const Services& services,
                                                   std::string_view key_id);

// What a use of the master key by this service in the caller's name asks for.
Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::DataKeyWrap& wrap,
                                  std::string_view secret_arn);
Result<policy::Access> key_access(gate::Call& call,
                                  const Services& services,
                                  std::string_view kms_action,
                                  const domain::KeyPtr& key,
                                  std::string_view secret_arn);

}  // namespace coffer::dialects::aws
