// lease lookup, renew, revoke.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using client::Body;

Result<int> lookup(Session& session, const Arguments& arguments) {
  Body body;
  body.text("lease_id", arguments.text("id"));
  COFFER_TRY(const Answer answer, session.write("sys/leases/lookup", body.take()));
  return show_answer(session, answer, "");
}

Result<int> renew(Session& session, const Arguments& arguments) {
  Body body;
  body.text("lease_id", arguments.text("id"));
  body.text_if("increment", arguments.text("increment"));
  COFFER_TRY(const Answer answer, session.write("sys/leases/renew", body.take()));
  return show_answer(session, answer, "");
}

Result<int> revoke(Session& session, const Arguments& arguments) {
  const std::string id = arguments.text("id");
  Body body;
  if (arguments.flag("sync")) body.boolean("sync", true);
  std::string path = "sys/leases/revoke";
  if (arguments.flag("force")) {
    path = "sys/leases/revoke-force/" + id;
  } else if (arguments.flag("prefix")) {
    path = "sys/leases/revoke-prefix/" + id;
  } else {
    body.text("lease_id", id);
  }
  COFFER_TRY(const Answer answer, session.write(path, body.take()));
  return show_answer(session, answer, "Success! Revoked (if it existed).");
}

}  // namespace

void add_lease_commands(Menu& menu) {
  menu.describe("lease", "Leases: look up, renew, revoke");
  const Parameter id = positional("id", "lease id");
  menu.add({"lease lookup", "Describe a lease", {id}, lookup});
  menu.add({"lease renew", "Renew a lease", {id, option("increment,i", "for how long")}, renew});
  menu.add({"lease revoke",
            "Revoke a lease, or all below a prefix",
            {id,
             flag("prefix", "everything below this prefix"),
             flag("force", "everything below this prefix, whatever the engine says"),
             flag("sync", "answer when it is done")},
            revoke});
}

}  // namespace coffer::cli
