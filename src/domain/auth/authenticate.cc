#include "domain/auth/authenticate.h"

#include "base/encoding.h"
#include "domain/auth/batch_token.h"
#include "domain/auth/token_life.h"
#include "domain/auth/token_text.h"
#include "domain/identity/identity.h"
#include "domain/identity/names.h"

namespace coffer::domain {
namespace {

std::unexpected<Error> denied() {
  return fail(Code::permission_denied, "permission denied");
}

Result<> add_identity(work::View& view, Principal& principal) {
  if (principal.entity_id.empty()) return {};
  COFFER_TRY(Identity identity, Entities(view).identity_of(principal.entity_id));
  principal.identity_policies = std::move(identity.policies);
  principal.facts = std::move(identity.facts);
  return {};
}

Result<Principal> by_batch_token(work::View& view,
                                 std::string_view text,
                                 std::string_view source_ip) {
  COFFER_TRY(const BatchToken token, open_batch_token(*view.keyring(), view.realm(), text));
  COFFER_TRY(const bool alive, is_alive(view, token));
  if (!alive || !address_allowed(token.bound_cidrs, source_ip)) return denied();
  // Earlier versions made them.
  if (has_policy(token.policies, kRootPolicy)) return denied();
  Principal principal;
  principal.type = "batch_token";
  principal.display_name = token.display_name;
  principal.entity_id = token.entity_id;
  principal.token_policies = token.policies;
  COFFER_CHECK(add_identity(view, principal));
  return principal;
}

// In the view's gate part: counted whatever becomes of the request.
Result<> count_use(work::View& view, const TokenRow& token) {
  if (*token.num_uses == 0) return {};
  TokenRow used = token;
  --*used.uses_left;
  return view.put(std::move(used));
}

}  // namespace

Result<Principal> authenticate(work::View& view,
                               std::string_view token,
                               std::string_view source_ip) {
  if (token.size() > kMaxTokenText) return denied();
  if (token.starts_with(kBatchPrefix)) return by_batch_token(view, token, source_ip);
  // Every other text costs one digest and one look-up, whatever is wrong with it.
  const Bytes id = token_id(*view.keyring(), token);
  COFFER_TRY(const TokenPtr found, view.find<TokenRow>(id));
  if (!found) return denied();
  COFFER_TRY(const Life life, life_of(view, found->row));
  if (!life.alive || !address_allowed(*found->row.bound_cidrs, source_ip)) return denied();
  Principal principal;
  principal.type = "token";
  principal.accessor = *found->row.accessor;
  principal.token_id = hex_encode(id);
  principal.display_name = *found->row.display_name;
  principal.entity_id = *found->row.entity_id;
  principal.token_policies = *found->row.policies;
  principal.root = has_policy(principal.token_policies, kRootPolicy);
  COFFER_CHECK(add_identity(view, principal));
  COFFER_CHECK(count_use(view, found->row));
  principal.lasting = *found->row.num_uses == 0;
  principal.until = life.until;
  principal.bound_cidrs = *found->row.bound_cidrs;
  return principal;
}

}  // namespace coffer::domain
