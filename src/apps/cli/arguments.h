// Arguments: what was typed for one command, by the names that its specification declares.
//
// Asking for a name that the specification does not declare answers like one not given; the tests
// of each command find such slips. Values are ordinary memory: they came from argv.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::cli {

class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }

  // Given, or true for a flag.
  [[nodiscard]] bool flag(std::string_view name) const {
    const auto found = values_.find(name);
    return found != values_.end() && !found->second.empty() && found->second.back() == "true";
  }

  // The last value given, the declared fallback, or empty.
  [[nodiscard]] std::string text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::string() : found->second.back();
  }

  // Every value given, in order.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }

  // A decimal integer; `fallback` when not given; invalid_argument for other text.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name, std::int64_t fallback) const;

  // "true", "0"…, as client::truth_of; invalid_argument for other text, and when not given.
  [[nodiscard]] Result<bool> truth(std::string_view name) const;

  // What stood behind "--".
  [[nodiscard]] const std::vector<std::string>& command() const { return command_; }

  void set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }

  void set_command(std::vector<std::string> command) { command_ = std::move(command); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> command_;
};

}  // namespace coffer::cli
