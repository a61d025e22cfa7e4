// secrets and auth: enable, disable, list, tune, move.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

std::string trimmed(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

std::string field(const formats::JsonView& object, std::string_view name) {
  const auto value = object.find_value(name);
  const auto text = value ? value->string() : Result<std::string>("n/a");
  return text && !text->empty() ? *text : "n/a";
}

// The part of the body that enable and tune share.
Result<> add_settings(Body& body, const Arguments& arguments, bool nested) {
  Body config;
  Body& settings = nested ? config : body;
  settings.text_if("default_lease_ttl", arguments.text("default-lease-ttl"));
  settings.text_if("max_lease_ttl", arguments.text("max-lease-ttl"));
  settings.text_if("listing_visibility", arguments.text("listing-visibility"));
  settings.text_if("token_type", arguments.text("token-type"));
  if (nested) body.raw("config", config.take().text());
  body.text_if("description", arguments.text("description"));
  Body options;
  for (const std::string& word : arguments.all("options")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return fail(Code::invalid_argument, "--options takes key=value");
    }
    options.text(word.substr(0, equals), word.substr(equals + 1));
  }
  if (arguments.has("version")) options.text("version", arguments.text("version"));
  if (arguments.has("options") || arguments.has("version")) {
    body.raw("options", options.take().text());
  }
  return {};
}

Action enable_at(std::string root) {
  return [root](Session& session, const Arguments& arguments) -> Result<int> {
    const std::string type = arguments.text("type");
    const std::string path = trimmed(arguments.has("path") ? arguments.text("path") : type);
    Body body;
    body.text("type", type);
    COFFER_CHECK(add_settings(body, arguments, true));
    COFFER_TRY(const Answer answer, session.post(root + path, body.take()));
    return show_answer(session, answer, "Success! Enabled " + type + " at " + path + "/.");
  };
}

Action disable_at(std::string root) {
  return [root](Session& session, const Arguments& arguments) -> Result<int> {
    const std::string path = trimmed(arguments.text("path"));
    COFFER_TRY(const Answer answer, session.remove(root + path));
    return show_answer(session, answer, "Success! Disabled " + path + "/ (if it existed).");
  };
}

Action list_at(std::string where) {
  return [where](Session& session, const Arguments&) -> Result<int> {
    COFFER_TRY(const Answer answer, session.read(where));
    if (answer.wrapped()) return show_answer(session, answer, "");
    const auto data = answer.data();
    if (!data) return fail(Code::unavailable, "the answer holds no data");
    if (!session.field().empty() || session.format() != Format::table) return show(session, *data);
    std::vector<std::vector<std::string>> rows{{"Path", "Type", "Accessor", "Description"}};
    for (const auto& [path, mount] : data->members()) {
      rows.push_back(
          {path, field(mount, "type"), field(mount, "accessor"), field(mount, "description")});
    }
    session.terminal().out(columns(rows));
    return kExitOk;
  };
}

Action tune_at(std::string root) {
  return [root](Session& session, const Arguments& arguments) -> Result<int> {
    const std::string path = trimmed(arguments.text("path"));
    Body body;
    COFFER_CHECK(add_settings(body, arguments, false));
    COFFER_TRY(const Answer answer, session.post(root + path + "/tune", body.take()));
    return show_answer(session, answer, "Success! Tuned " + path + "/.");
  };
}

Result<int> move(Session& session, const Arguments& arguments) {
  Body body;
  body.text("from", trimmed(arguments.text("from"))).text("to", trimmed(arguments.text("to")));
  COFFER_TRY(const Answer answer, session.post("sys/remount", body.take()));
  return show_answer(session, answer, "Success! Moved.");
}

std::vector<Parameter> settings() {
  return {option("description", "what it is for"),
          option("default-lease-ttl", "default life of leases, such as 1h"),
          option("max-lease-ttl", "longest life of leases"),
          option("listing-visibility", "unauth or hidden"),
          option("token-type", "type of tokens issued"),
          option("version", "version of a key/value engine"),
          repeated("options", "key=value; may be given again")};
}

void add_family(Menu& menu, const std::string& word, const std::string& root) {
  std::vector<Parameter> enable = settings();
  enable.insert(enable.begin(), positional("type", "kv, kv-v2, userpass, approle…"));
  enable.push_back(option("path", "where to mount it; the type otherwise"));
  menu.add({word + " enable", "Mount one", std::move(enable), enable_at(root)});
  menu.add({word + " disable",
            "Unmount one, with everything in it",
            {positional("path", "the mount")},
            disable_at(root)});
  menu.add({word + " list",
            "List them",
            {flag("detailed", "accepted for compatibility")},
            list_at(trimmed(root))});
  std::vector<Parameter> tune = settings();
  tune.insert(tune.begin(), positional("path", "the mount"));
  menu.add({word + " tune", "Change settings of one", std::move(tune), tune_at(root)});
}

}  // namespace

void add_mount_commands(Menu& menu) {
  menu.describe("secrets", "Mounts of secret engines");
  menu.describe("auth", "Mounts of authentication methods");
  add_family(menu, "secrets", "sys/mounts/");
  add_family(menu, "auth", "sys/auth/");
  menu.add({"secrets move",
            "Move a mount, with everything in it",
            {positional("from", "old path"), positional("to", "new path")},
            move});
}

}  // namespace coffer::cli
