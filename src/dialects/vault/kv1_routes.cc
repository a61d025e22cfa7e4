// KV version 1: <mount>/<path>, the whole body is the secret.
#include "dialects/vault/dialect.h"
#include "dialects/vault/kv_scan.h"
#include "dialects/vault/kv_wire.h"
#include "domain/secrets/kv1.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::vault {
namespace {

using domain::Kv1;
using proof::EventType;

constexpr Duration kDefaultLease = std::chrono::hours(768);

Kv1 engine(const gate::Call& call) {
  return Kv1(*call.view, *call.mount);
}

const std::string& path_of(const gate::Call& call) {
  return call.routing.captures.at(0);
}

// The lease that clients are told: what the secret says in "ttl", else the mount's, else the
// server's. A "ttl" that is no duration is the secret's own business.
Duration lease_of(const gate::Call& call, std::string_view data) {
  const Duration of_mount = call.mount->default_lease_ttl;
  const Duration fallback = of_mount > Duration{} ? of_mount : kDefaultLease;
  if (!data.contains("\"ttl\"")) return fallback;
  const auto parsed = formats::JsonView::parse(data);
  if (!parsed) return fallback;
  const auto ttl = formats::duration_field(*parsed, "ttl");
  return ttl && *ttl && **ttl > Duration{} ? **ttl : fallback;
}

Result<gate::Reply> read(gate::Call& call) {
  COFFER_TRY(secure::SecureText data, engine(call).read(path_of(call)));
  Answer out;
  out.lease_duration =
      std::chrono::duration_cast<std::chrono::seconds>(lease_of(call, data.text())).count();
  out.data = std::move(data);
  return answer(call, std::move(out));
}

Result<gate::Reply> write(gate::Call& call) {
  COFFER_TRY(const std::string_view data, whole_body(call));
  COFFER_TRY(const bool existed, engine(call).exists(path_of(call)));
  COFFER_CHECK(engine(call).write(path_of(call), data));
  if (!existed) call.event.type = EventType::secret_created;
  return no_content();
}

Result<gate::Reply> erase(gate::Call& call) {
  COFFER_CHECK(engine(call).erase(path_of(call)));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  return list_reply(call, [&](std::string_view after, std::size_t limit) {
    return engine(call).list(path_of(call), after, limit);
  });
}

Scanner scanner(const gate::Call& call) {
  return [mount = call.mount, folder = path_of(call)](
             work::View& view, const domain::ScanPage& page, const domain::MayEnter& may_enter) {
    return Kv1(view, *mount).scan(folder, page, may_enter);
  };
}

Rule rule(std::string_view action) {
  return {.action = action, .secret_capture = 0};
}

}  // namespace

RouteTable kv1_routes() {
  Rule write_rule = rule("secret.write");
  write_rule.exists = [](gate::Call& call) { return engine(call).exists(path_of(call)); };
  RouteTable routes;
  routes.push_back(
      guarded(Verb::read, "{path...}", EventType::secret_accessed, rule("secret.read"), read));
  routes.push_back(
      guarded(Verb::write, "{path...}", EventType::secret_updated, std::move(write_rule), write));
  routes.push_back(
      guarded(Verb::remove, "{path...}", EventType::secret_deleted, rule("secret.delete"), erase));
  routes.push_back(
      guarded(Verb::list, "{path...?}", EventType::secret_listed, rule("secret.list"), list));
  routes.push_back(scanning("{path...?}", rule("secret.scan"), scanner));
  return routes;
}

}  // namespace coffer::dialects::vault
