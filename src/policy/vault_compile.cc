#include "policy/vault_compile.h"

#include "base/enum_table.h"
#include "formats/hcl.h"
#include "policy/syntax.h"

#include <array>
#include <map>
#include <string>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

constexpr CapabilityBits bits(std::initializer_list<Capability> capabilities) {
  CapabilityBits out = 0;
  for (const Capability c : capabilities) out = static_cast<CapabilityBits>(out | bit(c));
  return out;
}

constexpr CapabilityBits kWrite = bits(
    {Capability::create, Capability::read, Capability::update, Capability::del, Capability::list});

// The values of the old `policy = "..."` spelling.
constexpr EnumTable<CapabilityBits, 4> kOldPolicies{
    {{{bit(Capability::deny), "deny"},
      {bits({Capability::read, Capability::list}), "read"},
      {kWrite, "write"},
      {static_cast<CapabilityBits>(kWrite | bit(Capability::sudo)), "sudo"}}}};

Result<CapabilityBits> read_capabilities(const HclItem& item) {
  COFFER_TRY(const auto names, read_texts(item));
  CapabilityBits out = 0;
  for (const auto& name : names) {
    const auto capability = parse_capability(name);
    if (!capability) return error_in(item, "has an unknown capability");
    out = static_cast<CapabilityBits>(out | bit(*capability));
  }
  return out;
}

Result<CapabilityBits> read_old_policy(const HclItem& item) {
  COFFER_TRY(const std::string name, read_text(item));
  const auto found = kOldPolicies.parse(name);
  if (!found) return error_in(item, "must be read, write, sudo or deny");
  return *found;
}

Result<> add_capabilities(PathRule& rule, Result<CapabilityBits> more) {
  COFFER_TRY(const CapabilityBits added, std::move(more));
  rule.capabilities = static_cast<CapabilityBits>(rule.capabilities | added);
  return {};
}

Result<> read_setting(const HclItem& item, PathRule& rule) {
  Constraints& constraints = rule.constraints;
  if (item.key == "capabilities") return add_capabilities(rule, read_capabilities(item));
  if (item.key == "policy") return add_capabilities(rule, read_old_policy(item));
  if (item.key == "comment") {
    COFFER_CHECK(read_text(item));
  } else if (item.key == "allowed_parameters") {
    COFFER_TRY(constraints.allowed, read_parameters(item));
  } else if (item.key == "denied_parameters") {
    COFFER_TRY(constraints.denied, read_parameters(item));
  } else if (item.key == "required_parameters") {
    COFFER_TRY(constraints.required, read_texts(item));
    for (auto& name : constraints.required) name = lower_case(name);
  } else if (item.key == "min_wrapping_ttl") {
    COFFER_TRY(constraints.min_wrapping_ttl, read_duration(item));
  } else if (item.key == "max_wrapping_ttl") {
    COFFER_TRY(constraints.max_wrapping_ttl, read_duration(item));
  } else {
    return error_in(item, "is not a key of a path rule");
  }
  return {};
}

// A limit of zero is none, as in Vault.
void drop_zero(std::optional<Duration>& limit) {
  if (limit == Duration::zero()) limit.reset();
}

void merge(PathRule& into, PathRule&& from) {
  into.capabilities = static_cast<CapabilityBits>(into.capabilities | from.capabilities);
  into.constraints.merge(from.constraints);
}

class Compiler {
 public:
  Result<> document(const HclValue& root) {
    for (const auto& item : root.items) {
      if (item.key == "path") {
        COFFER_CHECK(paths(item));
      } else if (item.key == "name" && item.labels.empty()) {
        COFFER_CHECK(read_text(item));
      } else {
        return error_in(item, "is not a key of a policy");
      }
    }
    return {};
  }

  std::vector<PathRule> take_rules() && {
    std::vector<PathRule> out;
    for (auto& [text, rule] : rules_) {
      if (rule.denies()) {
        rule.capabilities = bit(Capability::deny);
        rule.constraints = {};
      }
      out.push_back(std::move(rule));
    }
    return out;
  }

 private:
  // path "x" { ... }, or the JSON forms: an object of rules by path, or a list of such objects.
  Result<> paths(const HclItem& item) {
    if (item.labels.size() == 1) return rule(item, item.labels.front());
    if (!item.labels.empty()) return error_in(item, "takes one path");
    if (item.value.kind == HclKind::object) return paths_of(item.value);
    if (item.value.kind != HclKind::list) return error_in(item, "must be a block");
    for (const auto& element : item.value.list) {
      if (element.kind != HclKind::object) return error_in(item, "must be a list of objects");
      COFFER_CHECK(paths_of(element));
    }
    return {};
  }

  Result<> paths_of(const HclValue& object) {
    COFFER_CHECK(check_plain_object(object));
    for (const auto& item : object.items) COFFER_CHECK(rule(item, item.key));
    return {};
  }

  Result<> rule(const HclItem& item, std::string_view path) {
    if (item.value.kind != HclKind::object) return error_at(item, "a path rule must be a block");
    if (path.starts_with('/')) path.remove_prefix(1);
    PathRule out;
    out.text = path;
    if (const auto checked = check_path(out); !checked)
      return error_at(item, checked.error().message);
    COFFER_CHECK(check_plain_object(item.value));
    for (const auto& setting : item.value.items) COFFER_CHECK(read_setting(setting, out));
    Constraints& limits = out.constraints;
    drop_zero(limits.min_wrapping_ttl);
    drop_zero(limits.max_wrapping_ttl);
    if (limits.min_wrapping_ttl && limits.max_wrapping_ttl &&
        *limits.max_wrapping_ttl < *limits.min_wrapping_ttl) {
      return error_at(item, "max_wrapping_ttl is less than min_wrapping_ttl");
    }
    return add(std::move(out));
  }

  static Result<> check_path(PathRule& rule) {
    if (!IdentityTemplate::is_in(rule.text)) return PathPattern::check(rule.text);
    if (rule.text.size() > kMaxPatternSize) return fail(Code::too_large, "path is over 512 octets");
    COFFER_TRY(rule.identity, IdentityTemplate::parse(rule.text));
    return PathPattern::check(rule.identity->shape());
  }

  // The path itself is not repeated in errors.
  static std::unexpected<Error> error_at(const HclItem& item, std::string_view what) {
    return fail(Code::invalid_argument, to_text(item.at) + ": " + std::string(what));
  }

  Result<> add(PathRule rule) {
    const auto same = rules_.find(rule.text);
    if (same != rules_.end()) {
      merge(same->second, std::move(rule));
      return {};
    }
    if (rules_.size() == kMaxPolicyRules)
      return fail(Code::too_large, "policy has over 4096 rules");
    std::string key = rule.text;
    rules_.emplace(std::move(key), std::move(rule));
    return {};
  }

  std::map<std::string, PathRule> rules_;  // by pattern
};

}  // namespace

Result<VaultPolicy> compile_vault(std::string_view text) {
  COFFER_TRY(const HclValue root, formats::parse_hcl(text));
  Compiler compiler;
  COFFER_CHECK(compiler.document(root));
  return VaultPolicy(std::move(compiler).take_rules());
}

}  // namespace coffer::policy
