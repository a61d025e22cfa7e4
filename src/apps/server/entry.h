// The two ways to start the server, as the command line calls them.
//
// Both return the exit code of the process after the server has stopped, log to standard error, and
// end on SIGINT or SIGTERM after draining. They own the process: call one of them once, from main.
#pragma once

#include <string>
#include <vector>

namespace coffer::server {

struct ServerArguments {
  std::string config;         // path of the TOML file
  std::string accepted_rows;  // as an unseal that was refused named them; empty: none
};

struct DevArguments {
  std::string listen = "127.0.0.1:8200";
  std::string data;  // empty: the default folder
  bool in_memory = false;
  std::string root_token;     // empty: drawn at random
  std::string accepted_rows;  // as for the server
  bool tls = false;
  std::string seed;  // path of a seed file; empty: none
  // "ID:SECRET" each: access keys of users who may do everything.
  std::vector<std::string> aws_access_keys;
  bool allow_remote = false;  // without it, an address beyond loopback is refused
};

int run_server(const ServerArguments& arguments);
int run_dev(const DevArguments& arguments);

}  // namespace coffer::server
