// Structured logs on standard error: one line an event, JSON or text. Nothing that a caller sent is
// ever logged: only fixed messages, operation names, counts and error messages of our own.
// Any thread may log.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace coffer::server {

class Log {
 public:
  // As the configuration spells them.
  Log(const std::string& level, const std::string& format);

  void info(std::string_view message);
  void warn(std::string_view message);
  void error(std::string_view message);

 private:
  std::shared_ptr<spdlog::logger> logger_;  // its headers are long to compile
};

}  // namespace coffer::server
