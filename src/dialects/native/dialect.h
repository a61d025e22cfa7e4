// The native API under /api/v1/: what the other dialects have no words for. docs/native-api.md
// lists it.
//
// JSON in and out; errors are {"errors":["…"],"code":"not_found"}. A route's path in policies is
// its own path without the leading slash ("api/v1/audit/events"), under Vault-style path rules.
// Immutable after construction; thread-safe.
#pragma once

#include "gate/lifecycle.h"
#include "gate/operation.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::native {

// Borrowed.
struct Services {
  gate::Lifecycle& lifecycle;
  std::string version;
};

struct Route {
  std::string method;
  std::string pattern;  // below /api/v1/; see gate/path_pattern.h
  gate::Operation operation;
};

using RouteTable = std::vector<Route>;

// A route that needs `capability` on its own path, and sudo as well where it says so.
struct Permission {
  std::string_view action;
  policy::Capability capability = policy::Capability::read;
  bool sudo = false;
};

Route guarded(std::string_view method,
              std::string_view pattern,
              proof::EventType event,
              Permission permission,
              gate::Handler handler);

class NativeDialect final : public gate::Dialect {
 public:
  explicit NativeDialect(const Services& services);

  [[nodiscard]] std::string_view name() const override { return "native"; }

  [[nodiscard]] bool owns(std::string_view path) const override {
    return path.starts_with("/api/v1/");
  }

  [[nodiscard]] std::string_view credential(const net::Request& request) const override;
  Result<formats::JsonView> parse_body(net::Request& request) const override;
  Result<const gate::Operation*> route(gate::Call& call) const override;
  net::Response success(const gate::Call& call, gate::Reply reply) const override;
  net::Response failure(const net::Request& request,
                        const Error& error,
                        std::string_view request_id) const override;

 private:
  RouteTable routes_;
};

// One object, written by `write`.
gate::Reply json_reply(const std::function<void(formats::JsonWriter&)>& write);

RouteTable audit_routes();
RouteTable policy_routes();
RouteTable secret_routes();
RouteTable key_routes(const Services& services);      // keyring terms
RouteTable custody_routes(const Services& services);  // verify, backup
RouteTable all_routes(const Services& services);      // of these and of the AWS side

}  // namespace coffer::dialects::native
