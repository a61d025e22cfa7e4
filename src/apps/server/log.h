// Structured logs on standard error: one line an event, JSON or text. Nothing that a caller sent is
// ever logged: only fixed messages, operation names, counts and error messages of our own.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace coffer::server {

std::shared_ptr<spdlog::logger> make_logger(const std::string& level, const std::string& format);

}  // namespace coffer::server
