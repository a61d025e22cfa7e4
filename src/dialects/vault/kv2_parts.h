// The parts of the KV version 2 route table, each in its own file, and what they share.
#pragma once

#include "dialects/vault/route.h"
#include "domain/secrets/kv2.h"
#include "gate/operation.h"
#include "gate/secret_access.h"

#include <string>
#include <string_view>

namespace coffer::dialects::vault {

// data/ and delete/, undelete/, destroy/.
void add_kv2_data_routes(RouteTable& routes);
// metadata/, subkeys/ and config.
void add_kv2_metadata_routes(RouteTable& routes);
// detailed-metadata/, and what a list of data/ is told.
void add_kv2_detailed_routes(RouteTable& routes);

inline domain::Kv2 kv2_engine(const gate::Call& call) {
  return {*call.view, *call.mount, call.unsealed->secrets, call.principal->display_name};
}

inline const std::string& kv2_path(const gate::Call& call) {
  return call.routing.captures.at(0);
}

inline Result<> policy_of_secret(gate::Call& call, policy::Access& access) {
  return gate::add_secret_policy(call, *call.mount, kv2_path(call), access);
}

template <gate::ValueUse kUse>
Result<> key_over_secret(gate::Call& call, std::vector<policy::Access>& accesses) {
  return gate::add_key_access(call, *call.mount, kv2_path(call), kUse, accesses);
}

inline Rule kv2_rule(std::string_view action) {
  return {.action = action, .secret_capture = 0, .refine = policy_of_secret};
}

// For what opens or seals values of the secret.
template <gate::ValueUse kUse>
Rule using_value(Rule rule) {
  rule.also = key_over_secret<kUse>;
  return rule;
}

// For writes that make the secret when it is not there.
inline Rule kv2_creating_rule(std::string_view action) {
  Rule rule = kv2_rule(action);
  rule.exists = [](gate::Call& call) { return kv2_engine(call).exists(kv2_path(call)); };
  return rule;
}

}  // namespace coffer::dialects::vault
