#include "dialects/vault/dialect.h"

#include "dialects/vault/envelope.h"
#include "dialects/vault/wrap_info.h"
#include "formats/form.h"
#include "gate/names_in_path.h"
#include "gate/shown_token.h"

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kPrefix = "/v1/";

bool truthy(std::string_view value) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (value == yes) return true;
  }
  return false;
}

Result<Verb> verb_of(const net::Request& request, const net::Target& target) {
  const std::string& m = request.method;
  const auto asked = [&](std::string_view name) {
    const auto value = net::query_value(target, name);
    return m == "GET" && value && truthy(*value);
  };
  const bool list = m == "LIST" || asked("list");
  const bool scan = m == "SCAN" || asked("scan");
  if (list && scan) return fail(Code::invalid_argument, "a request cannot list and scan");
  if (list) return Verb::list;
  if (scan) return Verb::scan;
  if (m == "GET" || m == "HEAD") return Verb::read;
  if (m == "POST" || m == "PUT") return Verb::write;
  if (m == "DELETE") return Verb::remove;
  if (m == "PATCH") return Verb::patch;
  return fail(Code::unsupported, "unsupported operation");
}

// There is one namespace. Who asks for another must not be given this one's data in its place.
Result<> check_namespace(const net::Request& request) {
  const std::string_view asked = request.header("x-vault-namespace");
  if (asked.empty() || asked == "/" || asked == "root" || asked == "root/") return {};
  return fail(Code::invalid_argument, "there are no namespaces but the root");
}

gate::Operation refusing(std::string_view name, Verb verb, Code code, std::string_view message) {
  const std::string text(message);
  return guarded(verb,
                 "{path...?}",
                 proof::EventType::request_refused,
                 Rule{.action = name},
                 [code, text](gate::Call& call) -> Result<gate::Reply> {
                   if (code == Code::not_found) {
                     return fail(code,
                                 "no handler for route \"" + call.routing.path +
                                     "\". route entry not found.");
                   }
                   return fail(code, text);
                 })
      .operation;
}

// A patch in a language that is not spoken here: 415, as Vault answers.
gate::Operation refusing_media() {
  return guarded(Verb::patch,
                 "{path...?}",
                 proof::EventType::request_refused,
                 Rule{.action = "request.wrong_media"},
                 [](gate::Call&) -> Result<gate::Reply> {
                   gate::Reply reply = bare(415, [](formats::JsonWriter& w) {
                     w.key("errors").begin_array();
                     w.string("PATCH requires Content-Type application/merge-patch+json");
                     w.end_array();
                   });
                   return reply;
                 })
      .operation;
}

// Turns a form into the JSON object that a handler expects.
Result<secure::SecureText> json_of_form(std::string_view text) {
  COFFER_TRY(const auto pairs, formats::parse_form(text));
  secure::SecureText out;
  formats::JsonWriter w(out);
  w.begin_object();
  for (const auto& [name, value] : pairs) w.key(name).string(value.text());
  w.end_object();
  return out;
}

}  // namespace

VaultDialect::VaultDialect(const Services& services) : wrong_media_(refusing_media()) {
  using domain::Engine;
  tables_.emplace(Engine::system, sys_routes(services, tables_));
  tables_.emplace(Engine::token, token_routes());
  tables_.emplace(Engine::approle, approle_routes());
  tables_.emplace(Engine::userpass, userpass_routes());
  tables_.emplace(Engine::cert, cert_routes());
  tables_.emplace(Engine::identity, identity_routes());
  tables_.emplace(Engine::kv_v1, kv1_routes());
  tables_.emplace(Engine::kv_v2, kv2_routes());
  tables_.emplace(Engine::transit, transit_routes());
  tables_.emplace(Engine::cubbyhole, cubbyhole_routes());
  tables_.emplace(Engine::pki, pki_routes());
  for (const Verb verb :
       {Verb::read, Verb::list, Verb::write, Verb::remove, Verb::patch, Verb::scan}) {
    no_route_.emplace(verb, refusing("request.unrouted", verb, Code::not_found, ""));
    no_verb_.emplace(
        verb, refusing("request.unsupported", verb, Code::unsupported, "unsupported operation"));
  }
}

std::string_view VaultDialect::credential(const net::Request& request) const {
  return gate::shown_token(request);
}

Result<std::optional<Duration>> VaultDialect::wrap_ttl(const net::Request& request) const {
  return asked_wrap_ttl(request);
}

Result<formats::JsonView> VaultDialect::parse_body(net::Request& request) const {
  const std::string_view text = request.body.text();
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return formats::JsonView();
  // Octets for one handler, which reads them itself (RFC 6960 appendix A.1).
  if (request.header("content-type") == "application/ocsp-request") return formats::JsonView();
  const bool form =
      request.header("content-type").starts_with("application/x-www-form-urlencoded") &&
      text[first] != '{' && text[first] != '[';
  if (form) {
    COFFER_TRY(request.body, json_of_form(text));
  }
  auto body = formats::JsonView::parse(request.body.text());
  if (!body) return fail(body.error().code, "failed to parse JSON input: " + body.error().message);
  if (body->kind() != formats::JsonKind::object && !body->is_null()) {
    return fail(Code::invalid_argument, "failed to parse JSON input: not an object");
  }
  return body;
}

Result<const gate::Operation*> VaultDialect::route(gate::Call& call) const {
  COFFER_CHECK(check_namespace(call.request));
  COFFER_TRY(const Verb verb, verb_of(call.request, call.target));
  call.routing.path = call.target.path.substr(kPrefix.size());
  if (call.routing.path.empty()) return fail(Code::not_found, "");
  if (names_folder(verb) && !call.routing.path.ends_with('/')) call.routing.path += '/';
  if ((verb == Verb::write || verb == Verb::patch) && call.routing.path.ends_with('/')) {
    return fail(Code::invalid_argument, "cannot write to a path ending in '/'");
  }
  const std::string_view media = call.request.header("content-type");
  if (verb == Verb::patch && !media.starts_with("application/merge-patch+json"))
    return &wrong_media_;
  if (call.routing.path.starts_with("sys/")) {
    call.routing.mount = "sys/";
    call.routing.rest = call.routing.path.substr(4);
    return choose(call, tables_.at(domain::Engine::system), verb);
  }
  if (call.view == nullptr) return fail(Code::sealed, "Vault is sealed");
  return route_mounted(call, verb);
}

Result<const gate::Operation*> VaultDialect::route_mounted(gate::Call& call, Verb verb) const {
  COFFER_TRY(Place place, place_of(*call.view, tables_, call.routing.path));
  call.routing.mount = std::move(place.mount);
  call.routing.rest = std::move(place.rest);
  call.mount = std::move(place.keep);
  if (place.table == nullptr) return &no_route_.at(verb);
  return choose(call, *place.table, verb);
}

Result<const gate::Operation*> VaultDialect::choose(gate::Call& call,
                                                    const RouteTable& table,
                                                    Verb verb) const {
  const Matched matched = find_route(table, verb, call.routing.rest, call.routing.captures);
  switch (matched.match) {
    case Match::yes:
      COFFER_CHECK(gate::canonicalise_names(matched.route->pattern, call.routing));
      return &matched.route->operation;
    case Match::no_verb:
      return &no_verb_.at(verb);
    case Match::no_path:
      break;
  }
  return &no_route_.at(verb);
}

net::Response VaultDialect::success(const gate::Call& call, gate::Reply reply) const {
  net::Response response;
  response.status = reply.status;
  response.content_type = reply.content_type;
  response.headers = std::move(reply.headers);
  response.body = std::move(reply.body);
  response.stream = std::move(reply.stream);
  (void)call;
  return response;
}

net::Response VaultDialect::failure(const net::Request& /*request*/,
                                    const Error& error,
                                    std::string_view /*request_id*/) const {
  return error_response(error);
}

}  // namespace coffer::dialects::vault
