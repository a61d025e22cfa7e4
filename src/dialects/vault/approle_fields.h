// The fields of an AppRole on the wire, and the parts of approle_routes().
#pragma once

#include "dialects/vault/route.h"
#include "domain/auth/approle.h"

namespace coffer::dialects::vault {

// Absent fields stay as they are.
Result<> read_role_fields(const formats::JsonView& body, domain::AppRoleRow& row);
void write_role_fields(formats::JsonWriter& w, const domain::AppRoleRow& row);

// Blocks as Vault gives those of SecretIDs: one address is a block with a prefix too.
std::vector<std::string> prefixed(std::vector<std::string> cidrs);

// The role that the first capture names; not_found when there is none.
Result<domain::AppRolePtr> role_of(gate::Call& call);

void add_secret_id_routes(RouteTable& table);
void add_role_property_routes(RouteTable& table);

}  // namespace coffer::dialects::vault
