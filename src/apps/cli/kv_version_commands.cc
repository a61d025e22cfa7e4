// kv delete, undelete, destroy, rollback, metadata: versions and metadata, as Vault spells them.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/kv_place.h"
#include "apps/cli/output.h"
#include "apps/cli/versions.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<client::KvMount> versioned(Session& session, const Arguments& arguments) {
  COFFER_TRY(client::KvMount kv, kv_place(session, arguments));
  if (kv.version != 2) return fail(Code::unsupported, "this needs a mount of version 2");
  return kv;
}

Result<int> delete_kv(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, kv_place(session, arguments));
  if (kv.version == 2) return delete_versions(session, kv, arguments);
  COFFER_TRY(const Answer answer, session.remove(kv.at("data")));
  return show_answer(session, answer, "Success! Deleted (if it existed).");
}

Action change_with(std::string area) {
  return [area](Session& session, const Arguments& arguments) -> Result<int> {
    COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
    return change_versions(session, kv, area, arguments);
  };
}

Result<int> rollback(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
  return roll_back(session, kv, arguments);
}

Result<int> metadata_get(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
  COFFER_TRY(const Answer answer, session.read(kv.at("metadata")));
  return show_answer(session, answer, "");
}

// "a=1" words as {"a": "1"}, and names to remove as {"b": null}.
Result<secure::SecureText> custom_metadata(const Arguments& arguments) {
  Body body;
  for (const std::string& word : arguments.all("custom-metadata")) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::invalid_argument, "--custom-metadata takes key=value");
    }
    body.text(word.substr(0, equals), std::string_view(word).substr(equals + 1));
  }
  for (const std::string& name : arguments.all("remove-custom-metadata")) body.raw(name, "null");
  return body.take();
}

Result<secure::SecureText> metadata_body(const Arguments& arguments) {
  Body body;
  if (arguments.has("max-versions")) {
    COFFER_TRY(const std::int64_t most, arguments.integer("max-versions", 0));
    body.integer("max_versions", most);
  }
  if (arguments.has("cas-required")) {
    COFFER_TRY(const bool required, arguments.truth("cas-required"));
    body.boolean("cas_required", required);
  }
  body.text_if("delete_version_after", arguments.text("delete-version-after"));
  if (arguments.has("custom-metadata") || arguments.has("remove-custom-metadata")) {
    COFFER_TRY(const auto custom, custom_metadata(arguments));
    body.raw("custom_metadata", custom.text());
  }
  return body.take();
}

Result<int> metadata_put(Session& session, const Arguments& arguments) {
  COFFER_TRY(auto body, metadata_body(arguments));
  COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
  COFFER_TRY(const Answer answer, session.write(kv.at("metadata"), std::move(body)));
  return show_answer(session, answer, "Success! Metadata written.");
}

Result<int> metadata_patch(Session& session, const Arguments& arguments) {
  COFFER_TRY(auto body, metadata_body(arguments));
  COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
  COFFER_TRY(client::Api * api, session.api());
  COFFER_TRY(const Answer answer, api->patch(kv.at("metadata"), std::move(body)));
  return show_answer(session, answer, "Success! Metadata patched.");
}

Result<int> metadata_delete(Session& session, const Arguments& arguments) {
  COFFER_TRY(const client::KvMount kv, versioned(session, arguments));
  COFFER_TRY(const Answer answer, session.remove(kv.at("metadata")));
  return show_answer(session, answer, "Success! All versions and metadata deleted.");
}

}  // namespace

void add_kv_version_commands(Menu& menu) {
  const Parameter mount = option("mount", "the mount, when the path does not begin with it");
  const Parameter path = positional("path", "path of the secret");
  const Parameter versions = option("versions", "version numbers, separated by commas");
  menu.add({"kv delete", "Delete the latest version, or some", {path, mount, versions}, delete_kv});
  menu.add(
      {"kv undelete", "Bring versions back", {path, mount, versions}, change_with("undelete")});
  menu.add(
      {"kv destroy", "Destroy versions for good", {path, mount, versions}, change_with("destroy")});
  menu.add({"kv rollback",
            "Write an earlier version as the newest one",
            {path, mount, option("version", "the version to bring back")},
            rollback});
  menu.describe("kv metadata", "Versions, limits and custom metadata of a secret");
  menu.add({"kv metadata get", "Read metadata", {path, mount}, metadata_get});
  std::vector<Parameter> settings{path,
                                  mount,
                                  option("max-versions", "how many versions to keep"),
                                  option("cas-required", "true: every write needs --cas"),
                                  option("delete-version-after", "life of a version, such as 720h"),
                                  repeated("custom-metadata", "key=value; may be given again")};
  menu.add({"kv metadata put", "Set limits and custom metadata", settings, metadata_put});
  settings.push_back(repeated("remove-custom-metadata", "a key; may be given again"));
  menu.add({"kv metadata patch",
            "Set limits, and change some custom metadata",
            std::move(settings),
            metadata_patch});
  menu.add(
      {"kv metadata delete", "Delete all versions and metadata", {path, mount}, metadata_delete});
}

}  // namespace coffer::cli
