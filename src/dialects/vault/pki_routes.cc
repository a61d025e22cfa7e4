// pki/: the certificate authority. Each family of routes has a file of its own.
#include "dialects/vault/dialect.h"
#include "dialects/vault/pki_parts.h"

#include <iterator>

namespace coffer::dialects::vault {

RouteTable pki_routes() {
  RouteTable table;
  for (const auto& family : {pki_issue_routes,
                             pki_authority_routes,
                             pki_key_routes,
                             pki_role_routes,
                             pki_config_routes,
                             pki_list_routes,
                             pki_revoke_routes,
                             pki_fetch_routes,
                             pki_issuer_routes}) {
    RouteTable routes = family();
    table.insert(table.end(),
                 std::make_move_iterator(routes.begin()),
                 std::make_move_iterator(routes.end()));
  }
  return table;
}

}  // namespace coffer::dialects::vault
