// keys: the terms of the keyring, their rotation with progress and proof, and the end of old ones.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<int> status(Session& session, const Arguments&) {
  COFFER_TRY(const Answer answer, session.read("/api/v1/keys/status"));
  COFFER_CHECK(show(session, answer.root()));
  return kExitOk;
}

Result<int> rotate(Session& session, const Arguments& arguments) {
  Body body;
  body.boolean("rewrap", arguments.flag("rewrap"));
  COFFER_TRY(const Answer answer, session.post("/api/v1/keys/rotate", body.take()));
  COFFER_CHECK(show(session, answer.root()));
  return kExitOk;
}

void name_key(Body& body, const Arguments& arguments) {
  if (!arguments.has("key")) return;
  body.text("mount", arguments.text("mount")).text("key", arguments.text("key"));
}

Result<int> rewrap(Session& session, const Arguments& arguments) {
  Body body;
  name_key(body, arguments);
  COFFER_TRY(const Answer answer, session.post("/api/v1/keys/rewrap", body.take()));
  COFFER_CHECK(show(session, answer.root()));
  return kExitOk;
}

Result<int> destroy(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::int64_t number, arguments.integer("number", 0));
  Body body;
  name_key(body, arguments);
  body.integer(arguments.has("key") ? "version" : "term", number);
  COFFER_TRY(const Answer answer, session.post("/api/v1/keys/destroy", body.take()));
  COFFER_CHECK(show(session, answer.root()));
  return kExitOk;
}

}  // namespace

void add_key_commands(Menu& menu) {
  menu.describe("keys", "Terms of the keyring: rotation, progress, the end of old ones");
  menu.add({"keys status", "List the terms, and how far the last rewrap is", {}, status});
  menu.add({"keys rotate",
            "Begin a new term of the keyring",
            {flag("rewrap", "and seal everything anew under it, in the background")},
            rotate});
  const Parameter key = option("key", "a master key: its data keys and versions, not the terms");
  const Parameter mount = option("mount", "where that key lies", "transit");
  menu.add({"keys rewrap",
            "Seal everything anew under the newest term, or data keys under a key's newest version",
            {key, mount},
            rewrap});
  menu.add({"keys destroy",
            "Give up a term and all before it, or versions of a key, once nothing depends on them",
            {positional("number", "the newest term to give up, or the oldest version to keep"),
             key,
             mount},
            destroy});
}

}  // namespace coffer::cli
