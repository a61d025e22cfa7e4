#include "dialects/native/dialect.h"

#include "dialects/native/aws_parts.h"
#include "gate/http_status.h"
#include "gate/names_in_path.h"
#include "gate/path_pattern.h"
#include "gate/shown_token.h"

#include <iterator>

namespace coffer::dialects::native {
namespace {

constexpr std::string_view kPrefix = "/api/v1/";

}  // namespace

Route guarded(std::string_view method,
              std::string_view pattern,
              proof::EventType event,
              Permission permission,
              gate::Handler handler) {
  gate::Resolve resolve = [permission](gate::Call& call) -> Result<std::vector<policy::Access>> {
    policy::Access access;
    access.action = permission.action;
    access.path = call.routing.path;
    access.capability = permission.capability;
    access.needs_sudo = permission.sudo;
    std::vector<policy::Access> accesses;
    accesses.push_back(std::move(access));  // a list in braces would copy it
    return accesses;
  };
  return {std::string(method),
          std::string(pattern),
          gate::Operation(permission.action, event, std::move(resolve), std::move(handler))};
}

gate::Reply json_reply(const std::function<void(formats::JsonWriter&)>& write) {
  gate::Reply reply;
  formats::JsonWriter w(reply.body);
  w.begin_object();
  write(w);
  w.end_object();
  return reply;
}

RouteTable all_routes(const Services& services) {
  RouteTable all;
  for (RouteTable family : {audit_routes(),
                            policy_routes(),
                            secret_routes(),
                            key_routes(services),
                            custody_routes(services),
                            aws_user_routes(),
                            aws_role_routes(),
                            aws_policy_routes(),
                            aws_key_routes(),
                            aws_grant_routes(domain::AwsOwner::user),
                            aws_grant_routes(domain::AwsOwner::role)}) {
    std::ranges::move(family, std::back_inserter(all));
  }
  return all;
}

NativeDialect::NativeDialect(const Services& services) : routes_(all_routes(services)) {}

std::string_view NativeDialect::credential(const net::Request& request) const {
  return gate::shown_token(request);
}

Result<formats::JsonView> NativeDialect::parse_body(net::Request& request) const {
  if (request.body.empty()) return formats::JsonView();
  COFFER_TRY(const formats::JsonView body, formats::JsonView::parse(request.body.text()));
  if (body.kind() != formats::JsonKind::object) {
    return fail(Code::invalid_argument, "the body must be a JSON object");
  }
  return body;
}

Result<const gate::Operation*> NativeDialect::route(gate::Call& call) const {
  const std::string_view path = call.target.path;
  call.routing.path = path.substr(1);
  call.routing.rest = path.substr(kPrefix.size());
  const std::string_view method =
      call.request.method == "POST" ? "PUT" : std::string_view(call.request.method);
  bool known = false;
  for (const Route& route : routes_) {
    if (!gate::match_pattern(
            route.pattern, call.routing.rest, gate::LastSlash::refused, call.routing.captures)) {
      continue;
    }
    known = true;
    if (route.method != method) continue;
    COFFER_CHECK(gate::canonicalise_names(route.pattern, call.routing));
    return &route.operation;
  }
  if (known) return fail(Code::unsupported, "this path does not take that method");
  return fail(Code::not_found, "no such path");
}

net::Response NativeDialect::success(const gate::Call& /*call*/, gate::Reply reply) const {
  net::Response response;
  response.status = reply.status;
  response.content_type = reply.content_type;
  response.headers = std::move(reply.headers);
  response.body = std::move(reply.body);
  response.stream = std::move(reply.stream);
  return response;
}

net::Response NativeDialect::failure(const net::Request& /*request*/,
                                     const Error& error,
                                     std::string_view /*request_id*/) const {
  net::Response response;
  response.status = gate::http_status(error.code);
  formats::JsonWriter w(response.body);
  w.begin_object();
  w.key("errors").begin_array().string(error.message).end_array();
  w.key("code").string(to_text(error.code));
  w.end_object();
  return response;
}

}  // namespace coffer::dialects::native
