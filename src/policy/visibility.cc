// may_see_below(): whether a mount is shown to a principal.

#include "policy/compiled.h"
#include "policy/lookup.h"

#include <algorithm>
#include <optional>
#include <string>

namespace coffer::policy {
namespace {

bool grants_on(std::string_view path, const Facts& facts, std::span<const PolicyPtr> policies) {
  Matches matches;
  find_rules(path, facts, policies, matches);
  if (!matches.denied() && matches.capabilities() != 0) return true;
  const ListLookup list(path, facts, policies);
  return (list.matches().capabilities() & (bit(Capability::list) | bit(Capability::scan))) != 0;
}

// A path that the pattern matches, and no exact rule does when it is a prefix: patterns have no
// control characters.
std::string sample(const PathPattern& pattern) {
  std::string out(pattern.stem());
  if (pattern.is_prefix()) out += '\x01';
  return out;
}

// Whether what this rule grants below `prefix` is still granted where its own pattern begins: a
// denial of the same or a better pattern takes it back.
bool rule_grants_below(const PathRule& rule,
                       std::string_view prefix,
                       const Facts& facts,
                       std::span<const PolicyPtr> policies) {
  if (rule.denies() || rule.capabilities == 0) return false;
  std::string text = rule.text;
  if (rule.identity) {
    auto resolved = rule.identity->resolve(facts, IdentityTemplate::Use::grants);
    if (!resolved) return false;
    text = *std::move(resolved);
  }
  const PathPattern pattern(text);
  if (!pattern.reaches_below(prefix)) return false;
  // A shorter prefix decides the mount's own path; that was asked before.
  if (pattern.is_prefix() && prefix.starts_with(pattern.stem())) return false;
  if (pattern.is_exact() || pattern.is_prefix()) {
    return grants_on(sample(pattern), facts, policies);
  }
  return true;
}

bool vault_grants_below(const VaultPolicy& policy,
                        std::string_view prefix,
                        const Facts& facts,
                        std::span<const PolicyPtr> policies) {
  return std::ranges::any_of(policy.rules(), [&](const PathRule& rule) {
    return rule_grants_below(rule, prefix, facts, policies);
  });
}

}  // namespace

bool may_see_below(std::string_view prefix,
                   const Facts& facts,
                   std::span<const PolicyPtr> policies) {
  if (std::ranges::find(policies, nullptr) != policies.end()) return false;
  if (grants_on(prefix, facts, policies)) return true;
  return std::ranges::any_of(policies, [&](const PolicyPtr& policy) {
    if (policy->is_root()) return true;
    if (const VaultPolicy* const rules = policy->vault()) {
      return vault_grants_below(*rules, prefix, facts, policies);
    }
    // A document names secrets without their mount: it may allow some in any.
    const PathDocument* const document = policy->document();
    return document != nullptr && !document->denies() &&
           document->conditions().evaluate(facts).verdict != Verdict::unmet;
  });
}

}  // namespace coffer::policy
