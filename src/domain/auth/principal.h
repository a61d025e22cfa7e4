// Principal: who is asking, as far as authentication could establish it. Plain value of one
// request.
#pragma once

#include "base/clock.h"
#include "policy/access.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

struct AwsCaller;  // aws_caller.h

struct Principal {
  // audit's actor_type: token, batch_token; of signed requests iam_user, iam_user_session,
  // iam_role_session, iam_federated_user
  std::string type;
  std::string accessor;      // the token's accessor; empty for batch tokens; an access key's id
  std::string token_id;      // key of the token row (hex of its lookup digest); no credential
  std::string display_name;  // e.g. "approle-billing"
  std::string entity_id;     // empty: none
  std::vector<std::string> token_policies;
  std::vector<std::string> identity_policies;
  bool root = false;  // has the policy "root": its use is an event of its own
  // Whether the next request with this credential is the same principal, as long as no guarded row
  // changes, the time is before `until` (nullopt: never ends) and the address fits.
  bool lasting = false;
  std::optional<Timestamp> until;
  std::vector<std::string> bound_cidrs;
  policy::Facts facts;                   // identity part filled in; the gate adds time and source
  std::shared_ptr<const AwsCaller> aws;  // of a signed request; null: a token
};

}  // namespace coffer::domain
