// token create, lookup, renew, revoke, capabilities.
//
// The token meant is the caller's own, one named by --accessor, or one that is asked for ("-").
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<secure::SecureText> metadata_of(const Arguments& arguments) {
  Body metadata;
  for (const std::string& word : arguments.all("metadata")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::invalid_argument, "--metadata takes key=value");
    }
    metadata.text(word.substr(0, equals), word.substr(equals + 1));
  }
  return metadata.take();
}

Result<int> create(Session& session, const Arguments& arguments) {
  Body body;
  if (arguments.has("policy")) body.strings("policies", arguments.all("policy"));
  body.text_if("ttl", arguments.text("ttl"));
  body.text_if("explicit_max_ttl", arguments.text("explicit-max-ttl"));
  body.text_if("period", arguments.text("period"));
  body.text_if("display_name", arguments.text("display-name"));
  body.text_if("type", arguments.text("type"));
  body.text_if("entity_alias", arguments.text("entity-alias"));
  if (arguments.flag("orphan")) body.boolean("no_parent", true);
  if (arguments.flag("no-default-policy")) body.boolean("no_default_policy", true);
  if (arguments.has("renewable")) {
    COFFER_TRY(const bool renewable, arguments.truth("renewable"));
    body.boolean("renewable", renewable);
  }
  if (arguments.has("use-limit")) {
    COFFER_TRY(const std::int64_t uses, arguments.integer("use-limit", 0));
    body.integer("num_uses", uses);
  }
  if (arguments.has("metadata")) {
    COFFER_TRY(const auto metadata, metadata_of(arguments));
    body.raw("meta", metadata.text());
  }
  std::string path = "auth/token/create";
  if (arguments.has("role")) path += "/" + arguments.text("role");
  COFFER_TRY(const Answer answer, session.post(path, body.take()));
  return show_answer(session, answer, "");
}

// Fills `body` with the token meant and returns the endpoint: verb, verb-accessor or verb-self.
Result<std::string> meant(Session& session,
                          const Arguments& arguments,
                          const std::string& verb,
                          Body& body) {
  const std::string path = "auth/token/" + verb;
  if (arguments.has("accessor")) {
    body.text("accessor", arguments.text("accessor"));
    return path + "-accessor";
  }
  if (!arguments.has("token")) return path + "-self";
  COFFER_TRY(const auto token, secret_word(session, arguments.text("token"), "Token (hidden): "));
  body.text("token", token.text());
  return path;
}

Result<int> lookup(Session& session, const Arguments& arguments) {
  Body body;
  COFFER_TRY(const std::string path, meant(session, arguments, "lookup", body));
  COFFER_TRY(const Answer answer, session.post(path, body.take()));
  return show_answer(session, answer, "");
}

Result<int> renew(Session& session, const Arguments& arguments) {
  Body body;
  COFFER_TRY(const std::string path, meant(session, arguments, "renew", body));
  body.text_if("increment", arguments.text("increment"));
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "");
}

Result<int> revoke(Session& session, const Arguments& arguments) {
  if (!arguments.has("accessor") && !arguments.has("token") && !arguments.flag("self")) {
    return fail(Code::invalid_argument, "say which token: --self, --accessor=A or - for a prompt");
  }
  Body body;
  COFFER_TRY(const std::string path, meant(session, arguments, "revoke", body));
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "Success! Revoked token (if it existed).");
}

Result<int> capabilities(Session& session, const Arguments& arguments) {
  Body body;
  body.strings("paths", {arguments.text("path")});
  std::string where = "sys/capabilities-self";
  if (arguments.has("accessor")) {
    body.text("accessor", arguments.text("accessor"));
    where = "sys/capabilities-accessor";
  } else if (arguments.flag("ask")) {
    COFFER_TRY(const auto token, ask_secret(session, "Token (hidden): "));
    body.text("token", token.text());
    where = "sys/capabilities";
  }
  COFFER_TRY(const Answer answer, session.post(where, body.take()));
  const auto data = answer.data();
  const auto list = (data ? *data : answer.root()).find_value("capabilities");
  if (!list) return fail(Code::unavailable, "the answer holds no capabilities");
  if (session.format() != Format::table) return show(session, *list);
  secure::SecureText line;
  for (const formats::JsonView& name : list->elements()) {
    if (!line.empty()) line.append(", ");
    print_cell(name, line);
  }
  return say(session, line.text());
}

}  // namespace

void add_token_commands(Menu& menu) {
  menu.describe("token", "Tokens: create, look up, renew, revoke");
  const Parameter token = optional("token", "- asks for the token; nothing: your own");
  const Parameter accessor = option("accessor", "the token with this accessor");
  menu.add({"token create",
            "Create a token",
            {repeated("policy", "policy of the token; may be given again"),
             option("ttl", "life, such as 1h"),
             option("explicit-max-ttl", "longest life, renewed or not"),
             option("period", "periodic token: renewed for this long, without end"),
             option("display-name", "name in the audit log"),
             option("type", "service or batch"),
             option("entity-alias", "alias to create it under"),
             option("role", "token role"),
             option("renewable", "true or false"),
             option("use-limit", "how many uses"),
             repeated("metadata", "key=value; may be given again"),
             flag("orphan", "without a parent"),
             flag("no-default-policy", "without the policy 'default'")},
            create});
  menu.add({"token lookup", "Describe a token", {token, accessor}, lookup});
  menu.add({"token renew",
            "Renew a token",
            {token, accessor, option("increment,i", "for how long")},
            renew});
  menu.add({"token revoke",
            "Revoke a token and everything made with it",
            {token, accessor, flag("self", "your own token")},
            revoke});
  menu.add({"token capabilities",
            "What a token may do at a path",
            {positional("path", "API path"), accessor, flag("ask", "for a token asked for")},
            capabilities});
}

}  // namespace coffer::cli
