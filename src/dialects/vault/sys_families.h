// The families of routes below sys/, each in a file of its own, and what several of them share.
#pragma once

#include "dialects/vault/dialect.h"
#include "dialects/vault/route.h"
#include "domain/identity/policies.h"
#include "domain/realms/mounts.h"
#include "formats/json.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::vault {

inline constexpr std::string_view kNoPgp = "PGP is not supported yet";
inline constexpr std::string_view kNoRecovery =
    "recovery keys belong to seals that this server does not have";

RouteTable sys_seal_routes(const Services& services);
RouteTable sys_key_routes(const Services& services);
RouteTable sys_rekey_routes(const Services& services);
RouteTable sys_mount_routes();
RouteTable sys_ui_routes();
RouteTable sys_policy_routes();
RouteTable sys_capability_routes(const RouteTables& tables);
RouteTable sys_audit_routes();
RouteTable sys_lease_routes(const Services& services);
RouteTable sys_wrapping_routes();
RouteTable sys_misc_routes(const Services& services);
RouteTable sys_host_routes();
RouteTable sys_plugin_routes(const Services& services);
RouteTable sys_counter_routes(const Services& services);
RouteTable sys_lockout_routes();
RouteTable sys_tool_routes();
RouteTable sys_password_routes();
RouteTable sys_quota_routes();

// A key share on its way to a worker thread: the lambdas of effects are copied.
using SharedShare = std::shared_ptr<const secure::SecureBytes>;

// The share in the body's field `name`. invalid_argument when there is none.
Result<SharedShare> share_field(const formats::JsonView& body, std::string_view name);

// The text in "nonce"; empty when there is none.
Result<std::string> nonce_field(const gate::Call& call);

// Refuses the fields of `names` when they hold anything: PGP and recovery keys.
Result<> refuse_fields(const formats::JsonView& body,
                       const std::vector<std::string_view>& names,
                       std::string_view why);

// A route that needs sudo, and the capability that its verb stands for.
struct SudoStep {
  Verb verb;
  std::string pattern;
  proof::EventType event;
  gate::Handler handler;
};

void add_sudo(RouteTable& table, std::string_view action, std::vector<SudoStep> steps);

// The compiled policies of the caller. Only where call.principal is set.
Result<std::vector<policy::PolicyPtr>> policies_of_caller(gate::Call& call);

// One mount as sys/mounts shows it, as an object.
void write_mount(formats::JsonWriter& w, const domain::Mount& mount);

}  // namespace coffer::dialects::vault
