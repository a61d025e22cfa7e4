#include "apps/server/data_directory.h"
#include "apps/server/entry.h"
#include "apps/server/log.h"
#include "apps/server/process.h"
#include "apps/server/version.h"

#include <cstdio>

namespace coffer::server {
namespace {

constexpr int kStartFailed = 1;

Result<> run(const Config& config,
             const std::string& accepted_rows,
             const std::shared_ptr<Log>& log) {
  COFFER_CHECK(prepare_data_directory(config.storage_path, DataKind::production));
  COFFER_TRY(const std::unique_ptr<Assembly> assembly,
             Assembly::make({.config = config, .accepted_rows = accepted_rows}, log));
  COFFER_CHECK(assembly->listen());
  COFFER_TRY(const gate::SealStatus status, assembly->lifecycle().status());
  log->info(std::string("coffer ")
                .append(kVersion)
                .append(" listens on ")
                .append(config.listen.host)
                .append(" port ")
                .append(std::to_string(assembly->port()))
                .append(status.initialized ? ", sealed" : ", not initialized"));
  serve(*assembly, *log);
  return {};
}

}  // namespace

int run_server(const ServerArguments& arguments) {
  const Result<Config> config = load_config(arguments.config);
  if (!config) {
    std::fprintf(stderr, "coffer: %s\n", config.error().message.c_str());
    return kStartFailed;
  }
  const auto log = std::make_shared<Log>(config->log_level, config->log_format);
  prepare_process(*log);
  if (const Result<> ran = run(*config, arguments.accepted_rows, log); !ran) {
    log->error(ran.error().message);
    return kStartFailed;
  }
  return 0;
}

}  // namespace coffer::server
