// sys/policies/password: how generated passwords look.
#include "base/encoding.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/secrets/password_policies.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::PasswordPolicies;
using gate::Call;
using gate::Reply;

const std::string& name_of(const Call& call) {
  return call.routing.captures.at(0);
}

Result<Reply> read(Call& call) {
  COFFER_TRY(const auto found, PasswordPolicies(*call.view).read(name_of(call)));
  if (!found) return fail(Code::not_found, "");
  return data_answer(call,
                     [&](formats::JsonWriter& w) { w.key("policy").string(*found->row.text); });
}

// As text or in base64. HCL needs "=" in the middle or quotes, which base64 does not have.
Result<Reply> write(Call& call) {
  COFFER_TRY(const auto given, formats::text_field(call.body, "policy"));
  if (!given || given->empty()) return fail(Code::invalid_argument, "missing policy");
  const auto decoded = base64_decode(*given);
  const std::string_view text = decoded ? as_text(*decoded) : std::string_view(*given);
  COFFER_CHECK(PasswordPolicies(*call.view).write(name_of(call), text));
  call.note("password_policy", name_of(call));
  return no_content();
}

Result<Reply> remove(Call& call) {
  COFFER_CHECK(PasswordPolicies(*call.view).remove(name_of(call)));
  call.note("password_policy", name_of(call));
  return no_content();
}

Result<Reply> list(Call& call) {
  COFFER_TRY(const auto names, PasswordPolicies(*call.view).list());
  return list_answer(call, names);
}

Result<Reply> generate(Call& call) {
  COFFER_TRY(const secure::SecureText password,
             PasswordPolicies(*call.view).generate(name_of(call)));
  call.note("password_policy", name_of(call));
  return data_answer(call,
                     [&](formats::JsonWriter& w) { w.key("password").string(password.text()); });
}

}  // namespace

RouteTable sys_password_routes() {
  using proof::EventType;
  constexpr std::string_view kOne = "policies/password/{name}";
  RouteTable t;
  t.push_back(guarded(
      Verb::list, "policies/password", EventType::system_read, "password_policy.list", list));
  t.push_back(guarded(Verb::read, kOne, EventType::system_read, "password_policy.read", read));
  t.push_back(
      guarded(Verb::write, kOne, EventType::system_configured, "password_policy.write", write));
  t.push_back(
      guarded(Verb::remove, kOne, EventType::system_configured, "password_policy.delete", remove));
  t.push_back(guarded(Verb::read,
                      "policies/password/{name}/generate",
                      EventType::system_read,
                      "password_policy.generate",
                      generate));
  return t;
}

}  // namespace coffer::dialects::vault
