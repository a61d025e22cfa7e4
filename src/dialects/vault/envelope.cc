#include "dialects/vault/envelope.h"

#include "gate/http_status.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

using formats::JsonWriter;

void write_auth(JsonWriter& w, const AuthBlock& auth) {
  w.begin_object();
  w.key("client_token").string(auth.client_token.text());
  w.key("accessor").string(auth.accessor);
  w.key("policies").strings(auth.policies);
  w.key("token_policies").strings(auth.token_policies);
  if (!auth.identity_policies.empty()) w.key("identity_policies").strings(auth.identity_policies);
  w.key("metadata");
  if (auth.metadata.empty()) {
    w.null();
  } else {
    w.begin_object();
    for (const auto& [name, value] : auth.metadata) w.key(name).string(value);
    w.end_object();
  }
  w.key("lease_duration").integer(auth.lease_duration);
  w.key("renewable").boolean(auth.renewable);
  w.key("entity_id").string(auth.entity_id);
  w.key("token_type").string(auth.token_type);
  w.key("orphan").boolean(auth.orphan);
  w.key("mfa_requirement").null();
  w.key("num_uses").integer(auth.num_uses);
  w.end_object();
}

constexpr std::array<std::string_view, 8> kEnvelope = {"request_id",
                                                       "lease_id",
                                                       "renewable",
                                                       "lease_duration",
                                                       "data",
                                                       "wrap_info",
                                                       "warnings",
                                                       "auth"};

// Beside the envelope, whose own members they must not hide.
void inject_members(JsonWriter& w, const secure::SecureText& data) {
  const auto parsed = formats::JsonView::parse(data.text());
  if (!parsed) return;
  for (const auto& [name, value] : parsed->members()) {
    if (std::ranges::find(kEnvelope, name) == kEnvelope.end()) w.key(name).raw(value.raw());
  }
}

// Vault's clients know both as a bad request, and tell them apart by their texts.
int status_of(Code code) {
  const bool bad_request = code == Code::already_exists || code == Code::precondition_failed;
  return bad_request ? 400 : gate::http_status(code);
}

}  // namespace

gate::Reply answer(const gate::Call& call, Answer answer) {
  if (!answer.data && !answer.auth && answer.warnings.empty() && answer.lease_id.empty()) {
    return no_content();
  }
  gate::Reply reply;
  reply.status = answer.status;
  reply.body.reserve(256 + (answer.data ? answer.data->size() * (answer.inject ? 2 : 1) : 0));
  JsonWriter w(reply.body);
  w.begin_object();
  w.key("request_id").string(call.event.request_id);
  w.key("lease_id").string(answer.lease_id);
  w.key("renewable").boolean(answer.renewable);
  w.key("lease_duration").integer(answer.lease_duration);
  w.key("data");
  if (answer.data) {
    w.raw(answer.data->text());
  } else {
    w.null();
  }
  w.key("wrap_info").null();
  w.key("warnings");
  if (answer.warnings.empty()) {
    w.null();
  } else {
    w.strings(answer.warnings);
  }
  w.key("auth");
  if (answer.auth) {
    write_auth(w, *answer.auth);
  } else {
    w.null();
  }
  if (answer.inject && answer.data) inject_members(w, *answer.data);
  w.end_object();
  return reply;
}

gate::Reply data_answer(const gate::Call& call, const std::function<void(JsonWriter&)>& write) {
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  write(w);
  w.end_object();
  return answer(call, std::move(out));
}

Result<gate::Reply> list_answer(const gate::Call& call, const std::vector<std::string>& keys) {
  if (keys.empty()) return fail(Code::not_found, "");
  return data_answer(call, [&](JsonWriter& w) { w.key("keys").strings(keys); });
}

gate::Reply no_content() {
  gate::Reply reply;
  reply.status = 204;
  return reply;
}

gate::Reply bare(int status, const std::function<void(JsonWriter&)>& write) {
  gate::Reply reply;
  reply.status = status;
  JsonWriter w(reply.body);
  w.begin_object();
  write(w);
  w.end_object();
  return reply;
}

net::Response error_response(const Error& error) {
  net::Response response;
  response.status = status_of(error.code);
  JsonWriter w(response.body);
  w.begin_object();
  w.key("errors").begin_array();
  if (error.code == Code::sealed) {
    w.string("Vault is sealed");
  } else if (!error.message.empty()) {
    w.string(error.message);
  }
  w.end_array();
  w.end_object();
  return response;
}

}  // namespace coffer::dialects::vault
