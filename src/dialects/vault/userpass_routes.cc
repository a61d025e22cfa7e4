// auth/userpass: users and their logins.
#include "dialects/vault/auth_answer.h"
#include "dialects/vault/dialect.h"
#include "domain/auth/userpass.h"
#include "domain/identity/names.h"
#include "formats/vault_fields.h"

#include <memory>

namespace coffer::dialects::vault {
namespace {

using domain::Userpass;
using proof::EventType;

constexpr std::size_t kSalt = 16;

const std::string& name_of(const gate::Call& call) {
  return call.routing.captures.front();
}

// The hash of the password in the body, made on a worker; nullopt when there is none. The salt is
// remembered with the effect: a run after a conflict must not draw another.
Result<std::optional<domain::PasswordHash>> new_hash(gate::Call& call) {
  COFFER_TRY(auto password, formats::secret_field(call.body, "password"));
  if (!password) return std::nullopt;
  auto shared = std::make_shared<secure::SecureText>(*std::move(password));
  const Bytes salt = to_bytes(call.random.bytes(kSalt).view());
  COFFER_TRY(const domain::PasswordHash* made,
             call.effects.get<domain::PasswordHash>(
                 "scrypt", [shared, salt]() -> Result<domain::PasswordHash> {
                   COFFER_TRY(secure::SecureBytes hash, domain::hash_password(*shared, salt));
                   return domain::PasswordHash{salt, std::move(hash)};
                 }));
  return domain::PasswordHash{made->salt, made->hash.clone()};
}

Result<domain::TokenParams> present_params(gate::Call& call) {
  COFFER_TRY(const auto user, Userpass(*call.view, *call.mount).read(name_of(call)));
  return user ? *user->row.token : domain::TokenParams{};
}

Result<gate::Reply> write_user(gate::Call& call) {
  COFFER_TRY(domain::TokenParams params, present_params(call));
  COFFER_CHECK(read_token_params(call.body, params));
  COFFER_TRY(auto hash, new_hash(call));
  COFFER_CHECK(
      Userpass(*call.view, *call.mount).write(name_of(call), std::move(params), std::move(hash)));
  return no_content();
}

Result<gate::Reply> write_password(gate::Call& call) {
  COFFER_TRY(const auto user, Userpass(*call.view, *call.mount).read(name_of(call)));
  if (!user) return fail(Code::invalid_argument, "username does not exist");
  COFFER_TRY(auto hash, new_hash(call));
  if (!hash) return fail(Code::invalid_argument, "missing password");
  COFFER_CHECK(
      Userpass(*call.view, *call.mount).write(name_of(call), *user->row.token, std::move(hash)));
  return no_content();
}

Result<gate::Reply> write_policies(gate::Call& call) {
  COFFER_TRY(const auto user, Userpass(*call.view, *call.mount).read(name_of(call)));
  if (!user) return fail(Code::invalid_argument, "username does not exist");
  domain::TokenParams params = *user->row.token;
  COFFER_CHECK(assign(formats::list_field(call.body, "policies"), params.policies));
  COFFER_CHECK(assign(formats::list_field(call.body, "token_policies"), params.policies));
  COFFER_CHECK(Userpass(*call.view, *call.mount).write(name_of(call), std::move(params), {}));
  return no_content();
}

Result<gate::Reply> read_user(gate::Call& call) {
  COFFER_TRY(const auto user, Userpass(*call.view, *call.mount).read(name_of(call)));
  if (!user) return fail(Code::not_found, "");
  return data_answer(call, [&](formats::JsonWriter& w) {
    w.key("policies").strings(user->row.token->policies);
    write_token_params(w, *user->row.token);
  });
}

Result<gate::Reply> delete_user(gate::Call& call) {
  COFFER_CHECK(Userpass(*call.view, *call.mount).remove(name_of(call)));
  return no_content();
}

Result<gate::Reply> list_users(gate::Call& call) {
  COFFER_TRY(const auto names, Userpass(*call.view, *call.mount).list());
  return list_answer(call, names);
}

Result<bool> user_exists(gate::Call& call) {
  COFFER_TRY(const auto user, Userpass(*call.view, *call.mount).read(name_of(call)));
  return static_cast<bool>(user);
}

std::unexpected<Error> refused(gate::Call& call, const Error& error) {
  if (error.code == Code::permission_denied) call.event.type = EventType::auth_lockout;
  return std::unexpected(error);
}

Result<gate::Reply> log_in(gate::Call& call) {
  Userpass users(*call.view, *call.mount);
  call.event.actor_type = "userpass";
  call.event.type = EventType::auth_failed;
  call.note("mount", call.routing.mount);
  if (auto user = domain::canonical_login_name(name_of(call))) call.note("user", *std::move(user));
  domain::FailedLogins& failures = call.unsealed->failed_logins;
  const auto salt = users.challenge(name_of(call), failures);
  if (!salt) return refused(call, salt.error());
  COFFER_TRY(secure::SecureText password, required_secret(call.body, "password"));
  auto shared = std::make_shared<secure::SecureText>(std::move(password));
  COFFER_TRY(auto* const candidate,
             call.effects.get<domain::Candidate>(
                 "scrypt", [shared, salt = *salt]() -> Result<domain::Candidate> {
                   COFFER_TRY(auto hash, domain::hash_password(*shared, salt));
                   return domain::Candidate{std::move(hash)};
                 }));
  const auto outcome = users.verify(name_of(call), *candidate, failures);
  if (!outcome) return refused(call, outcome.error());
  if (*outcome != Userpass::Outcome::success) {
    if (*outcome == Userpass::Outcome::locked) call.event.type = EventType::auth_lockout;
    call.gate_part_optional = true;  // counted in memory too
    return fail(Code::invalid_argument, std::string(domain::kBadLogin));
  }
  COFFER_TRY(domain::IssuedToken issued,
             users.issue(name_of(call), call.routing.mount, call.request.peer.address));
  call.event.type = EventType::auth_login;
  call.event.actor_name = *issued.row.display_name;
  call.event.actor_id = *issued.row.entity_id;
  return issued_answer(call, std::move(issued));
}

Rule rule(std::string_view action) {
  return Rule{.action = action};
}

}  // namespace

RouteTable userpass_routes() {
  constexpr EventType kChanged = EventType::auth_method_changed;
  constexpr EventType kRead = EventType::auth_token_read;
  RouteTable table;
  table.push_back(proven(Verb::write,
                         "login/{user}",
                         EventType::auth_login,
                         "userpass.login",
                         "the password is the proof",
                         log_in));
  table.push_back(guarded(Verb::write,
                          "users/{user}",
                          kChanged,
                          {.action = "userpass.write", .exists = user_exists},
                          write_user));
  table.push_back(guarded(Verb::read, "users/{user}", kRead, rule("userpass.read"), read_user));
  table.push_back(
      guarded(Verb::remove, "users/{user}", kChanged, rule("userpass.delete"), delete_user));
  table.push_back(guarded(Verb::list, "users", kRead, rule("userpass.list"), list_users));
  table.push_back(guarded(
      Verb::write, "users/{user}/password", kChanged, rule("userpass.write"), write_password));
  table.push_back(guarded(
      Verb::write, "users/{user}/policies", kChanged, rule("userpass.write"), write_policies));
  return table;
}

}  // namespace coffer::dialects::vault
