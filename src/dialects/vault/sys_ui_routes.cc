// sys/internal/ui: which mounts the caller may know of. The CLI and consul-template ask before they
// touch a KV path.
#include "dialects/vault/envelope.h"
#include "dialects/vault/mount_fields.h"
#include "dialects/vault/sys_families.h"
#include "policy/effective.h"
#include "policy/evaluator.h"
#include "policy/path_pattern.h"

namespace coffer::dialects::vault {
namespace {

using domain::Mount;
using domain::MountKind;
using domain::Mounts;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;

constexpr std::string_view kReason = "shows a caller only the mounts that its policies reach";
constexpr std::string_view kOptional =
    "a login page must know the methods that are marked for it; more is shown to policies only";
constexpr std::string_view kForAll = "unauth";  // as listing_visibility

std::string full_path(MountKind kind, const Mount& mount) {
  return (kind == MountKind::auth ? "auth/" : "") + mount.path;
}

// What a stranger is told of a mount.
void write_visible(JsonWriter& w, const Mount& mount) {
  w.begin_object();
  w.key("type").string(domain::to_text(mount.engine));
  w.key("description").string(mount.description);
  write_options(w, mount);
  w.end_object();
}

Result<Reply> visible_mounts(Call& call) {
  std::vector<policy::PolicyPtr> policies;
  if (call.principal != nullptr) {
    COFFER_TRY(policies, policies_of_caller(call));
  }
  const auto shown = [&](MountKind kind, const Mount& mount) {
    if (mount.listing_visibility == kForAll) return true;
    return call.principal != nullptr &&
           policy::may_see_below(full_path(kind, mount), *call.facts, policies);
  };
  Answer out;
  JsonWriter w(out.data.emplace());
  w.begin_object();
  for (const auto& [name, kind] :
       {std::pair{"secret", MountKind::secret}, std::pair{"auth", MountKind::auth}}) {
    COFFER_TRY(const auto table, Mounts(*call.view).table(kind));
    w.key(name).begin_object();
    for (const auto& [path, mount] : *table->row.mounts) {
      if (!shown(kind, mount)) continue;
      w.key(path);
      call.principal != nullptr ? write_mount(w, mount) : write_visible(w, mount);
    }
    w.end_object();
  }
  w.end_object();
  return answer(call, std::move(out));
}

Result<Reply> visible_mount(Call& call) {
  const std::string& asked = call.routing.captures.at(0);
  const auto refused = [&] {
    return fail(Code::permission_denied,
                "preflight capability check returned 403, please ensure client's policies grant "
                "access to path \"" +
                    asked + (asked.ends_with('/') ? "\"" : "/\""));
  };
  const bool auth = asked.starts_with("auth/");
  const MountKind kind = auth ? MountKind::auth : MountKind::secret;
  COFFER_TRY(const auto found,
             Mounts(*call.view).resolve(kind, std::string_view(asked).substr(auth ? 5 : 0)));
  if (found.mount == nullptr) return refused();
  COFFER_TRY(const auto policies, policies_of_caller(call));
  const std::string path = full_path(kind, *found.mount);
  if (!policy::may_see_below(path, *call.facts, policies)) return refused();
  secure::SecureText mount;
  JsonWriter inner(mount);
  write_mount(inner, *found.mount);
  const auto view = formats::JsonView::parse(mount.text());
  return data_answer(call, [&](JsonWriter& w) {
    w.key("path").string(path);
    for (const auto& [name, value] : view->members()) w.key(name).raw(value.raw());
  });
}

void write_values(JsonWriter& w, std::string_view name, const policy::ParameterList& list) {
  if (list.empty()) return;
  w.key(name).begin_object();
  for (const auto& [parameter, values] : list) {
    w.key(parameter).begin_array();
    for (const policy::ParameterValue& value : values) {
      value.is_string ? w.string(value.text) : w.raw(value.text);
    }
    w.end_array();
  }
  w.end_object();
}

void write_rule(JsonWriter& w, const policy::EffectiveRule& rule) {
  const policy::Constraints& limits = rule.constraints;
  const auto seconds = [&](std::string_view name, std::optional<Duration> limit) {
    if (!limit) return;
    w.key(name).integer(std::chrono::duration_cast<std::chrono::seconds>(*limit).count());
  };
  w.begin_object().key("capabilities").strings(rule.capabilities);
  seconds("min_wrapping_ttl", limits.min_wrapping_ttl);
  seconds("max_wrapping_ttl", limits.max_wrapping_ttl);
  write_values(w, "allowed_parameters", limits.allowed);
  write_values(w, "denied_parameters", limits.denied);
  if (!limits.required.empty()) w.key("required_parameters").strings(limits.required);
  w.end_object();
}

// What the console of Vault asks for. Patterns are globs where they have a wildcard; a "*" at their
// end is left out, as clients expect. Documents of path patterns have no place in this shape.
Result<Reply> resultant_acl(Call& call) {
  COFFER_TRY(const auto policies, policies_of_caller(call));
  const auto own = policy::capabilities("sys/", *call.facts, policies);
  const bool root = own.size() == 1 && own.front() == "root";
  const auto rules = policy::effective_rules(*call.facts, policies);
  const auto write = [&](JsonWriter& w, bool exact) {
    w.begin_object();
    for (const policy::EffectiveRule& rule : rules) {
      const policy::PathPattern pattern(rule.pattern);
      if (root || pattern.is_exact() != exact) continue;
      w.key(pattern.stem());
      write_rule(w, rule);
    }
    w.end_object();
  };
  return data_answer(call, [&](JsonWriter& w) {
    w.key("root").boolean(root);
    w.key("exact_paths");
    write(w, true);
    w.key("glob_paths");
    write(w, false);
  });
}

}  // namespace

RouteTable sys_ui_routes() {
  using proof::EventType;
  RouteTable t;
  t.push_back(token_optional(Verb::read,
                             "internal/ui/mounts",
                             EventType::system_read,
                             "sys.mounts.visible",
                             kOptional,
                             visible_mounts));
  t.push_back(authenticated(Verb::read,
                            "internal/ui/mounts/{path...}",
                            EventType::system_read,
                            "sys.mounts.visible",
                            kReason,
                            visible_mount));
  t.push_back(authenticated(Verb::read,
                            "internal/ui/resultant-acl",
                            EventType::system_read,
                            "sys.policies.own",
                            "tells a caller about itself",
                            resultant_acl));
  return t;
}

}  // namespace coffer::dialects::vault
