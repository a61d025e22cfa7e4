// login: a token from a prompt, or one obtained with a user name and password, a SecretID or a TLS
// client certificate.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

std::string value_for(const std::vector<std::string>& words, std::string_view name) {
  for (const std::string& word : words) {
    if (word.starts_with(std::string(name) + "=")) return word.substr(name.size() + 1);
  }
  return {};
}

Result<> keep(Session& session, const Arguments& arguments, std::string_view token) {
  if (arguments.flag("no-store")) return {};
  return client::store_token(session.world().environment, token);
}

Result<int> login_with_token(Session& session, const Arguments& arguments) {
  const auto words = arguments.all("words");
  std::string word = value_for(words, "token");
  if (word.empty() && !words.empty()) word = words.front();
  COFFER_TRY(const auto token, secret_word(session, word, "Token (hidden): "));
  session.use_token(token.clone());
  COFFER_TRY(const Answer answer, session.read("auth/token/lookup-self"));
  COFFER_CHECK(keep(session, arguments, token.text()));
  if (!session.field().empty() || session.format() != Format::table) {
    return show_answer(session, answer, "");
  }
  return say(session, "Success! You are logged in.");
}

// Obtains a token at auth/<mount>/login… with `body`, keeps it, and shows what it may do.
Result<int> finish(Session& session,
                   const Arguments& arguments,
                   const std::string& path,
                   secure::SecureText body) {
  session.use_token({});
  COFFER_TRY(const Answer answer, session.write(path, std::move(body)));
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto auth = answer.find("auth");
  const auto value = auth ? auth->find_value("client_token") : std::nullopt;
  if (!value) return fail(Code::unavailable, "the answer holds no token");
  COFFER_TRY(const auto token, value->secret_string());
  COFFER_CHECK(keep(session, arguments, token.text()));
  if (!arguments.flag("no-store") && session.field().empty() && session.format() == Format::table) {
    return say(session, "Success! You are logged in.");
  }
  return show_answer(session, answer, "");
}

Result<int> login_with_password(Session& session,
                                const Arguments& arguments,
                                const std::string& mount) {
  const auto words = arguments.all("words");
  const std::string user = value_for(words, "username");
  if (user.empty()) return fail(Code::invalid_argument, "say who you are: username=NAME");
  COFFER_CHECK(client::check_segment(user));
  COFFER_TRY(const auto password,
             secret_word(session, value_for(words, "password"), "Password (hidden): "));
  Body body;
  body.text("password", password.text());
  return finish(session, arguments, "auth/" + mount + "/login/" + user, body.take());
}

Result<int> login_with_role(Session& session,
                            const Arguments& arguments,
                            const std::string& mount) {
  const auto words = arguments.all("words");
  COFFER_TRY(const auto secret_id,
             secret_word(session, value_for(words, "secret_id"), "SecretID (hidden): "));
  Body body;
  body.text("role_id", value_for(words, "role_id")).text("secret_id", secret_id.text());
  return finish(session, arguments, "auth/" + mount + "/login", body.take());
}

// The certificate is the connection's: COFFER_CLIENT_CERT and COFFER_CLIENT_KEY.
Result<int> login_with_certificate(Session& session,
                                   const Arguments& arguments,
                                   const std::string& mount) {
  Body body;
  body.text_if("name", value_for(arguments.all("words"), "name"));
  return finish(session, arguments, "auth/" + mount + "/login", body.take());
}

Result<int> login(Session& session, const Arguments& arguments) {
  const std::string method = arguments.text("method");
  const std::string mount = arguments.has("path") ? arguments.text("path") : method;
  if (method == "token") return login_with_token(session, arguments);
  if (method == "userpass") return login_with_password(session, arguments, mount);
  if (method == "approle") return login_with_role(session, arguments, mount);
  if (method == "cert") return login_with_certificate(session, arguments, mount);
  return fail(Code::invalid_argument, "--method is token, userpass, approle or cert");
}

}  // namespace

void add_login_command(Menu& menu) {
  menu.add({"login",
            "Log in and keep the token in ~/.coffer/token",
            {rest("words", "username=NAME, role_id=ID; secrets are asked for"),
             option("method", "token, userpass, approle or cert", "token"),
             option("path", "where the method is mounted; its name otherwise"),
             flag("no-store", "print the token and keep it nowhere")},
            login});
}

}  // namespace coffer::cli
