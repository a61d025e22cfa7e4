// version.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"

#ifndef COFFER_VERSION
#define COFFER_VERSION "0.1.0"
#endif

namespace coffer::cli {

void add_version_command(Menu& menu) {
  menu.add({"version", "Print the program's version", {}, [](Session& session, const Arguments&) {
              session.terminal().out("coffer " COFFER_VERSION "\n");
              return Result<int>(kExitOk);
            }});
}

}  // namespace coffer::cli
