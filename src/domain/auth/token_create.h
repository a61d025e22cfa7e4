// What a token may ask for when it makes another: the rules of auth/token/create.
//
// A child has at most its parent's policies unless the caller has sudo there or a role decides;
// only root makes root, and only root that never expires makes one that never expires. Chosen ids,
// orphans and periods need sudo. A caller that is bound to addresses passes the bond on.
#pragma once

#include "domain/auth/principal.h"
#include "domain/auth/token_roles.h"
#include "domain/auth/tokens.h"

#include <optional>
#include <string>

namespace coffer::domain {

struct CreateRequest {
  secure::SecureText id;
  std::vector<std::string> policies;
  std::map<std::string, std::string> meta;
  bool no_parent = false;
  bool no_default_policy = false;
  bool renewable = true;
  Duration ttl{};
  Duration explicit_max_ttl{};
  Duration period{};
  std::string display_name;
  std::uint64_t num_uses = 0;
  std::string type;
  std::string entity_alias;
};

struct Creator {
  const Principal& principal;
  bool sudo = false;                   // on the path of the request
  const TokenRoleRow* role = nullptr;  // of auth/token/create/<role>
  const Mount* mount = nullptr;        // of auth/token, for its TTLs
  std::string path;                    // of the request
};

// Errors: invalid_argument with the reason, permission_denied.
Result<IssuedToken> create_token(work::View& view, const Creator& creator, CreateRequest request);

}  // namespace coffer::domain
