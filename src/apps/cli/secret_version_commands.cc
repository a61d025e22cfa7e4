// secret history, rollback, delete, undelete, destroy: the versions of one secret.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"
#include "apps/cli/secret_value.h"
#include "apps/cli/versions.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;

// The secret's path in a mount of version 2, from either spelling.
Result<client::KvMount> locate(const Arguments& arguments) {
  COFFER_TRY(std::string path, client::secret_path(arguments.text("path")));
  return client::KvMount{arguments.text("mount"), std::move(path), 2};
}

std::string text_of(const formats::JsonView& object, std::string_view name) {
  const auto value = object.find_value(name);
  if (!value) return {};
  const auto text = value->string();
  return text ? *text : std::string(value->raw());
}

std::string state_of(const formats::JsonView& version) {
  if (text_of(version, "destroyed") == "true") return "destroyed";
  const std::string deleted = text_of(version, "deletion_time");
  return deleted.empty() ? "present" : "deleted " + deleted;
}

Result<int> history(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, locate(arguments));
  COFFER_TRY(const Answer answer, session.read(kv.at("metadata")));
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto data = answer.data();
  if (!data) return fail(Code::not_found, "nothing found there");
  if (!session.field().empty() || session.format() != Format::table) return show(session, *data);
  std::vector<std::vector<std::string>> rows{{"Version", "Created", "State"}};
  const std::string current = text_of(*data, "current_version");
  if (const auto versions = data->find_value("versions")) {
    for (const auto& [number, version] : versions->members()) {
      rows.push_back({number + (number == current ? " (current)" : ""),
                      text_of(version, "created_time"),
                      state_of(version)});
    }
  }
  session.terminal().out(columns(rows));
  return kExitOk;
}

Result<int> rollback_secret(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, locate(arguments));
  return roll_back(session, kv, arguments);
}

Result<int> delete_secret(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, locate(arguments));
  return delete_versions(session, kv, arguments);
}

Action change_with(std::string area) {
  return [area](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const client::KvMount kv, locate(arguments));
    return change_versions(session, kv, area, arguments);
  };
}

}  // namespace

void add_secret_version_commands(Menu& menu) {
  const auto row =
      [&menu](std::string words, std::string help, std::vector<Parameter> more, Action action) {
        std::vector<Parameter> all{positional("path", "dotted or slashed path"),
                                   option("mount", "versioned key/value mount", "secret")};
        all.insert(all.end(), more.begin(), more.end());
        menu.add({std::move(words), std::move(help), std::move(all), std::move(action)});
      };
  const Parameter versions = option("versions", "version numbers, separated by commas");
  row("secret history", "The versions of a secret, without their values", {}, history);
  row("secret rollback",
      "Make an earlier version the newest one",
      {option("version", "the version to bring back")},
      rollback_secret);
  row("secret delete",
      "Delete the latest version, or some; undelete brings them back",
      {versions},
      delete_secret);
  row("secret undelete", "Bring deleted versions back", {versions}, change_with("undelete"));
  row("secret destroy", "Destroy versions for good", {versions}, change_with("destroy"));
}

}  // namespace coffer::cli
