// auth/token: tokens and the roles that make them.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/dialect.h"
#include "dialects/vault/token_renewal.h"
#include "dialects/vault/token_role_routes.h"
#include "domain/auth/token_create.h"
#include "domain/auth/token_life.h"
#include "domain/auth/token_text.h"
#include "domain/auth/whole_list.h"
#include "domain/auth/wraps.h"
#include "domain/identity/identity.h"
#include "formats/vault_fields.h"
#include "gate/shown_token.h"
#include "policy/evaluator.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

using domain::TokenPtr;
using domain::TokenRow;
using formats::bool_field;
using formats::duration_field;
using formats::text_field;
using proof::EventType;

constexpr std::size_t kMaxAccessors = 10'000;

// How a route names the token it is about.
enum class Named : std::uint8_t { self, by_text, by_accessor };

struct Target {
  secure::SecureText text;  // empty when named by accessor
  TokenPtr row;             // null: a batch token
};

Result<Target> own_target(gate::Call& call) {
  Target target{.text = secure::SecureText(gate::shown_token(call.request)), .row = {}};
  if (call.principal->type == "batch_token") return target;
  COFFER_TRY(const Bytes id, hex_decode(call.principal->token_id));
  // Found as it is: with its last use the token is spent, but this request still is its own.
  COFFER_TRY(target.row, call.view->find<TokenRow>(id));
  if (!target.row) return fail(Code::permission_denied, "bad token");
  return target;
}

// nullopt: no such token lives.
Result<std::optional<Target>> target_of(gate::Call& call, Named named) {
  if (named == Named::self) return own_target(call);
  domain::Tokens tokens(*call.view);
  if (named == Named::by_accessor) {
    COFFER_TRY(const std::string accessor, required_text(call.body, "accessor"));
    COFFER_TRY(TokenPtr row, tokens.by_accessor(accessor));
    if (!row) return fail(Code::invalid_argument, "invalid accessor");
    return Target{.text = {}, .row = std::move(row)};
  }
  const auto given = call.body.find_value("token");
  if (!given) {
    if (call.routing.rest == "lookup") return own_target(call);
    return fail(Code::invalid_argument, "missing token");
  }
  COFFER_TRY(secure::SecureText text, given->secret_string());
  Target target{.text = std::move(text), .row = {}};
  if (target.text.text().starts_with(domain::kBatchPrefix)) return target;
  COFFER_TRY(target.row, tokens.by_token(target.text.text()));
  if (!target.row) return std::nullopt;
  return target;
}

void write_times(formats::JsonWriter& w, const TokenRow& row, Timestamp now) {
  w.key("creation_time").integer(row.created->ns / 1'000'000'000);
  w.key("creation_ttl").integer(whole_seconds(*row.creation_ttl));
  w.key("expire_time");
  if (*row.expires) {
    w.string(rfc3339(**row.expires));
  } else {
    w.null();
  }
  w.key("issue_time").string(rfc3339(*row.created));
  w.key("explicit_max_ttl").integer(whole_seconds(*row.explicit_max_ttl));
  w.key("ttl").integer(domain::seconds_left(row, now));
  if (*row.period > Duration::zero()) w.key("period").integer(whole_seconds(*row.period));
  if (*row.renewed) {
    w.key("last_renewal").string(rfc3339(**row.renewed));
    w.key("last_renewal_time").integer((*row.renewed)->ns / 1'000'000'000);
  }
}

// The wrap that the body's accessor names: whoever sees it in an answer or an event can look it up
// and end it.
Result<std::optional<domain::WrapInfo>> named_wrap(gate::Call& call, Named named) {
  if (named != Named::by_accessor) return std::nullopt;
  COFFER_TRY(const std::string accessor, required_text(call.body, "accessor"));
  return domain::Wraps(*call.view).by_accessor(accessor);
}

// A wrap described as a token, as Vault does.
TokenRow wrap_row(const domain::WrapInfo& wrap) {
  TokenRow row;
  row.accessor = wrap.accessor;
  row.policies = std::vector<std::string>{"response-wrapping"};
  row.path = wrap.path;
  row.created = wrap.created;
  row.creation_ttl = wrap.ttl;
  *row.expires = wrap.created + wrap.ttl;
  row.uses_left = 1;
  return row;
}

Result<gate::Reply> look_up_wrap(gate::Call& call, const domain::WrapInfo& wrap) {
  call.note("wrap_accessor", wrap.accessor);
  const TokenRow row = wrap_row(wrap);
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("accessor").string(*row.accessor).key("id").string("");
    w.key("policies").strings(*row.policies);
    w.key("path").string(*row.path).key("display_name").string("");
    w.key("entity_id").string("").key("meta").null();
    w.key("num_uses").integer(1).key("orphan").boolean(true);
    w.key("renewable").boolean(false).key("type").string("service");
    write_times(w, row, call.now);
  });
}

Result<gate::Reply> look_up(gate::Call& call, Named named) {
  COFFER_TRY(const auto wrap, named_wrap(call, named));
  if (wrap) return look_up_wrap(call, *wrap);
  COFFER_TRY(const std::optional<Target> target, target_of(call, named));
  if (!target) return fail(Code::permission_denied, "bad token");
  const bool batch = !target->row;
  TokenRow row;
  if (batch) {
    COFFER_TRY(auto described, domain::batch_row(*call.view, target->text.text()));
    if (!described) return fail(Code::permission_denied, "bad token");
    row = *std::move(described);
  } else {
    row = target->row->row;
  }
  domain::Identity identity;
  if (!row.entity_id->empty()) {
    COFFER_TRY(identity, domain::Entities(*call.view).identity_of(*row.entity_id));
  }
  COFFER_TRY(const bool orphan, domain::is_orphan(*call.view, *row.parent));
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("accessor").string(*row.accessor);
    w.key("id").string(named == Named::by_accessor ? "" : target->text.text());
    w.key("policies").strings(*row.policies);
    if (!identity.policies.empty()) w.key("identity_policies").strings(identity.policies);
    w.key("path").string(*row.path);
    w.key("display_name").string(*row.display_name);
    w.key("entity_id").string(*row.entity_id);
    w.key("num_uses").integer(static_cast<std::int64_t>(*row.uses_left));
    w.key("orphan").boolean(orphan);
    w.key("renewable").boolean(*row.renewable);
    w.key("type").string(batch ? "batch" : "service");
    if (!row.role->empty()) w.key("role").string(*row.role);
    if (!row.bound_cidrs->empty()) w.key("bound_cidrs").strings(*row.bound_cidrs);
    w.key("meta");
    if (row.meta->empty()) {
      w.null();
    } else {
      w.begin_object();
      for (const auto& [name, value] : *row.meta) w.key(name).string(value);
      w.end_object();
    }
    write_times(w, row, call.now);
  });
}

Result<gate::Reply> renew(gate::Call& call, Named named) {
  COFFER_TRY(const auto increment, duration_field(call.body, "increment"));
  COFFER_TRY(const std::optional<Target> target, target_of(call, named));
  if (!target) return fail(Code::invalid_argument, "token not found");
  if (!target->row) return fail(Code::invalid_argument, "lease is not renewable");
  COFFER_TRY(const TokenRow row,
             renew_token(call, target->row->row, increment.value_or(Duration{})));
  return renewed_answer(call, row, target->text.text());
}

Result<gate::Reply> revoke(gate::Call& call, Named named) {
  COFFER_TRY(const auto wrap, named_wrap(call, named));
  if (wrap) {
    call.note("wrap_accessor", wrap->accessor);
    COFFER_CHECK(domain::Wraps(*call.view).revoke(wrap->accessor));
    return no_content();
  }
  COFFER_TRY(const std::optional<Target> target, target_of(call, named));
  if (!target) return no_content();  // it is as dead as was asked for
  if (!target->row) return fail(Code::invalid_argument, "batch tokens cannot be revoked");
  call.note("revoked_accessor", *target->row->row.accessor);
  COFFER_CHECK(domain::Tokens(*call.view).revoke(target->row->row));
  return no_content();
}

Result<gate::Reply> revoke_orphan(gate::Call& call) {
  COFFER_TRY(const std::optional<Target> target, target_of(call, Named::by_text));
  if (!target) return fail(Code::invalid_argument, "token to revoke not found");
  if (!target->row) return fail(Code::invalid_argument, "batch tokens cannot be revoked");
  call.note("revoked_accessor", *target->row->row.accessor);
  COFFER_CHECK(domain::Tokens(*call.view).revoke_orphaning(target->row->row));
  return no_content();
}

Result<domain::CreateRequest> create_request(const formats::JsonView& body) {
  domain::CreateRequest request;
  COFFER_CHECK(assign(formats::secret_field(body, "id"), request.id));
  COFFER_CHECK(assign(formats::list_field(body, "policies"), request.policies));
  COFFER_TRY(const auto meta, formats::map_field(body, "meta"));
  if (meta) request.meta.insert(meta->begin(), meta->end());
  COFFER_CHECK(assign(bool_field(body, "no_parent"), request.no_parent));
  COFFER_CHECK(assign(bool_field(body, "no_default_policy"), request.no_default_policy));
  COFFER_CHECK(assign(bool_field(body, "renewable"), request.renewable));
  COFFER_CHECK(assign(duration_field(body, "lease"), request.ttl));
  COFFER_CHECK(assign(duration_field(body, "ttl"), request.ttl));
  COFFER_CHECK(assign(duration_field(body, "explicit_max_ttl"), request.explicit_max_ttl));
  COFFER_CHECK(assign(duration_field(body, "period"), request.period));
  COFFER_CHECK(assign(text_field(body, "display_name"), request.display_name));
  COFFER_CHECK(assign(text_field(body, "type"), request.type));
  COFFER_CHECK(assign(text_field(body, "entity_alias"), request.entity_alias));
  COFFER_TRY(request.num_uses, count_field(body, "num_uses", 0));
  return request;
}

Result<bool> has_sudo(gate::Call& call) {
  std::vector<std::string> names = call.principal->token_policies;
  std::ranges::copy(call.principal->identity_policies, std::back_inserter(names));
  COFFER_TRY(const auto policies,
             domain::Policies(*call.view, call.unsealed->policies).load(names));
  const auto found = policy::capabilities(call.routing.path, *call.facts, policies);
  return std::ranges::any_of(found, [](const auto& c) { return c == "sudo" || c == "root"; });
}

Result<gate::Reply> create(gate::Call& call, bool orphan) {
  COFFER_TRY(domain::CreateRequest request, create_request(call.body));
  if (orphan) request.no_parent = true;
  rows::RowPtr<domain::TokenRoleRow> role;
  if (!call.routing.captures.empty()) {
    COFFER_TRY(role, domain::TokenRoles(*call.view).read(call.routing.captures.front()));
    if (!role) return fail(Code::invalid_argument, "unknown role");
  }
  COFFER_TRY(const bool sudo, has_sudo(call));
  const domain::Creator creator{.principal = *call.principal,
                                .sudo = sudo,
                                .role = role ? &role->row : nullptr,
                                .mount = call.mount.get(),
                                .path = call.routing.path};
  COFFER_TRY(domain::IssuedToken issued,
             domain::create_token(*call.view, creator, std::move(request)));
  return issued_answer(call, std::move(issued));
}

Result<gate::Reply> list_accessors(gate::Call& call) {
  COFFER_TRY(const auto accessors,
             domain::whole_list(domain::Tokens(*call.view).accessors({}, kMaxAccessors + 1),
                                kMaxAccessors));
  return list_answer(call, accessors);
}

Result<gate::Reply> tidy(gate::Call& call) {
  Answer out;
  out.status = 202;
  out.warnings.emplace_back("dead tokens are removed in the background all the time");
  return answer(call, std::move(out));
}

Rule rule(std::string_view action, bool sudo = false) {
  return Rule{.action = action, .sudo = sudo};
}

Rule own(Rule rule) {
  rule.about_own_token = true;
  return rule;
}

void add_life_routes(RouteTable& table) {
  struct Line {
    std::string_view suffix;
    Named named;
  };

  for (const auto& [suffix, named] : {Line{"-self", Named::self},
                                      Line{"-accessor", Named::by_accessor},
                                      Line{"", Named::by_text}}) {
    const std::string end(suffix);
    const auto reads_or_ends = [self = named == Named::self](std::string_view action) {
      return self ? own(rule(action)) : rule(action);
    };
    table.push_back(guarded(Verb::write,
                            "lookup" + end,
                            EventType::auth_token_read,
                            reads_or_ends("token.read"),
                            [named](gate::Call& call) { return look_up(call, named); }));
    table.push_back(guarded(Verb::write,
                            "renew" + end,
                            EventType::auth_token_renewed,
                            rule("token.renew"),
                            [named](gate::Call& call) { return renew(call, named); }));
    table.push_back(guarded(Verb::write,
                            "revoke" + end,
                            EventType::auth_token_revoked,
                            reads_or_ends("token.revoke"),
                            [named](gate::Call& call) { return revoke(call, named); }));
  }
}

}  // namespace

RouteTable token_routes() {
  RouteTable table;
  const auto make = [](bool orphan) {
    return [orphan](gate::Call& call) { return create(call, orphan); };
  };
  constexpr EventType kCreated = EventType::auth_token_created;
  table.push_back(guarded(Verb::write, "create", kCreated, rule("token.create"), make(false)));
  table.push_back(
      guarded(Verb::write, "create-orphan", kCreated, rule("token.create", true), make(true)));
  table.push_back(
      guarded(Verb::write, "create/{role}", kCreated, rule("token.create"), make(false)));
  add_life_routes(table);
  // A token that is asked about by GET is the caller's own: texts of tokens do not belong in a URL.
  for (const std::string_view pattern : {"lookup-self", "lookup"}) {
    table.push_back(guarded(Verb::read,
                            pattern,
                            EventType::auth_token_read,
                            own(rule("token.read")),
                            [](gate::Call& call) { return look_up(call, Named::self); }));
  }
  table.push_back(guarded(Verb::write,
                          "revoke-orphan",
                          EventType::auth_token_revoked,
                          rule("token.revoke", true),
                          revoke_orphan));
  table.push_back(guarded(Verb::list,
                          "accessors",
                          EventType::auth_token_read,
                          rule("token.list", true),
                          list_accessors));
  table.push_back(
      guarded(Verb::write, "tidy", EventType::auth_token_revoked, rule("token.tidy"), tidy));
  add_token_role_routes(table);
  return table;
}

}  // namespace coffer::dialects::vault
