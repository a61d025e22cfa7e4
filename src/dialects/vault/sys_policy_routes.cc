// ACL policies, under sys/policies/acl and the older sys/policy.
//
// Only policies of the Vault language: path-pattern documents share their names but belong to the
// native API, and are neither listed nor written nor deleted here.
#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "formats/utf8.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::Policies;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

Policies policies(Call& call) {
  return {*call.view, call.unsealed->policies};
}

Result<Reply> list(Call& call) {
  COFFER_TRY(const auto names, policies(call).list(policy::Language::vault));
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("keys").strings(names);
  w.key("policies").strings(names);
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

// `text_name`: what this path calls the text: "policy" or "rules".
Result<Reply> read(Call& call, std::string_view text_name) {
  const std::string& name = call.routing.captures.at(0);
  COFFER_TRY(const auto found, policies(call).read(name));
  const auto vault = static_cast<std::uint8_t>(policy::Language::vault);
  if (!found || *found->row.language != vault) return fail(Code::not_found, "");
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  w.key("name").string(*found->row.name);
  w.key(text_name).string(*found->row.text);
  w.key("version").integer(static_cast<std::int64_t>(*found->row.version));
  w.key("modified").string(rfc3339(*found->row.modified));
  w.key("cas_required").boolean(false);
  w.end_object();
  out.inject = text_name == "rules";
  return answer(call, std::move(out));
}

// Policies come as they are or in base64; text that is both is taken as base64, as Vault does. The
// language needs quotes or braces, which base64 does not have: no policy with a rule is both.
std::string plain_text(std::string text) {
  const auto decoded = base64_decode(text);
  if (!decoded || decoded->empty() || !formats::is_utf8(as_text(*decoded))) return text;
  return std::string(as_text(*decoded));
}

Result<bool> exists(Call& call) {
  COFFER_TRY(const auto found, policies(call).read(call.routing.captures.at(0)));
  return found != nullptr;
}

Result<Reply> write(Call& call) {
  const std::string& name = call.routing.captures.at(0);
  COFFER_TRY(auto text, formats::text_field(call.body, "policy"));
  if (!text) {
    COFFER_TRY(text, formats::text_field(call.body, "rules"));
  }
  if (!text || text->empty()) {
    return fail(Code::invalid_argument, "'policy' parameter not supplied or empty");
  }
  COFFER_TRY(const auto found, policies(call).read(name));
  if (found && *found->row.language != static_cast<std::uint8_t>(policy::Language::vault)) {
    return fail(Code::already_exists, "a policy of another language has this name");
  }
  COFFER_TRY(const bool created,
             policies(call).write(name, policy::Language::vault, plain_text(std::move(*text))));
  if (created) call.event.type = proof::EventType::policy_created;
  call.note("policy", name);
  return no_content();
}

Result<Reply> remove(Call& call) {
  const std::string& name = call.routing.captures.at(0);
  COFFER_CHECK(policies(call).remove(name, policy::Language::vault));
  call.note("policy", name);
  return no_content();
}

struct Family {
  std::string_view all;
  std::string_view one;
  std::string_view text_name;
};

void add_family(RouteTable& t, const Family& family) {
  using proof::EventType;
  const std::string_view text_name = family.text_name;
  for (const Verb verb : {Verb::read, Verb::list}) {
    t.push_back(guarded(verb, family.all, EventType::policy_read, "policy.list", list));
  }
  t.push_back(guarded(
      Verb::read, family.one, EventType::policy_read, "policy.read", [text_name](Call& call) {
        return read(call, text_name);
      }));
  t.push_back(guarded(Verb::write,
                      family.one,
                      EventType::policy_updated,
                      {.action = "policy.write", .exists = exists},
                      write));
  t.push_back(
      guarded(Verb::remove, family.one, EventType::policy_deleted, "policy.delete", remove));
}

}  // namespace

RouteTable sys_policy_routes() {
  RouteTable t;
  add_family(t, {"policies/acl", "policies/acl/{policy...}", "policy"});
  add_family(t, {"policy", "policy/{policy...}", "rules"});
  return t;
}

}  // namespace coffer::dialects::vault
