// sys/wrapping: wrap, unwrap, look up, rewrap. The wrapping token is the credential; it comes in
// the body or as X-Vault-Token.
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "dialects/vault/wrap_info.h"
#include "domain/auth/wraps.h"
#include "formats/vault_fields.h"
#include "gate/shown_token.h"

namespace coffer::dialects::vault {
namespace {

using domain::Wraps;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::string_view kReason = "the wrapping token is the credential";

Result<secure::SecureText> wrapping_token(const Call& call) {
  COFFER_TRY(auto token, formats::secret_field(call.body, "token"));
  if (token && !token->empty()) return *std::move(token);
  const std::string_view shown = gate::shown_token(call.request);
  if (shown.empty()) return fail(Code::invalid_argument, std::string(domain::kNoSuchWrap));
  return secure::SecureText(shown);
}

// Names the wrap in the event; whoever made it was told its accessor.
Result<> note_wrap(Call& call, std::string_view fact, std::string_view token) {
  COFFER_TRY(const domain::WrapInfo info, Wraps(*call.view).look_up(token));
  call.note(std::string(fact), info.accessor);
  return {};
}

// The body comes back as data; wrapping() around this handler puts it under a token.
Result<Reply> wrap(Call& call) {
  COFFER_TRY(const auto ttl, asked_wrap_ttl(call.request));
  if (!ttl) {
    return fail(Code::invalid_argument, "endpoint requires response wrapping to be used");
  }
  Answer out;
  out.data.emplace(call.body.is_null() ? std::string_view("{}") : call.body.raw());
  return answer(call, std::move(out));
}

Result<Reply> unwrap(Call& call) {
  COFFER_TRY(const secure::SecureText token, wrapping_token(call));
  COFFER_CHECK(note_wrap(call, "wrap_accessor", token.text()));
  Reply reply;
  COFFER_TRY(reply.body, Wraps(*call.view).unwrap(token.text()));
  return reply;
}

Result<Reply> look_up(Call& call) {
  COFFER_TRY(const secure::SecureText token, wrapping_token(call));
  COFFER_TRY(const domain::WrapInfo info, Wraps(*call.view).look_up(token.text()));
  call.note("wrap_accessor", info.accessor);
  return data_answer(call, [&](JsonWriter& w) {
    w.key("creation_path").string(info.path);
    w.key("creation_time").string(rfc3339(info.created));
    w.key("creation_ttl")
        .integer(std::chrono::duration_cast<std::chrono::seconds>(info.ttl).count());
  });
}

Result<Reply> rewrap(Call& call) {
  COFFER_TRY(const secure::SecureText token, wrapping_token(call));
  COFFER_CHECK(note_wrap(call, "opened_wrap_accessor", token.text()));
  COFFER_TRY(domain::WrapInfo info, Wraps(*call.view).rewrap(token.text()));
  return wrap_answer(call, std::move(info));
}

}  // namespace

RouteTable sys_wrapping_routes() {
  using proof::EventType;
  RouteTable t;
  t.push_back(
      guarded(Verb::write, "wrapping/wrap", EventType::wrapping_created, "wrapping.wrap", wrap));
  t.push_back(proven(Verb::write,
                     "wrapping/unwrap",
                     EventType::wrapping_opened,
                     "wrapping.unwrap",
                     kReason,
                     unwrap));
  for (const Verb verb : {Verb::write, Verb::read}) {
    t.push_back(open_to_all(
        verb, "wrapping/lookup", EventType::wrapping_read, "wrapping.lookup", kReason, look_up));
  }
  t.push_back(guarded(
      Verb::write, "wrapping/rewrap", EventType::wrapping_created, "wrapping.rewrap", rewrap));
  return t;
}

}  // namespace coffer::dialects::vault
