// secret put, get, list: one secret by its own path, dotted or slashed, in a versioned mount.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"
#include "apps/cli/secret_value.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;

Parameter mount_option() {
  return option("mount", "versioned key/value mount", "secret");
}

Result<std::string> place(const Arguments& arguments, std::string_view area) {
  COFFER_TRY(const std::string path, client::secret_path(arguments.text("path")));
  return arguments.text("mount") + "/" + std::string(area) + "/" + path;
}

Result<std::optional<std::int64_t>> cas_of(const Arguments& arguments) {
  if (!arguments.has("cas")) return std::nullopt;
  COFFER_TRY(const std::int64_t cas, arguments.integer("cas", 0));
  return cas;
}

// The object to write: words as Vault users type them, or one value from a prompt, standard input
// or a file.
Result<secure::SecureText> value_to_put(Session& session, const Arguments& arguments) {
  const auto words = arguments.all("value");
  if (words.size() > 1 || (words.size() == 1 && words[0].find('=') != std::string::npos)) {
    return object_from_words(session, words);
  }
  if (words.empty()) {
    COFFER_TRY(const auto text, ask_new_secret(session, "Value"));
    return as_object(text);
  }
  if (words[0] == "-") {
    COFFER_TRY(const auto text, ask_secret(session, "Value (hidden): "));
    return as_object(text);
  }
  if (words[0].starts_with('@')) {
    COFFER_TRY(const auto text, text_of(session, words[0].substr(1)));
    return as_object(text);
  }
  return fail(Code::invalid_argument,
              "a value on the command line is visible to every process: give '-' or @file");
}

Result<int> put(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments, "data"));
  COFFER_TRY(const auto cas, cas_of(arguments));
  COFFER_TRY(const auto object, value_to_put(session, arguments));
  COFFER_TRY(const Answer answer, session.post(path, write_body(object, cas)));
  return show_answer(session, answer, "Success! Written.");
}

// A deleted or destroyed version is an answer with data, but without a secret.
Result<int> show_secret(Session& session, const Answer& answer) {
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto data = answer.data();
  const auto secret = data ? data->find_value("data") : std::nullopt;
  if (!secret) {
    return fail(Code::not_found, "this version is deleted or destroyed");
  }
  if (!session.field().empty()) return show(session, *secret);
  if (session.format() != Format::table) return show(session, *data);
  const auto value = lone_value(*secret);
  return show(session, value ? *value : *secret);
}

Result<int> get(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::string path, place(arguments, "data"));
  client::Query query;
  if (arguments.has("version")) query.emplace_back("version", arguments.text("version"));
  COFFER_TRY(const Answer answer, session.read(path, query));
  return show_secret(session, answer);
}

Result<int> list(Session& session, const Arguments& arguments) {
  std::string path = arguments.text("mount") + "/metadata/";
  if (arguments.has("path")) {
    COFFER_TRY(const std::string inside, client::secret_path(arguments.text("path")));
    path += inside;
  }
  COFFER_TRY(const Answer answer, session.list(path));
  return show_keys(session, answer);
}

}  // namespace

void add_secret_commands(Menu& menu) {
  menu.describe("secret", "Keep and read secrets by path: prod.db.password or prod/db/password");
  menu.add({"secret put",
            "Write a new version; without a value it is asked for",
            {positional("path", "dotted or slashed path"),
             rest("value", "- (standard input), @file, or key=value, key=@file, key=-"),
             mount_option(),
             option("cas", "write only if the current version is this one; 0: only if none is")},
            put});
  menu.add({"secret get",
            "Read a secret; a single value is printed by itself",
            {positional("path", "dotted or slashed path"),
             mount_option(),
             option("version", "this version, not the latest")},
            get});
  menu.add({"secret list",
            "List the names below a path",
            {optional("path", "dotted or slashed path; nothing: the whole mount"), mount_option()},
            list});
}

}  // namespace coffer::cli
