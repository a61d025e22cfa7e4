#include "domain/auth/token_create.h"

#include "base/encoding.h"
#include "domain/auth/token_text.h"
#include "domain/identity/identity.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

bool is_root(const TokenRow& parent) {
  return has_policy(*parent.policies, kRootPolicy);
}

std::unexpected<Error> refused(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

Result<TokenPtr> parent_of(work::View& view, const Principal& principal) {
  if (principal.type == "batch_token") return refused("batch tokens cannot create more tokens");
  const auto id = hex_decode(principal.token_id);
  if (!id) return fail(Code::internal, "a principal without a token");
  COFFER_TRY(TokenPtr parent, view.find<TokenRow>(*id));
  if (!parent) return fail(Code::permission_denied, "permission denied");
  if (*parent->row.num_uses > 0) {
    return refused("restricted use token cannot generate child tokens");
  }
  return parent;
}

Result<> check_privileges(const Creator& creator, const CreateRequest& request) {
  if (creator.sudo) return {};
  if (!request.id.empty()) return refused("root or sudo privileges required to specify token id");
  if (request.no_parent && creator.role == nullptr) {
    return refused("root or sudo privileges required to create orphan token");
  }
  if (request.period > Duration::zero() && creator.role == nullptr) {
    return refused("root or sudo privileges required to create periodic token");
  }
  return {};
}

// Root stands alone and comes from root only.
Result<std::vector<std::string>> own_policies(const Creator& creator,
                                              const TokenRow& parent,
                                              const CreateRequest& request) {
  COFFER_TRY(std::vector<std::string> wanted, canonical_policy_names(request.policies));
  bool add_default = true;
  if (wanted.empty()) {
    wanted = *parent.policies;
    add_default = false;
  } else if (!creator.sudo && !is_root(parent)) {
    const std::vector<std::string>& parents = *parent.policies;
    add_default = has_policy(parents, kDefaultPolicy);
    if (!add_default) std::erase(wanted, std::string(kDefaultPolicy));
    if (!std::ranges::includes(parents, wanted)) {
      return refused("child policies must be subset of parent");
    }
  }
  if (has_policy(wanted, kRootPolicy)) {
    if (!is_root(parent)) {
      return refused("root tokens may not be created without parent token being root");
    }
    if (wanted.size() > 1) return refused("root tokens may not have other policies");
    return wanted;
  }
  const bool role_without = creator.role != nullptr && creator.role->token->no_default_policy;
  if (add_default && !role_without) wanted.emplace_back(kDefaultPolicy);
  if (request.no_default_policy) std::erase(wanted, std::string(kDefaultPolicy));
  return canonical_policy_names(wanted);
}

Result<std::string> entity_of(work::View& view,
                              const Creator& creator,
                              const TokenRow& parent,
                              const CreateRequest& request,
                              bool orphan) {
  if (request.entity_alias.empty()) return orphan ? std::string() : *parent.entity_id;
  if (creator.role == nullptr || creator.mount == nullptr) {
    return refused("'entity_alias' is only allowed in combination with token role");
  }
  COFFER_TRY(const std::string alias, canonical_login_name(request.entity_alias));
  const auto& permitted = *creator.role->allowed_entity_aliases;
  if (std::ranges::none_of(permitted, [&](const auto& p) { return glob_matches(p, alias); })) {
    return refused("invalid 'entity_alias' value");
  }
  return Entities(view).at_login(creator.mount->accessor, alias, {});
}

TtlRules rules_of(const Creator& creator, const CreateRequest& request) {
  TtlRules rules = ttl_rules(creator.role ? *creator.role->token : TokenParams{}, creator.mount);
  if (creator.role == nullptr) rules.period = request.period;
  const Duration asked = request.explicit_max_ttl;
  if (asked > Duration::zero()) {
    rules.explicit_max_ttl =
        rules.explicit_max_ttl > Duration::zero() ? std::min(rules.explicit_max_ttl, asked) : asked;
  }
  return rules;
}

// Letters, digits and a few signs; anything else becomes '-'.
std::string display_name_of(const CreateRequest& request) {
  std::string name = request.display_name.substr(0, kMaxName);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '_' && c != '.' && c != '@') c = '-';
  }
  return name.empty() ? "token" : "token-" + name;
}

Result<> check_request(const CreateRequest& request) {
  COFFER_CHECK(check_ttl("ttl", request.ttl));
  COFFER_CHECK(check_ttl("explicit_max_ttl", request.explicit_max_ttl));
  COFFER_CHECK(check_ttl("period", request.period));
  const std::string_view id = request.id.text();
  if (id.size() > kMaxName || id.contains('.')) {
    return refused("a chosen token id is too long or has a '.'");
  }
  return {};
}

void set_role(const Creator& creator, TokenSpec& spec) {
  const TokenRoleRow& role = *creator.role;
  spec.role = *role.name;
  spec.bound_cidrs = role.token->bound_cidrs;
  if (!role.path_suffix->empty()) spec.path += "/" + *role.path_suffix;
  if (role.token->num_uses > 0) {
    spec.num_uses =
        spec.num_uses > 0 ? std::min(spec.num_uses, role.token->num_uses) : role.token->num_uses;
  }
}

}  // namespace

Result<IssuedToken> create_token(work::View& view, const Creator& creator, CreateRequest request) {
  COFFER_CHECK(check_request(request));
  COFFER_TRY(const TokenPtr parent, parent_of(view, creator.principal));
  COFFER_CHECK(check_privileges(creator, request));
  const TokenRoleRow* role = creator.role;
  const bool orphan = role != nullptr ? *role->orphan : request.no_parent;
  TokenSpec spec;
  if (role != nullptr && decides_policies(*role)) {
    COFFER_TRY(const auto asked, canonical_policy_names(request.policies));
    COFFER_TRY(spec.policies, role_policies(*role, asked, *parent->row.policies));
    if (request.no_default_policy) std::erase(spec.policies, std::string(kDefaultPolicy));
  } else {
    COFFER_TRY(spec.policies, own_policies(creator, parent->row, request));
  }
  if (role != nullptr) COFFER_CHECK(grantable_policy_names(spec.policies));
  COFFER_TRY(spec.kind, token_kind(role ? role->token->type : "default", request.type));
  COFFER_TRY(spec.entity_id, entity_of(view, creator, parent->row, request, orphan));
  if (!orphan) {
    spec.parent = {*parent->row.id, *parent->row.accessor};
    spec.parent_depth = *parent->row.depth;
  }
  spec.rules = rules_of(creator, request);
  spec.ttl = request.ttl;
  spec.renewable = request.renewable && (role == nullptr || *role->renewable);
  spec.num_uses = request.num_uses;
  spec.meta = std::move(request.meta);
  spec.display_name = display_name_of(request);
  spec.path = creator.path;
  spec.chosen = std::move(request.id);
  if (role != nullptr) set_role(creator, spec);
  if (spec.bound_cidrs.empty()) spec.bound_cidrs = *parent->row.bound_cidrs;
  if (has_policy(spec.policies, kRootPolicy) && spec.ttl == Duration::zero() &&
      spec.rules.period == Duration::zero() && spec.rules.explicit_max_ttl == Duration::zero()) {
    if (*parent->row.expires) {
      return refused("expiring root tokens cannot create non-expiring root tokens");
    }
    spec.never_expires = true;
  }
  return Tokens(view).issue(std::move(spec));
}

}  // namespace coffer::domain
