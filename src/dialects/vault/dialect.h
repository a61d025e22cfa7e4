// The Vault HTTP API under /v1/: routes requests to operations and encodes their answers.
//
// sys/ and auth/<mount>/ and <mount>/ are routed by the mount tables of the realm; each engine has
// one route table. A path that no route takes still needs a token that may touch it before it is
// told "no handler for route". Immutable after construction; thread-safe.
#pragma once

#include "dialects/vault/asked_access.h"
#include "dialects/vault/route.h"
#include "domain/realms/mounts.h"
#include "gate/lifecycle.h"
#include "gate/metrics.h"
#include "gate/operation.h"

#include <map>

namespace coffer::dialects::vault {

// What the sys routes need besides the view; borrowed.
struct Services {
  gate::Lifecycle& lifecycle;
  gate::Metrics& metrics;
  std::string version;
  std::string cluster_name;
  std::string version_date = {};  // RFC 3339; empty: not told
};

class VaultDialect final : public gate::Dialect {
 public:
  explicit VaultDialect(const Services& services);

  [[nodiscard]] std::string_view name() const override { return "vault"; }

  [[nodiscard]] bool owns(std::string_view path) const override { return path.starts_with("/v1/"); }

  [[nodiscard]] std::string_view credential(const net::Request& request) const override;
  [[nodiscard]] Result<std::optional<Duration>> wrap_ttl(
      const net::Request& request) const override;
  Result<formats::JsonView> parse_body(net::Request& request) const override;
  Result<const gate::Operation*> route(gate::Call& call) const override;
  net::Response success(const gate::Call& call, gate::Reply reply) const override;
  net::Response failure(const net::Request& request,
                        const Error& error,
                        std::string_view request_id) const override;

 private:
  Result<const gate::Operation*> route_mounted(gate::Call& call, Verb verb) const;
  Result<const gate::Operation*> choose(gate::Call& call, const RouteTable& table, Verb verb) const;

  RouteTables tables_;
  std::map<Verb, gate::Operation> no_route_;
  std::map<Verb, gate::Operation> no_verb_;
  gate::Operation wrong_media_;
};

// One table per engine; each in its own file.
// `tables` are those of the whole dialect, this one among them; borrowed for good.
RouteTable sys_routes(const Services& services, const RouteTables& tables);
RouteTable token_routes();
RouteTable approle_routes();
RouteTable userpass_routes();
RouteTable cert_routes();
RouteTable identity_routes();
RouteTable kv1_routes();
RouteTable kv2_routes();
RouteTable cubbyhole_routes();
RouteTable transit_routes();
RouteTable pki_routes();

}  // namespace coffer::dialects::vault
