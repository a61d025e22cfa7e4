#include "domain/auth/token_params.h"

#include "domain/auth/token_life.h"
#include "domain/identity/identity.h"
#include "domain/identity/names.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::array<std::string_view, 5> kTypes = {
    "default", "service", "batch", "default-service", "default-batch"};

Result<> check_batch(const TokenParams& params) {
  if (!params.type.ends_with("batch")) return {};
  if (params.num_uses > 0 || params.period > Duration::zero() ||
      params.explicit_max_ttl > Duration::zero()) {
    return fail(Code::invalid_argument,
                "batch tokens cannot have a period, an explicit max TTL or use limits");
  }
  return {};
}

// The mount decides, or says what roles of no type of their own mean.
std::string_view login_type(const Mount& mount, const TokenParams& params) {
  const bool fixed = mount.token_type == "service" || mount.token_type == "batch";
  const bool open = params.type.empty() || params.type == "default";
  return fixed || (open && !mount.token_type.empty()) ? mount.token_type : params.type;
}

Duration narrower(Duration a, Duration b) {
  return b > Duration::zero() ? std::min(a, b) : a;
}

}  // namespace

Result<> normalise(TokenParams& params) {
  COFFER_TRY(params.policies, grantable_policy_names(params.policies));
  COFFER_TRY(params.bound_cidrs, canonical_cidrs(params.bound_cidrs));
  COFFER_CHECK(check_ttl("token_ttl", params.ttl));
  COFFER_CHECK(check_ttl("token_max_ttl", params.max_ttl));
  COFFER_CHECK(check_ttl("token_explicit_max_ttl", params.explicit_max_ttl));
  COFFER_CHECK(check_ttl("token_period", params.period));
  if (params.max_ttl > Duration::zero() && params.ttl > params.max_ttl) {
    return fail(Code::invalid_argument, "token_ttl cannot be greater than token_max_ttl");
  }
  if (params.type.empty()) params.type = "default";
  if (std::ranges::find(kTypes, params.type) == kTypes.end()) {
    return fail(Code::invalid_argument, "invalid value for token_type");
  }
  return check_batch(params);
}

Result<std::vector<std::string>> login_policies(const TokenParams& params) {
  std::vector<std::string> policies = params.policies;
  if (!params.no_default_policy) policies.emplace_back(kDefaultPolicy);
  return grantable_policy_names(policies);
}

TtlRules ttl_rules(const TokenParams& params, const Mount* mount) {
  TtlRules rules;
  if (mount != nullptr) {
    if (mount->default_lease_ttl > Duration::zero()) rules.default_ttl = mount->default_lease_ttl;
    if (mount->max_lease_ttl > Duration::zero()) rules.max_ttl = mount->max_lease_ttl;
  }
  rules.max_ttl = narrower(rules.max_ttl, params.max_ttl);
  if (params.ttl > Duration::zero()) rules.default_ttl = params.ttl;
  rules.explicit_max_ttl = params.explicit_max_ttl;
  rules.period = params.period;
  return rules;
}

Result<TokenKind> token_kind(std::string_view type, std::string_view asked) {
  const bool fixed = type == "service" || type == "batch";
  const std::string_view effective = fixed || asked.empty() ? type : asked;
  if (effective == "batch" || effective == "default-batch") return TokenKind::batch;
  if (effective == "service" || effective == "default-service" || effective == "default" ||
      effective.empty()) {
    return TokenKind::service;
  }
  return fail(Code::invalid_argument, "invalid 'type' value");
}

Result<IssuedToken> issue_login_token(work::View& view,
                                      const Login& login,
                                      const TokenParams& params) {
  TokenSpec spec;
  COFFER_TRY(spec.policies, login_policies(params));
  COFFER_TRY(spec.kind, token_kind(login_type(login.mount, params), ""));
  COFFER_TRY(spec.entity_id,
             Entities(view).at_login(
                 login.mount.accessor, login.alias, login.alias_metadata.value_or(login.metadata)));
  spec.meta = login.metadata;
  spec.binding = login.binding;
  spec.display_name = login.display_name;
  spec.path = login.path;
  spec.mount_accessor = login.mount.accessor;
  spec.rules = ttl_rules(params, &login.mount);
  spec.num_uses = params.num_uses;
  spec.bound_cidrs = params.bound_cidrs;
  return Tokens(view).issue(std::move(spec));
}

}  // namespace coffer::domain
