#include "dialects/vault/wrap_response.h"

#include "base/time_text.h"
#include "dialects/vault/wrap_info.h"

namespace coffer::dialects::vault {
namespace {

// The accessor of the token inside an answer, so that whoever wrapped it can revoke it.
std::string accessor_inside(std::string_view body) {
  const auto parsed = formats::JsonView::parse(body);
  if (!parsed) return {};
  const auto auth = parsed->find_value("auth");
  const auto accessor = auth ? auth->find_value("accessor") : std::nullopt;
  if (!accessor) return {};
  return accessor->string().value_or("");
}

}  // namespace

gate::Reply wrap_answer(gate::Call& call, domain::WrapInfo info) {
  call.note("wrap_accessor", info.accessor);
  gate::Reply reply;
  formats::JsonWriter w(reply.body);
  w.begin_object();
  w.key("request_id").string(call.event.request_id);
  w.key("lease_id").string("").key("renewable").boolean(false);
  w.key("lease_duration").integer(0).key("data").null();
  w.key("wrap_info").begin_object();
  w.key("token").string(info.token.text());
  w.key("accessor").string(info.accessor);
  w.key("ttl").integer(std::chrono::duration_cast<std::chrono::seconds>(info.ttl).count());
  w.key("creation_time").string(rfc3339(info.created));
  w.key("creation_path").string(info.path);
  if (!info.wrapped_accessor.empty()) w.key("wrapped_accessor").string(info.wrapped_accessor);
  w.end_object();
  w.key("warnings").null().key("auth").null();
  w.end_object();
  return reply;
}

Result<std::optional<Duration>> asked_wrap_ttl(const net::Request& request) {
  const std::string_view header = request.header("x-vault-wrap-ttl");
  if (header.empty()) return std::nullopt;
  const auto ttl = parse_duration(header);
  if (!ttl || *ttl < Duration::zero()) {
    return fail(Code::invalid_argument, "the wrap TTL is no positive duration");
  }
  if (*ttl == Duration::zero()) return std::nullopt;
  return *ttl;
}

gate::Handler wrapping(gate::Handler handler, WrapFor whom) {
  return [handler = std::move(handler), whom](gate::Call& call) -> Result<gate::Reply> {
    COFFER_TRY(const std::optional<Duration> ttl, asked_wrap_ttl(call.request));
    COFFER_TRY(gate::Reply reply, handler(call));
    // Nothing to wrap, or something that a wrap cannot hold, goes out as it is.
    if (!ttl || call.view == nullptr || reply.status != 200 || reply.body.empty() || reply.stream ||
        reply.content_type != "application/json") {
      return reply;
    }
    if (whom == WrapFor::tokens && call.principal == nullptr) {
      return fail(Code::invalid_argument, "what anyone may ask for is not wrapped");
    }
    const std::string accessor = accessor_inside(reply.body.text());
    COFFER_TRY(
        domain::WrapInfo info,
        domain::Wraps(*call.view).wrap(std::move(reply.body), *ttl, call.routing.path, accessor));
    return wrap_answer(call, std::move(info));
  };
}

}  // namespace coffer::dialects::vault
