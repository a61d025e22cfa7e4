#include "dialects/vault/sys_families.h"
#include "formats/vault_fields.h"

#include <iterator>

namespace coffer::dialects::vault {

RouteTable sys_routes(const Services& services, const RouteTables& tables) {
  RouteTable all;
  for (RouteTable& family : std::vector<RouteTable>{sys_seal_routes(services),
                                                    sys_key_routes(services),
                                                    sys_rekey_routes(services),
                                                    sys_mount_routes(),
                                                    sys_ui_routes(),
                                                    sys_policy_routes(),
                                                    sys_capability_routes(tables),
                                                    sys_audit_routes(),
                                                    sys_lease_routes(services),
                                                    sys_wrapping_routes(),
                                                    sys_misc_routes(services),
                                                    sys_host_routes(),
                                                    sys_plugin_routes(services),
                                                    sys_counter_routes(services),
                                                    sys_lockout_routes(),
                                                    sys_tool_routes(),
                                                    sys_password_routes(),
                                                    sys_quota_routes()}) {
    std::ranges::move(family, std::back_inserter(all));
  }
  return all;
}

Result<SharedShare> share_field(const formats::JsonView& body, std::string_view name) {
  COFFER_TRY(const auto text, formats::secret_field(body, name));
  if (!text || text->empty()) {
    return fail(Code::invalid_argument, "'key' must be specified in the request body as JSON");
  }
  COFFER_TRY(secure::SecureBytes share, keys::parse_share(text->text()));
  return std::make_shared<const secure::SecureBytes>(std::move(share));
}

Result<std::string> nonce_field(const gate::Call& call) {
  COFFER_TRY(const auto nonce, formats::text_field(call.body, "nonce"));
  return nonce.value_or("");
}

void add_sudo(RouteTable& table, std::string_view action, std::vector<SudoStep> steps) {
  for (SudoStep& step : steps) {
    table.push_back(guarded(step.verb,
                            step.pattern,
                            step.event,
                            {.action = action, .sudo = true},
                            std::move(step.handler)));
  }
}

Result<> refuse_fields(const formats::JsonView& body,
                       const std::vector<std::string_view>& names,
                       std::string_view why) {
  for (const std::string_view name : names) {
    const auto field = body.find_value(name);
    if (!field) continue;
    const std::string_view raw = field->raw();
    if (raw == "[]" || raw == "\"\"" || raw == "0" || raw == "false") continue;
    return fail(Code::invalid_argument, std::string(name) + ": " + std::string(why));
  }
  return {};
}

Result<std::vector<policy::PolicyPtr>> policies_of_caller(gate::Call& call) {
  std::vector<std::string> names = call.principal->token_policies;
  names.insert(names.end(),
               call.principal->identity_policies.begin(),
               call.principal->identity_policies.end());
  return domain::Policies(*call.view, call.unsealed->policies).load(names);
}

}  // namespace coffer::dialects::vault
