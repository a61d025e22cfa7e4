// RotationFunctions: what may be asked to rotate a secret: only what the server's own configuration
// lists, by the ARN or name that it has there.
//
// A function is handed the event (a JSON text without any secret: step, ARN of the secret, id of
// the version) and blocks until it has done the step, or fails. Immutable after construction; safe
// for concurrent use.
#pragma once

#include "base/result.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace coffer::gate {

using RotationFunction = std::function<Result<>(std::string_view event)>;

class RotationFunctions {
 public:
  RotationFunctions() = default;

  explicit RotationFunctions(std::map<std::string, RotationFunction, std::less<>> by_name)
      : by_name_(std::move(by_name)) {}

  // Null: none is listed under this ARN or name.
  [[nodiscard]] const RotationFunction* find(std::string_view name) const {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : &at->second;
  }

 private:
  std::map<std::string, RotationFunction, std::less<>> by_name_;
};

}  // namespace coffer::gate
