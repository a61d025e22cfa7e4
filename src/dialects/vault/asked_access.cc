#include "dialects/vault/asked_access.h"

#include "gate/names_in_path.h"

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kAuth = "auth/";

void add_secret(std::vector<policy::Access>& accesses,
                const Route& route,
                const gate::Routing& routing,
                policy::Capability capability) {
  const auto capture = static_cast<std::size_t>(route.secret_capture);
  auto segments = secret_segments(routing.captures.at(capture));
  if (!segments) return;  // such a request is refused
  policy::Access& access = accesses.emplace_back();
  access.action = route.operation.name();
  access.path = routing.path;
  access.capability = capability;
  access.secret_segments = std::move(*segments);
  access.issues_nothing = true;
}

}  // namespace

Result<Place> place_of(work::View& view, const RouteTables& tables, const std::string& path) {
  const bool auth = path.starts_with(kAuth);
  const std::string below = auth ? path.substr(kAuth.size()) : path;
  const auto kind = auth ? domain::MountKind::auth : domain::MountKind::secret;
  COFFER_TRY(domain::Mounts::Found found, domain::Mounts(view).resolve(kind, below));
  Place place;
  if (found.mount == nullptr) return place;
  place.mount = (auth ? std::string(kAuth) : std::string()) + found.mount->path;
  // A path may be a mount's without its slash: then there is nothing below the mount.
  place.rest = below.substr(std::min(found.mount->path.size(), below.size()));
  place.keep = std::shared_ptr<const domain::Mount>(found.keep, found.mount);
  const auto table = tables.find(found.mount->engine);
  if (table != tables.end()) place.table = &table->second;
  return place;
}

Result<Asked> asked_accesses(work::View& view, const RouteTables& tables, std::string path) {
  Asked asked{.path = std::move(path), .secret = {}};
  COFFER_TRY(const Place place, place_of(view, tables, asked.path));
  if (place.table == nullptr) return asked;
  const bool listed = asked.path.ends_with('/');
  for (const Verb verb :
       {Verb::list, Verb::scan, Verb::read, Verb::write, Verb::remove, Verb::patch}) {
    gate::Routing routing;
    const std::string_view slash = names_folder(verb) && !listed ? "/" : "";
    routing.path = asked.path + std::string(slash);
    routing.rest = place.rest + std::string(slash);
    const Matched matched = find_route(*place.table, verb, routing.rest, routing.captures);
    if (matched.match != Match::yes) continue;
    if (!gate::canonicalise_names(matched.route->pattern, routing)) continue;
    if (!names_folder(verb)) asked.path = routing.path;
    if (matched.route->secret_capture < 0) continue;
    add_secret(asked.secret, *matched.route, routing, capability_of(verb));
    if (verb == Verb::write) {
      add_secret(asked.secret, *matched.route, routing, policy::Capability::create);
    }
  }
  return asked;
}

}  // namespace coffer::dialects::vault
