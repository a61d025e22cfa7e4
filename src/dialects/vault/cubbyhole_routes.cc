// cubbyhole/: KV version 1 in which every token sees its own secrets only.
#include "dialects/vault/dialect.h"
#include "dialects/vault/kv_scan.h"
#include "dialects/vault/kv_wire.h"
#include "domain/secrets/cubbyhole.h"

namespace coffer::dialects::vault {
namespace {

using domain::Cubbyhole;
using proof::EventType;

Cubbyhole own(const gate::Call& call) {
  return Cubbyhole(*call.view, call.principal->accessor);
}

const std::string& path_of(const gate::Call& call) {
  return call.routing.captures.at(0);
}

Result<gate::Reply> read(gate::Call& call) {
  Answer out;
  COFFER_TRY(out.data, own(call).read(path_of(call)));
  return answer(call, std::move(out));
}

Result<gate::Reply> write(gate::Call& call) {
  COFFER_TRY(const std::string_view data, whole_body(call));
  COFFER_CHECK(own(call).write(path_of(call), data));
  return no_content();
}

Result<gate::Reply> erase(gate::Call& call) {
  COFFER_CHECK(own(call).erase(path_of(call)));
  return no_content();
}

Result<gate::Reply> list(gate::Call& call) {
  return list_reply(call, [&](std::string_view after, std::size_t limit) {
    return own(call).list(path_of(call), after, limit);
  });
}

Scanner scanner(const gate::Call& call) {
  return [owner = call.principal->accessor, folder = path_of(call)](
             work::View& view, const domain::ScanPage& page, const domain::MayEnter& may_enter) {
    return Cubbyhole(view, owner).scan(folder, page, may_enter);
  };
}

// Not about secrets in the sense of path-pattern documents: those speak of shared ones.
Rule rule(std::string_view action) {
  return {.action = action};
}

}  // namespace

RouteTable cubbyhole_routes() {
  Rule write_rule = rule("cubbyhole.write");
  write_rule.exists = [](gate::Call& call) { return own(call).exists(path_of(call)); };
  RouteTable routes;
  routes.push_back(
      guarded(Verb::read, "{path...}", EventType::secret_accessed, rule("cubbyhole.read"), read));
  routes.push_back(
      guarded(Verb::write, "{path...}", EventType::secret_updated, std::move(write_rule), write));
  routes.push_back(guarded(
      Verb::remove, "{path...}", EventType::secret_deleted, rule("cubbyhole.delete"), erase));
  routes.push_back(
      guarded(Verb::list, "{path...?}", EventType::secret_listed, rule("cubbyhole.list"), list));
  routes.push_back(scanning("{path...?}", rule("cubbyhole.scan"), scanner));
  return routes;
}

}  // namespace coffer::dialects::vault
