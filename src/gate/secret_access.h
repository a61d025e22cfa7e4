// What a versioned secret has to say about who may use it, beside its path: for the dialects whose
// callers show tokens.
//
// A secret is one thing under all APIs. Its resource policy would else hold for AWS's clients only,
// and so would the policy of the master key over its data key: whoever reads or writes the value
// needs that key as well, as with Secrets Manager. A token that carries a policy of IAM is decided
// by it. Everybody else costs one row, which the handler reads as well.
#pragma once

#include "domain/realms/mounts.h"
#include "gate/operation.h"
#include "policy/access.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer::gate {

// Adds IAM's spelling to the access to the secret, where a policy of IAM has something to say.
Result<> add_secret_policy(const Call& call,
                           const domain::Mount& mount,
                           std::string_view path,
                           policy::Access& access);

enum class ValueUse : std::uint8_t { reads, writes, both };

// Adds the accesses to the master key over the secret's data key: kms:Decrypt to read, and
// kms:GenerateDataKey to write. None for data keys that lie under the keyring.
Result<> add_key_access(const Call& call,
                        const domain::Mount& mount,
                        std::string_view path,
                        ValueUse use,
                        std::vector<policy::Access>& accesses);

}  // namespace coffer::gate
