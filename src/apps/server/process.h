// One server process from its start to its end: hardening, signals, systemd, logging.
#pragma once

#include "apps/server/assembly.h"

#include <functional>
#include <memory>

namespace coffer::server {

// Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and all that it starts later, so that
// serve() can wait for them. Call before any thread exists. Also hardens the process and sets up
// OpenSSL's secure heap; what the machine does not give is logged as a warning.
void prepare_process(Log& log);

// Waits for signals: SIGHUP reloads the TLS files, SIGINT and SIGTERM drain and return.
void serve(Assembly& assembly, Log& log);

}  // namespace coffer::server
