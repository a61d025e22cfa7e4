// sys/capabilities: what a token may do with paths; of the caller, of a token, of an accessor.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/token_text.h"
#include "domain/auth/tokens.h"
#include "domain/identity/identity.h"
#include "formats/vault_fields.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::size_t kMaxPaths = 256;

Result<std::vector<std::string>> paths_of(const Call& call) {
  COFFER_TRY(auto paths, formats::list_field(call.body, "paths"));
  if (!paths || paths->empty()) {
    COFFER_TRY(paths, formats::list_field(call.body, "path"));
  }
  if (!paths || paths->empty()) return fail(Code::invalid_argument, "paths was not supplied");
  if (paths->size() > kMaxPaths) return fail(Code::too_large, "at most 256 paths at a time");
  return *std::move(paths);
}

Result<Reply> show(Call& call,
                   const RouteTables& tables,
                   const policy::Facts& facts,
                   const std::vector<policy::PolicyPtr>& policies) {
  COFFER_TRY(const auto paths, paths_of(call));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  std::vector<std::string> seen;
  for (const std::string& path : paths) {
    const std::string_view bare = std::string_view(path).substr(path.starts_with('/') ? 1 : 0);
    if (std::ranges::find(seen, path) != seen.end() || path == "capabilities") continue;
    seen.push_back(path);
    COFFER_TRY(const Asked asked, asked_accesses(*call.view, tables, std::string(bare)));
    const auto own = policy::capabilities(asked.path, facts, policies, asked.secret);
    if (seen.size() == 1 && paths.size() == 1) w.key("capabilities").strings(own);
    w.key(path).strings(own);
  }
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> of_caller(Call& call, const RouteTables& tables) {
  COFFER_TRY(const auto policies, policies_of_caller(call));
  return show(call, tables, *call.facts, policies);
}

// Policies are read as they are now, with the entity's; the request's own address and time count.
Result<Reply> of_token(Call& call, const RouteTables& tables, const domain::TokenRow& token) {
  std::vector<std::string> names = *token.policies;
  policy::Facts facts;
  if (!token.entity_id->empty()) {
    COFFER_TRY(domain::Identity identity,
               domain::Entities(*call.view).identity_of(*token.entity_id));
    names.insert(names.end(), identity.policies.begin(), identity.policies.end());
    facts = std::move(identity.facts);
  }
  facts.now = call.now;
  facts.source_ip = call.request.peer.address;
  COFFER_TRY(const auto policies,
             domain::Policies(*call.view, call.unsealed->policies).load(names));
  return show(call, tables, facts, policies);
}

Result<Reply> by_token(Call& call, const RouteTables& tables) {
  COFFER_TRY(const auto text, formats::secret_field(call.body, "token"));
  if (!text || text->empty()) return fail(Code::invalid_argument, "token was not supplied");
  if (text->text().starts_with(domain::kBatchPrefix)) {
    COFFER_TRY(const auto batch, domain::batch_row(*call.view, text->text()));
    if (!batch) return fail(Code::invalid_argument, "invalid token");
    return of_token(call, tables, *batch);
  }
  COFFER_TRY(const auto token, domain::Tokens(*call.view).by_token(text->text()));
  if (!token) return fail(Code::invalid_argument, "invalid token");
  return of_token(call, tables, token->row);
}

Result<Reply> by_accessor(Call& call, const RouteTables& tables) {
  COFFER_TRY(const auto accessor, formats::text_field(call.body, "accessor"));
  if (!accessor || accessor->empty()) {
    return fail(Code::invalid_argument, "accessor was not supplied");
  }
  COFFER_TRY(const auto token, domain::Tokens(*call.view).by_accessor(*accessor));
  if (!token) return fail(Code::invalid_argument, "invalid accessor");
  return of_token(call, tables, token->row);
}

}  // namespace

RouteTable sys_capability_routes(const RouteTables& tables) {
  RouteTable t;
  const auto add = [&](std::string_view pattern,
                       Result<Reply> (*handler)(Call&, const RouteTables&)) {
    t.push_back(guarded(Verb::write,
                        pattern,
                        proof::EventType::policy_read,
                        "policy.capabilities",
                        [&tables, handler](Call& call) { return handler(call, tables); }));
  };
  add("capabilities-self", of_caller);
  add("capabilities", by_token);
  add("capabilities-accessor", by_accessor);
  return t;
}

}  // namespace coffer::dialects::vault
