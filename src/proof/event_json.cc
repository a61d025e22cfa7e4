#include "base/time_text.h"
#include "formats/json.h"
#include "proof/event.h"

namespace coffer::proof {
namespace {

using formats::JsonWriter;

// Revisions and sequences may exceed what a signed integer holds.
void number(JsonWriter& json, std::string_view name, std::uint64_t value) {
  json.key(name).raw(std::to_string(value));
}

void text(JsonWriter& json, std::string_view name, std::string_view value) {
  json.key(name).string(value);
}

std::string type_text(EventType type) {
  const std::string_view name = to_text(type);
  if (name != "?") return std::string(name);
  return "unknown." + std::to_string(static_cast<std::uint16_t>(type));
}

void write_who(JsonWriter& json, const Event& event) {
  number(json, "realm", event.realm);
  json.key("actor").begin_object();
  text(json, "type", event.actor_type);
  text(json, "id", event.actor_id);
  text(json, "name", event.actor_name);
  json.end_object();
  text(json, "source_ip", event.source_ip);
  text(json, "dialect", event.dialect);
}

void write_lists(JsonWriter& json, const Event& event) {
  json.key("accesses").begin_array();
  for (const auto& access : event.accesses) {
    json.begin_object();
    text(json, "action", access.action);
    text(json, "resource", access.resource);
    json.end_object();
  }
  json.end_array().key("facts").begin_array();
  for (const auto& fact : event.facts) {
    json.begin_object();
    text(json, "name", fact.name);
    text(json, "value", fact.value);
    json.end_object();
  }
  json.end_array().key("policies").begin_array();
  for (const auto& policy : event.policies) {
    json.begin_object();
    text(json, "name", policy.name);
    number(json, "revision", policy.revision);
    json.end_object();
  }
  json.end_array();
}

void write_changes(JsonWriter& json, const Event& event) {
  json.key("changes").begin_object();
  number(json, "count", event.changes.size());
  json.key("rows").begin_array();
  for (const auto& change : event.changes) {
    json.begin_object();
    number(json, "table", change.table);
    number(json, "realm", change.realm);
    number(json, "revision", change.revision);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

std::string event_json(const Event& event) {
  secure::SecureText out;
  JsonWriter json(out);
  json.begin_object();
  number(json, "sequence", event.sequence);
  text(json, "time", rfc3339(event.time));
  text(json, "request_id", event.request_id);
  text(json, "type", type_text(event.type));
  text(json, "outcome", to_text(event.outcome));
  number(json, "status", event.status);
  text(json, "reason", event.reason);
  write_who(json, event);
  write_lists(json, event);
  write_changes(json, event);
  json.end_object();
  return std::string(out.text());
}

}  // namespace coffer::proof
