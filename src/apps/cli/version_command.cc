// version.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"

#ifndef COFFER_VERSION
#define COFFER_VERSION "0.1.0"
#endif

namespace coffer::cli {
namespace {

Result<int> version(Session& session, const Arguments&) {
  if (session.format() != Format::table || !session.field().empty()) {
    return show(session, *formats::JsonView::parse(R"({"version":")" COFFER_VERSION "\"}"));
  }
  session.terminal().out("coffer " COFFER_VERSION "\n");
  return kExitOk;
}

}  // namespace

void add_version_command(Menu& menu) {
  menu.add({"version", "Print the program's version", {}, version});
}

}  // namespace coffer::cli
