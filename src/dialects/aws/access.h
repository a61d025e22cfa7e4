// What an AWS operation asks for, as the evaluator decides it: one Access in all spellings.
#pragma once

#include "policy/access.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::dialects::aws {

// `action`: our own ("secret.read"); `iam_action`: "secretsmanager:GetSecretValue"; `arn`: of the
// resource, or "*" where the action has none; `path` and `capability`: Vault's spelling of the same
// ("secret/data/a"), under which a token's policies decide. The caller adds context, policies of
// the resource and grants to `iam`, and the segments of a secret's path.
inline policy::Access access(std::string_view action,
                             std::string_view iam_action,
                             std::string arn,
                             std::string path,
                             policy::Capability capability) {
  policy::Access out;
  out.action = action;
  out.path = std::move(path);
  out.capability = capability;
  out.issues_nothing = true;
  out.iam.emplace();
  out.iam->action = iam_action;
  out.iam->resource = std::move(arn);
  return out;
}

// Asks the same of the same under another action of IAM's as well: for a part of a request that AWS
// has an action of its own for. The first access is the one about the thing itself.
inline void also_ask(std::vector<policy::Access>& accesses, std::string_view iam_action) {
  policy::Access more = accesses.front();
  more.iam->action = iam_action;
  accesses.push_back(std::move(more));
}

}  // namespace coffer::dialects::aws
