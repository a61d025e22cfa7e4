// Body: builds one JSON object for a request, in wiped memory.
//
//   Body().text("type", type).integer("secret_shares", 5).take()
//
// Members are written in the order of the calls; naming one twice is a bug of the caller.
#pragma once

#include "formats/json.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::client {

class Body {
 public:
  Body() { writer_.begin_object(); }

  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  Body& text(std::string_view name, std::string_view value) {
    writer_.key(name).string(value);
    return *this;
  }

  // Leaves the member out when the text is empty.
  Body& text_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }

  Body& integer(std::string_view name, std::int64_t value) {
    writer_.key(name).integer(value);
    return *this;
  }

  Body& boolean(std::string_view name, bool value) {
    writer_.key(name).boolean(value);
    return *this;
  }

  Body& strings(std::string_view name, const std::vector<std::string>& values) {
    writer_.key(name).strings(values);
    return *this;
  }

  Body& raw(std::string_view name, std::string_view json) {
    writer_.key(name).raw(json);
    return *this;
  }

  // The finished object; the builder is spent.
  [[nodiscard]] secure::SecureText take() {
    writer_.end_object();
    return std::move(out_);
  }

 private:
  secure::SecureText out_;
  formats::JsonWriter writer_{out_};
};

}  // namespace coffer::client
