#include "dialects/vault/wrap_response.h"

#include "base/time_text.h"
#include "domain/auth/ttl.h"
#include "formats/json.h"

#include <optional>

namespace coffer::dialects::vault {
namespace {

using formats::JsonView;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

Result<std::optional<Duration>> asked_ttl(const net::Request& request) {
  const std::string_view header = request.header("x-vault-wrap-ttl");
  if (header.empty()) return std::optional<Duration>();
  const auto ttl = parse_duration(header);
  if (!ttl || *ttl <= Duration{} || *ttl > domain::kLongestTtl) {
    return fail(Code::invalid_argument, "X-Vault-Wrap-TTL is not a positive duration");
  }
  return std::optional(*ttl);
}

// The accessor of the token in an answer that has one: whoever waits for it can then revoke it.
std::string accessor_inside(const secure::SecureText& body) {
  const auto answer = JsonView::parse(body.text());
  if (!answer) return {};
  const auto auth = answer->find_value("auth");
  const auto accessor = auth ? auth->find_value("accessor") : std::nullopt;
  return accessor ? accessor->string().value_or("") : std::string();
}

}  // namespace

gate::Handler wrapping(gate::Handler handler) {
  return [handler = std::move(handler)](Call& call) -> Result<Reply> {
    COFFER_TRY(const auto ttl, asked_ttl(call.request));
    COFFER_TRY(Reply reply, handler(call));
    if (!ttl || reply.body.empty() || reply.stream || reply.status != 200) return reply;
    const std::string accessor = accessor_inside(reply.body);
    COFFER_TRY(
        const domain::WrapInfo info,
        domain::Wraps(*call.view).wrap(std::move(reply.body), *ttl, call.routing.path, accessor));
    call.note("wrapping_accessor", info.accessor);
    return wrap_answer(call, info);
  };
}

Reply wrap_answer(const Call& call, const domain::WrapInfo& info) {
  Reply reply;
  JsonWriter w(reply.body);
  w.begin_object();
  w.key("request_id").string(call.event.request_id);
  w.key("lease_id").string("");
  w.key("renewable").boolean(false);
  w.key("lease_duration").integer(0);
  w.key("data").null();
  w.key("wrap_info").begin_object();
  w.key("token").string(info.token.text());
  w.key("accessor").string(info.accessor);
  w.key("ttl").integer(std::chrono::duration_cast<std::chrono::seconds>(info.ttl).count());
  w.key("creation_time").string(rfc3339(info.created));
  w.key("creation_path").string(info.path);
  if (!info.wrapped_accessor.empty()) w.key("wrapped_accessor").string(info.wrapped_accessor);
  w.end_object();
  w.key("warnings").null();
  w.key("auth").null();
  w.end_object();
  return reply;
}

}  // namespace coffer::dialects::vault
