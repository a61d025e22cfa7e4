#include "apps/server/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace coffer::server {

Log::Log(const std::string& level, const std::string& format)
    : logger_(std::make_shared<spdlog::logger>("coffer",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  // Messages are our own and hold no quotes or control characters: they need no escaping.
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == "json" ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})"
                       : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc));
  logger_->set_level(spdlog::level::from_str(level));
  logger_->flush_on(spdlog::level::info);
}

void Log::info(std::string_view message) {
  logger_->log(spdlog::level::info, message);
}

void Log::warn(std::string_view message) {
  logger_->log(spdlog::level::warn, message);
}

void Log::error(std::string_view message) {
  logger_->log(spdlog::level::err, message);
}

}  // namespace coffer::server
