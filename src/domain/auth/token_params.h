// TokenParams: the token_* settings that AppRole roles, users and token roles share, and the step
// from them to a token at login.
#pragma once

#include "domain/auth/tokens.h"
#include "domain/realms/mounts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

struct TokenParams {
  std::vector<std::string> policies;  // canonical, sorted, never "root"
  Duration ttl{};
  Duration max_ttl{};
  Duration explicit_max_ttl{};
  Duration period{};
  std::uint64_t num_uses = 0;
  std::vector<std::string> bound_cidrs;  // canonical
  bool no_default_policy = false;
  std::string type = "default";  // default, service, batch, default-service, default-batch
  static constexpr auto kMembers = std::tuple{&TokenParams::policies,
                                              &TokenParams::ttl,
                                              &TokenParams::max_ttl,
                                              &TokenParams::explicit_max_ttl,
                                              &TokenParams::period,
                                              &TokenParams::num_uses,
                                              &TokenParams::bound_cidrs,
                                              &TokenParams::no_default_policy,
                                              &TokenParams::type};
};

// Canonicalises and checks: policy names ("root" in any spelling is refused), durations, blocks,
// type, and that a batch type has nothing that batch tokens cannot have. invalid_argument.
Result<> normalise(TokenParams& params);

// What a login gives, "default" among them unless that is not wanted. Never "root": refused, though
// stored parameters hold none.
Result<std::vector<std::string>> login_policies(const TokenParams& params);

// What the mount and the parameters together allow.
TtlRules ttl_rules(const TokenParams& params, const Mount* mount);

// The kind of token that `type` means; `asked` empty: the type's default.
Result<TokenKind> token_kind(std::string_view type, std::string_view asked);

// A successful login, ready to become a token.
struct Login {
  const Mount& mount;
  std::string path;   // "auth/approle/login", "auth/userpass/login/ann": what leases are named by
  std::string alias;  // who logged in; canonical
  std::string display_name;
  std::map<std::string, std::string> metadata;
  // What the alias keeps of it, if not all.
  std::optional<std::map<std::string, std::string>> alias_metadata = {};
  Bytes binding = {};  // see TokenRow
};

// Makes alias and entity where needed, and the token. Only for credentials that were verified:
// whoever calls this has staged nothing yet that could still fail.
Result<IssuedToken> issue_login_token(work::View& view,
                                      const Login& login,
                                      const TokenParams& params);

}  // namespace coffer::domain
