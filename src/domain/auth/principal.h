// Principal: who is asking, as far as authentication could establish it. Plain value of one
// request.
#pragma once

#include "base/clock.h"
#include "policy/access.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

struct Principal {
  std::string type;          // audit's actor_type: token, batch_token
  std::string accessor;      // the token's accessor; empty for batch tokens
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
  policy::Facts facts;  // identity part filled in; the gate adds time and source
};

}  // namespace coffer::domain
