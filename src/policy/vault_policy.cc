#include "policy/vault_policy.h"

#include <algorithm>
#include <utility>

namespace coffer::policy {

void Matches::offer(const PathPattern& pattern, Match match) {
  if (!found_.empty()) {
    const auto order = pattern <=> pattern_;
    if (order < 0) return;
    if (order > 0) found_.clear();
  }
  pattern_ = pattern;
  found_.push_back(match);
}

void Matches::offer_resolved(std::string text, Match match) {
  resolved_.push_front(std::move(text));
  offer(PathPattern(resolved_.front()), match);
}

CapabilityBits Matches::capabilities() const {
  CapabilityBits bits = 0;
  for (const auto& match : found_) {
    if (match.rule->denies()) return bit(Capability::deny);
    bits = static_cast<CapabilityBits>(bits | match.rule->capabilities);
  }
  return bits;
}

VaultPolicy::VaultPolicy(std::vector<PathRule> rules) : rules_(std::move(rules)) {
  for (auto& rule : rules_) {
    rule.pattern = PathPattern(rule.text);
    if (rule.identity) {
      templated_.push_back(&rule);
    } else if (rule.pattern.is_exact()) {
      exact_.emplace(rule.text, &rule);
    } else if (rule.pattern.is_prefix()) {
      prefixes_.push_back({rule.pattern.stem(), &rule, kNone});
    } else {
      wildcard_.push_back(&rule);
    }
  }
  std::ranges::sort(prefixes_, {}, &Prefix::stem);
  std::ranges::sort(wildcard_, std::greater<>(), [](const PathRule* r) { return r->pattern; });
  link_prefixes();
}

// In byte order every prefix of a stem stands before it, and the longest one is the stem's
// predecessor or on the chain of the predecessor's own prefixes.
void VaultPolicy::link_prefixes() {
  for (std::uint32_t i = 1; i < prefixes_.size(); ++i) {
    std::uint32_t candidate = i - 1;
    while (candidate != kNone && !prefixes_[i].stem.starts_with(prefixes_[candidate].stem)) {
      candidate = prefixes_[candidate].parent;
    }
    prefixes_[i].parent = candidate;
  }
}

const PathRule* VaultPolicy::longest_prefix(std::string_view path) const {
  const auto after = std::ranges::upper_bound(prefixes_, path, {}, &Prefix::stem);
  if (after == prefixes_.begin()) return nullptr;
  auto candidate = static_cast<std::uint32_t>(after - prefixes_.begin() - 1);
  while (candidate != kNone && !path.starts_with(prefixes_[candidate].stem)) {
    candidate = prefixes_[candidate].parent;
  }
  return candidate == kNone ? nullptr : prefixes_[candidate].rule;
}

void VaultPolicy::find(std::string_view path,
                       const Facts& facts,
                       const CompiledPolicy& self,
                       Matches& matches) const {
  for (const PathRule* const rule : templated_) {
    const auto use = rule->denies() ? IdentityTemplate::Use::denies : IdentityTemplate::Use::grants;
    auto text = rule->identity->resolve(facts, use);
    if (text && PathPattern(*text).matches(path)) {
      matches.offer_resolved(*std::move(text), {&self, rule});
    }
  }
  if (const auto exact = exact_.find(path); exact != exact_.end()) {
    matches.offer(exact->second->pattern, {&self, exact->second});
    return;  // nothing else in this policy can be better
  }
  if (const PathRule* const rule = longest_prefix(path)) {
    matches.offer(rule->pattern, {&self, rule});
  }
  for (const PathRule* const rule : wildcard_) {
    if (!matches.empty() && rule->pattern < matches.pattern())
      return;  // nor is any after it better
    if (!rule->pattern.matches(path)) continue;
    matches.offer(rule->pattern, {&self, rule});
    return;
  }
}

}  // namespace coffer::policy
