// server, dev: the server in this process.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/server/entry.h"

namespace coffer::cli {
namespace {

Result<int> serve(Session&, const Arguments& arguments) {
  if (!arguments.has("config")) return fail(Code::invalid_argument, "give --config FILE");
  return server::run_server({arguments.text("config"), arguments.text("accept-rows")});
}

auto accept_rows() {
  return option("accept-rows", "open with changed rows, as a refused unseal named them");
}

Result<int> develop(Session& session, const Arguments& arguments) {
  server::DevArguments dev;
  dev.listen = arguments.text("listen");
  dev.data = arguments.text("data");
  dev.in_memory = arguments.flag("in-memory");
  dev.root_token = arguments.text("root-token");
  dev.accepted_rows = arguments.text("accept-rows");
  dev.tls = arguments.flag("tls");
  dev.seed = arguments.text("seed");
  dev.aws_access_keys = arguments.all("aws-access-key");
  if (const auto more = session.world().environment("COFFER_DEV_AWS_ACCESS_KEY")) {
    dev.aws_access_keys.push_back(*more);
  }
  dev.allow_remote = arguments.flag("allow-remote");
  return server::run_dev(dev);
}

}  // namespace

void add_serve_commands(Menu& menu) {
  menu.add({"server", "Run the server", {option("config", "TOML file"), accept_rows()}, serve});
  menu.add({"dev",
            "Run a development server: initialised, unsealed, on loopback",
            {option("listen", "address and port", "127.0.0.1:8200"),
             option("data", "folder for the data"),
             flag("in-memory", "keep nothing"),
             option("root-token", "fixed root token, for tests"),
             accept_rows(),
             flag("tls", "serve TLS with a certificate of its own"),
             option("seed", "file of mounts, policies and secrets to begin with"),
             repeated("aws-access-key",
                      "ID:SECRET of an administrator for the AWS APIs; may be repeated"),
             flag("allow-remote", "allow an address beyond loopback")},
            develop});
}

}  // namespace coffer::cli
