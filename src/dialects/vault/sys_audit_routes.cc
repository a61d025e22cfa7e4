// sys/audit and sys/audit-hash: see domain/audit/devices.h for what a device is here.
#include "dialects/vault/envelope.h"
#include "dialects/vault/sys_families.h"
#include "domain/audit/devices.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::AuditDevice;
using domain::AuditDevices;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::string_view kNotHonoured =
    "this device is kept for listings and audit-hash only: audit logs are written where the "
    "server's configuration says";

Result<Reply> list(Call& call) {
  COFFER_TRY(const auto devices, AuditDevices(*call.view).list());
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  for (const auto& [path, device] : devices) {
    w.key(path).begin_object();
    w.key("path").string(path);
    w.key("type").string(device.type);
    w.key("description").string(device.description);
    w.key("local").boolean(device.local);
    w.key("options").begin_object();
    for (const auto& [name, value] : device.options) w.key(name).string(value);
    w.end_object();
    w.end_object();
  }
  w.end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

Result<Reply> enable(Call& call) {
  AuditDevice device;
  device.path = call.routing.captures.at(0);
  COFFER_TRY(const auto type, formats::text_field(call.body, "type"));
  device.type = type.value_or("");
  COFFER_TRY(const auto description, formats::text_field(call.body, "description"));
  device.description = description.value_or("");
  COFFER_TRY(const auto local, formats::bool_field(call.body, "local"));
  device.local = local.value_or(false);
  COFFER_TRY(const auto options, formats::map_field(call.body, "options"));
  for (const auto& [name, value] : options.value_or(formats::TextMap{})) {
    device.options.emplace(name, value);
  }
  call.note("device", device.path);
  COFFER_CHECK(AuditDevices(*call.view).enable(std::move(device)));
  Answer out;
  out.warnings.emplace_back(kNotHonoured);
  return answer(call, std::move(out));
}

Result<Reply> disable(Call& call) {
  const std::string& path = call.routing.captures.at(0);
  COFFER_CHECK(AuditDevices(*call.view).disable(path));
  call.note("device", path);
  return no_content();
}

Result<Reply> hash(Call& call) {
  COFFER_TRY(const auto input, formats::secret_field(call.body, "input"));
  if (!input) return fail(Code::invalid_argument, "the \"input\" parameter is empty");
  COFFER_TRY(const std::string hashed,
             AuditDevices(*call.view).hash(call.routing.captures.at(0), input->text()));
  Answer out;
  JsonWriter(out.data.emplace()).begin_object().key("hash").string(hashed).end_object();
  out.inject = true;
  return answer(call, std::move(out));
}

}  // namespace

RouteTable sys_audit_routes() {
  using proof::EventType;
  RouteTable t;
  t.push_back(guarded(Verb::read,
                      "audit",
                      EventType::system_read,
                      {.action = "sys.audit.read", .sudo = true},
                      list));
  t.push_back(guarded(Verb::write,
                      "audit/{mount...}",
                      EventType::system_configured,
                      {.action = "sys.audit.write", .sudo = true},
                      enable));
  t.push_back(guarded(Verb::remove,
                      "audit/{mount...}",
                      EventType::system_configured,
                      {.action = "sys.audit.write", .sudo = true},
                      disable));
  t.push_back(guarded(
      Verb::write, "audit-hash/{mount...}", EventType::system_read, "sys.audit.hash", hash));
  return t;
}

}  // namespace coffer::dialects::vault
