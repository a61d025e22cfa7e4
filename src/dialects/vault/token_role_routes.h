// auth/token/roles: part of token_routes().
#pragma once

#include "dialects/vault/route.h"

namespace coffer::dialects::vault {

void add_token_role_routes(RouteTable& table);

}  // namespace coffer::dialects::vault
