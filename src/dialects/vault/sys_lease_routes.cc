// Leases: every service token is one, named by the path that made it; there are no others yet.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "dialects/vault/token_renewal.h"
#include "domain/auth/tokens.h"
#include "domain/auth/whole_list.h"
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

constexpr std::size_t kMaxListed = 10'000;
constexpr std::size_t kUnitOfLeases = 40;  // a unit of work holds 100 rows; a lease takes two
constexpr int kMaxConflicts = 100;

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
  COFFER_TRY(
      const auto tokens,
      domain::whole_list(Tokens(*call.view).by_lease_prefix(prefix, kMaxListed + 1), kMaxListed));
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
  COFFER_TRY(const TokenRow renewed, renew_token(call, token->row, increment.value_or(Duration{})));
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

struct Bulk {
  gate::Lifecycle* lifecycle;
  gate::UnsealedPtr unsealed;
  store::RealmId realm;
  std::string prefix;
  std::string spared;  // the caller's own token: it ends with the request, not before its answer
  proof::Event event;
};

// One unit's worth of leases. Returns how many it ended.
Result<std::size_t> revoke_some(const Bulk& bulk) {
  gate::Lifecycle& lifecycle = *bulk.lifecycle;
  work::View view(*bulk.unsealed->rows, bulk.realm, lifecycle.clock().now(), lifecycle.random());
  Tokens tokens(view);
  COFFER_TRY(const auto found, tokens.by_lease_prefix(bulk.prefix, kUnitOfLeases));
  std::size_t count = 0;
  for (const TokenPtr& token : found) {
    if (hex_encode(*token->row.id) == bulk.spared) continue;
    COFFER_CHECK(tokens.revoke(token->row));
    ++count;
  }
  if (count == 0) return count;
  proof::Event event = bulk.event;
  event.time = view.now();
  event.outcome = proof::Outcome::allowed;
  event.facts.push_back({"revoked", std::to_string(count)});
  COFFER_CHECK(bulk.unsealed->committer->commit(view, {std::move(event)}));
  return count;
}

// All of them, in units of their own. Blocking: an effect.
Result<std::size_t> revoke_all(const Bulk& bulk) {
  std::size_t total = 0;
  int conflicts = 0;
  while (true) {
    const Result<std::size_t> count = revoke_some(bulk);
    if (count && *count == 0) return total;
    if (count) {
      total += *count;
    } else if (count.error().code != Code::conflict || ++conflicts > kMaxConflicts) {
      return count;
    }
  }
}

// All leases below the prefix, or the one with exactly this name. More than a unit holds are ended
// in several units, each with its event; when one fails, what was revoked stays revoked.
Result<Reply> revoke_prefix(gate::Lifecycle& lifecycle, Call& call) {
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
  Bulk bulk{
      &lifecycle, call.unsealed, call.view->realm(), prefix, call.principal->token_id, call.event};
  COFFER_TRY(const std::size_t* before,
             call.effects.get<std::size_t>("revoke",
                                           [bulk = std::move(bulk)] { return revoke_all(bulk); }));
  COFFER_TRY(const auto rest, tokens.by_lease_prefix(prefix, kUnitOfLeases));
  for (const TokenPtr& token : rest) COFFER_CHECK(tokens.revoke(token->row));
  call.note("revoked", std::to_string(*before + rest.size()));
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

RouteTable sys_lease_routes(const Services& services) {
  gate::Lifecycle* lifecycle = &services.lifecycle;
  using proof::EventType;
  RouteTable t;
  add(t, {"leases/lookup"}, EventType::lease_read, {.action = "lease.read"}, look_up);
  t.push_back(guarded(Verb::list,
                      "leases/lookup/{prefix...?}",
                      EventType::lease_read,
                      {.action = "lease.list", .sudo = true},
                      list));
  add(t,
      {"leases/renew", "leases/renew/{id...}", "renew", "renew/{id...}"},
      EventType::lease_renewed,
      {.action = "lease.renew"},
      renew);
  add(t,
      {"leases/revoke", "leases/revoke/{id...}", "revoke", "revoke/{id...}"},
      EventType::lease_revoked,
      {.action = "lease.revoke"},
      revoke);
  add(t,
      {"leases/revoke-prefix/{prefix...}",
       "revoke-prefix/{prefix...}",
       "leases/revoke-force/{prefix...}",
       "revoke-force/{prefix...}"},
      EventType::lease_revoked,
      {.action = "lease.revoke-prefix", .sudo = true},
      [lifecycle](Call& call) { return revoke_prefix(*lifecycle, call); });
  return t;
}

}  // namespace coffer::dialects::vault
