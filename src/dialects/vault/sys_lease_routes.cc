// Leases: every service token is one, named by the path that made it; there are no others yet.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/auth/tokens.h"
#include "formats/vault_fields.h"

#include <optional>
#include <set>

namespace coffer::dialects::vault {
namespace {

using domain::TokenPtr;
using domain::TokenRow;
using domain::Tokens;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

// How many leases one list shows and one revocation by prefix ends: a unit of work is limited.
constexpr std::size_t kMaxListed = 1000;
constexpr std::size_t kMaxRevoked = 40;

void write_moment(JsonWriter& w, std::string_view name, const std::optional<Timestamp>& moment) {
  w.key(name);
  if (moment) {
    w.string(rfc3339(*moment));
  } else {
    w.null();
  }
}

// The lease named in the path or in the body.
Result<std::string> lease_of(const Call& call) {
  if (!call.routing.captures.empty() && !call.routing.captures.front().empty()) {
    return call.routing.captures.front();
  }
  COFFER_TRY(auto id, formats::text_field(call.body, "lease_id"));
  if (!id || id->empty()) return fail(Code::invalid_argument, "lease_id must be specified");
  return *std::move(id);
}

Result<Reply> look_up(Call& call) {
  COFFER_TRY(const std::string id, lease_of(call));
  COFFER_TRY(const TokenPtr token, Tokens(*call.view).by_lease(id));
  if (!token) return fail(Code::invalid_argument, "invalid lease");
  return data_answer(call, [&](JsonWriter& w) {
    w.key("id").string(id);
    write_moment(w, "issue_time", *token->row.created);
    write_moment(w, "expire_time", *token->row.expires);
    write_moment(w, "last_renewal", *token->row.renewed);
    w.key("renewable").boolean(*token->row.renewable);
    w.key("ttl").integer(domain::seconds_left(token->row, call.now));
    w.key("path").string(*token->row.path);
  });
}

// The names below a prefix, each cut behind the first '/', as in every listing.
Result<Reply> list(Call& call) {
  std::string prefix = call.routing.captures.empty() ? "" : call.routing.captures.front();
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  COFFER_TRY(const auto tokens, Tokens(*call.view).by_lease_prefix(prefix, kMaxListed));
  std::set<std::string> names;
  for (const TokenPtr& token : tokens) {
    const std::string rest = domain::lease_id_of(token->row).substr(prefix.size());
    const std::size_t slash = rest.find('/');
    names.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
  }
  return list_answer(call, {names.begin(), names.end()});
}

Result<Reply> renew(Call& call) {
  COFFER_TRY(const std::string id, lease_of(call));
  COFFER_TRY(const auto increment, formats::duration_field(call.body, "increment"));
  if (increment) COFFER_CHECK(domain::check_ttl("increment", *increment));
  Tokens tokens(*call.view);
  COFFER_TRY(const TokenPtr token, tokens.by_lease(id));
  if (!token) return fail(Code::invalid_argument, "lease not found");
  COFFER_TRY(const TokenRow renewed, tokens.renew(token->row, increment.value_or(Duration{})));
  call.note("lease_accessor", *renewed.accessor);
  Answer out;
  out.lease_id = id;
  out.renewable = *renewed.renewable;
  out.lease_duration = domain::seconds_left(renewed, call.now);
  return answer(call, std::move(out));
}

Result<Reply> revoke(Call& call) {
  COFFER_TRY(const std::string id, lease_of(call));
  Tokens tokens(*call.view);
  COFFER_TRY(const TokenPtr token, tokens.by_lease(id));
  if (!token) return no_content();
  COFFER_CHECK(tokens.revoke(token->row));
  call.note("lease_accessor", *token->row.accessor);
  return no_content();
}

// All leases below the prefix, or the one with exactly this name. All or none: what does not fit
// into one unit is refused, and a narrower prefix is wanted.
Result<Reply> revoke_prefix(Call& call) {
  std::string prefix = call.routing.captures.front();
  Tokens tokens(*call.view);
  COFFER_TRY(const TokenPtr exact, tokens.by_lease(prefix));
  if (exact) {
    COFFER_CHECK(tokens.revoke(exact->row));
    call.note("lease_accessor", *exact->row.accessor);
    return no_content();
  }
  // A prefix ends at a segment: "auth/app" must not end the leases of "auth/approle".
  if (!prefix.ends_with('/')) prefix += '/';
  COFFER_TRY(const auto found, tokens.by_lease_prefix(prefix, kMaxRevoked + 1));
  if (found.size() > kMaxRevoked) {
    return fail(Code::too_large, "more than 40 leases have this prefix; revoke narrower ones");
  }
  for (const TokenPtr& token : found) COFFER_CHECK(tokens.revoke(token->row));
  call.note("revoked", std::to_string(found.size()));
  return no_content();
}

void add(RouteTable& t,
         std::vector<std::string_view> patterns,
         proof::EventType event,
         const Rule& rule,
         const gate::Handler& handler) {
  for (const std::string_view pattern : patterns) {
    t.push_back(guarded(Verb::write, pattern, event, rule, handler));
  }
}

}  // namespace

RouteTable sys_lease_routes() {
  using proof::EventType;
  RouteTable t;
  add(t, {"leases/lookup"}, EventType::lease_read, {.action = "lease.read", .exists = {}}, look_up);
  t.push_back(guarded(Verb::list,
                      "leases/lookup/{prefix...?}",
                      EventType::lease_read,
                      {.action = "lease.list", .sudo = true, .exists = {}},
                      list));
  add(t,
      {"leases/renew", "leases/renew/{id...}", "renew", "renew/{id...}"},
      EventType::lease_renewed,
      {.action = "lease.renew", .exists = {}},
      renew);
  add(t,
      {"leases/revoke", "leases/revoke/{id...}", "revoke", "revoke/{id...}"},
      EventType::lease_revoked,
      {.action = "lease.revoke", .exists = {}},
      revoke);
  add(t,
      {"leases/revoke-prefix/{prefix...}",
       "revoke-prefix/{prefix...}",
       "leases/revoke-force/{prefix...}",
       "revoke-force/{prefix...}"},
      EventType::lease_revoked,
      {.action = "lease.revoke-prefix", .sudo = true, .exists = {}},
      revoke_prefix);
  return t;
}

}  // namespace coffer::dialects::vault
