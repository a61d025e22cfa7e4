#include "apps/cli/secret_value.h"

#include "apps/client/body.h"

namespace coffer::cli {

using client::Body;
using formats::JsonKind;
using formats::JsonView;

secure::SecureText as_object(const secure::SecureText& text) {
  const auto value = JsonView::parse(text.text());
  if (value && value->kind() == JsonKind::object) return text.clone();
  Body body;
  body.text("value", text.text());
  return body.take();
}

std::optional<JsonView> lone_value(const JsonView& object) {
  const auto members = object.members();
  if (members.size() != 1 || members.front().first != "value") return std::nullopt;
  return members.front().second;
}

secure::SecureText write_body(const secure::SecureText& object, std::optional<std::int64_t> cas) {
  Body body;
  body.raw("data", object.text());
  if (cas) {
    Body options;
    options.integer("cas", *cas);
    body.raw("options", options.take().text());
  }
  return body.take();
}

}  // namespace coffer::cli
