#include "dialects/vault/route.h"

#include "dialects/vault/wrap_response.h"
#include "formats/dotted_path.h"
#include "gate/path_pattern.h"

namespace coffer::dialects::vault {
namespace {

gate::Resolve resolve_with(Verb verb, Rule rule) {
  return [verb, rule = std::move(rule)](gate::Call& call) -> Result<std::vector<policy::Access>> {
    policy::Access access;
    access.action = rule.action;
    access.path = call.routing.path;
    access.capability = rule.capability;
    access.needs_sudo = rule.sudo;
    access.about_own_token = rule.about_own_token;
    if (access.capability == policy::Capability::none) access.capability = capability_of(verb);
    if (verb == Verb::write && rule.exists) {
      COFFER_TRY(const bool exists, rule.exists(call));
      if (!exists) access.capability = policy::Capability::create;
    }
    if (rule.secret_capture >= 0) {
      const auto capture = static_cast<std::size_t>(rule.secret_capture);
      COFFER_TRY(access.secret_segments.emplace(),
                 secret_segments(call.routing.captures.at(capture)));
      access.issues_nothing = true;  // what the engines keep has no leases
    }
    if (call.body.kind() == formats::JsonKind::object) access.parameters.emplace(call.body);
    if (rule.refine != nullptr) COFFER_CHECK(rule.refine(call, access));
    std::vector<policy::Access> accesses;
    accesses.push_back(std::move(access));  // a list in braces would copy it
    if (rule.also != nullptr) COFFER_CHECK(rule.also(call, accesses));
    return accesses;
  };
}

}  // namespace

policy::Capability capability_of(Verb verb) {
  switch (verb) {
    case Verb::read:
      return policy::Capability::read;
    case Verb::list:
      return policy::Capability::list;
    case Verb::write:
      return policy::Capability::update;
    case Verb::remove:
      return policy::Capability::del;
    case Verb::patch:
      return policy::Capability::patch;
    case Verb::scan:
      return policy::Capability::scan;
  }
  return policy::Capability::deny;
}

Result<std::vector<std::string>> secret_segments(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return std::vector<std::string>();
  return formats::parse_slashed(path);
}

Route guarded(
    Verb verb, std::string_view pattern, proof::EventType event, Rule rule, gate::Handler handler) {
  const std::string_view action = rule.action;
  const int secret_capture = rule.secret_capture;
  return {verb,
          std::string(pattern),
          gate::Operation(action,
                          event,
                          gate::Resolve(resolve_with(verb, std::move(rule))),
                          wrapping(std::move(handler))),
          secret_capture};
}

Route guarded(Verb verb,
              std::string_view pattern,
              proof::EventType event,
              std::string_view action,
              gate::Handler handler) {
  return guarded(verb, pattern, event, Rule{.action = action}, std::move(handler));
}

Route authenticated(Verb verb,
                    std::string_view pattern,
                    proof::EventType event,
                    std::string_view action,
                    std::string_view reason,
                    gate::Handler handler) {
  return {verb,
          std::string(pattern),
          gate::Operation(action, event, gate::AnyToken{reason}, wrapping(std::move(handler)))};
}

Route token_optional(Verb verb,
                     std::string_view pattern,
                     proof::EventType event,
                     std::string_view action,
                     std::string_view reason,
                     gate::Handler handler) {
  return {
      verb,
      std::string(pattern),
      gate::Operation(action, event, gate::OptionalToken{reason}, wrapping(std::move(handler)))};
}

Route proven(Verb verb,
             std::string_view pattern,
             proof::EventType event,
             std::string_view action,
             std::string_view reason,
             gate::Handler handler) {
  return {verb,
          std::string(pattern),
          gate::Operation(
              action, event, gate::Public{reason}, wrapping(std::move(handler), WrapFor::proven))};
}

Route open_to_all(Verb verb,
                  std::string_view pattern,
                  proof::EventType event,
                  std::string_view action,
                  std::string_view reason,
                  gate::Handler handler,
                  gate::Needs needs) {
  if (needs == gate::Needs::unsealed) handler = wrapping(std::move(handler));
  return {verb,
          std::string(pattern),
          gate::Operation(action, event, gate::Public{reason}, std::move(handler), needs)};
}

Matched find_route(const RouteTable& table,
                   Verb verb,
                   std::string_view rest,
                   std::vector<std::string>& captures) {
  Matched found;
  const auto slash = names_folder(verb) ? gate::LastSlash::ignored : gate::LastSlash::refused;
  for (const Route& route : table) {
    if (!gate::match_pattern(route.pattern, rest, slash, captures)) continue;
    if (route.verb == verb) return {Match::yes, &route};
    found.match = Match::no_verb;
  }
  captures.clear();
  return found;
}

}  // namespace coffer::dialects::vault
