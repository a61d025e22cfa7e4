// The parts of the identity route table, each in its own file, and what they share.
#pragma once

#include "dialects/vault/dialect.h"
#include "dialects/vault/route.h"
#include "domain/identity/entity_admin.h"
#include "formats/json.h"
#include "gate/operation.h"

#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coffer::dialects::vault {

// How a path names an entity or a group.
enum class Named : std::uint8_t { by_id, by_name };

// entity-alias/.
void add_alias_routes(RouteTable& table);
// group/ and lookup/group.
void add_group_routes(RouteTable& table);

void write_text_map(formats::JsonWriter& w, const std::map<std::string, std::string>& map);
// The members of one alias; type and path of its mount are empty when the mount is gone.
Result<> write_alias(formats::JsonWriter& w, gate::Call& call, const domain::AliasRow& alias);

// Asks `question` of all entities, or groups, on a worker thread: it may read every row.
template <class T, class Admin = domain::EntityAdmin>
Result<T*> ask_all(gate::Call& call,
                   std::type_identity_t<std::function<Result<T>(Admin&)>> question) {
  // The source of randomness is the server's, not the call's; nothing is drawn from it here.
  return call.effects.get<T>("all",
                             [unsealed = call.unsealed,
                              realm = call.view->realm(),
                              now = call.now,
                              random = &call.random,
                              ask = std::move(question)] {
                               work::View view(*unsealed->rows, realm, now, *random);
                               Admin admin(view);
                               return ask(admin);
                             });
}

}  // namespace coffer::dialects::vault
