#include "policy/effective.h"

#include "policy/compiled.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace coffer::policy {
namespace {

// By name.
constexpr std::array kPrinted{Capability::create,
                              Capability::del,
                              Capability::list,
                              Capability::patch,
                              Capability::read,
                              Capability::scan,
                              Capability::sudo,
                              Capability::update};

struct Merged {
  int capabilities = 0;
  Constraints constraints;
};

std::optional<std::string> pattern_of(const PathRule& rule, const Facts& facts) {
  if (!rule.identity) return rule.text;
  using enum IdentityTemplate::Use;
  return rule.identity->resolve(facts, rule.denies() ? denies : grants);
}

void add(std::map<std::string, Merged>& rules, const VaultPolicy& policy, const Facts& facts) {
  for (const PathRule& rule : policy.rules()) {
    auto pattern = pattern_of(rule, facts);
    if (!pattern) continue;
    const auto [at, fresh] = rules.try_emplace(*std::move(pattern));
    at->second.capabilities |= rule.capabilities;
    if (fresh) {
      at->second.constraints = rule.constraints;
    } else {
      at->second.constraints.merge(rule.constraints);
    }
  }
}

std::vector<std::string> printed(int capabilities) {
  std::vector<std::string> out;
  for (const Capability one : kPrinted) {
    if ((capabilities & bit(one)) != 0) out.emplace_back(to_text(one));
  }
  const bool denied = (capabilities & bit(Capability::deny)) != 0;
  if (denied || out.empty()) out = {std::string(to_text(Capability::deny))};
  return out;
}

}  // namespace

std::vector<EffectiveRule> effective_rules(const Facts& facts,
                                           std::span<const PolicyPtr> policies) {
  if (std::ranges::find(policies, nullptr) != policies.end()) return {};
  std::map<std::string, Merged> merged;
  for (const PolicyPtr& policy : policies) {
    if (const VaultPolicy* const rules = policy->vault()) add(merged, *rules, facts);
  }
  std::vector<EffectiveRule> out;
  for (auto& [pattern, rule] : merged) {
    EffectiveRule& shown = out.emplace_back();
    shown.pattern = pattern;
    shown.capabilities = printed(rule.capabilities);
    if (shown.capabilities.front() != to_text(Capability::deny)) {
      shown.constraints = std::move(rule.constraints);
    }
  }
  return out;
}

}  // namespace coffer::policy
