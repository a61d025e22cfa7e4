#include "apps/server/process.h"

#include "apps/server/notify.h"
#include "net/secure_heap.h"
#include "secure/process.h"

#include <csignal>

namespace coffer::server {
namespace {

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void prepare_process(Log& log) {
  const sigset_t set = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);
  // A file size limit then fails one write, as a full disk does, and does not end the process.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  for (const std::string& warning : secure::harden_process()) log.warn(warning);
  if (const std::string warning = net::init_secure_heap(); !warning.empty()) log.warn(warning);
}

void serve(Assembly& assembly, Log& log) {
  const sigset_t set = awaited_signals();
  notify("READY=1");
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    notify("RELOADING=1");
    const Result<> reloaded = assembly.reload_tls();
    if (reloaded) {
      log.info("TLS files reloaded");
    } else {
      log.error("TLS files not reloaded, the old ones stay in use: " + reloaded.error().message);
    }
    notify("READY=1");
  }
  notify("STOPPING=1");
  log.info("draining");
  assembly.stop();
  log.info("stopped");
}

}  // namespace coffer::server
