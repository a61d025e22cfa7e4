#include "policy/evaluator.h"

#include "policy/compiled.h"
#include "policy/iam_decide.h"
#include "policy/lookup.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace coffer::policy {
namespace {

Reason reason(const CompiledPolicy& policy, std::string_view rule, std::string text) {
  return {policy.name(), policy.revision(), std::string(rule), std::move(text)};
}

// A reason that no policy gave.
Reason general(std::string text) {
  Reason out;
  out.text = std::move(text);
  return out;
}

Decision verdict(bool allowed, Reason why) {
  Decision out;
  out.allowed = allowed;
  out.reasons.push_back(std::move(why));
  return out;
}

std::string joined(std::string_view a, std::string_view b) {
  std::string out;
  out.reserve(a.size() + b.size());
  return out.append(a).append(b);
}

// What settles every question before any rule is read.
const PolicyPtr* find_root(std::span<const PolicyPtr> policies) {
  const auto found =
      std::ranges::find_if(policies, [](const PolicyPtr& policy) { return policy->is_root(); });
  return found == policies.end() ? nullptr : &*found;
}

bool any_missing(std::span<const PolicyPtr> policies) {
  return std::ranges::find(policies, nullptr) != policies.end();
}

// The first document that denies the access.
std::optional<Reason> denied_by_document(const Access& access,
                                         const Facts& facts,
                                         std::span<const PolicyPtr> policies) {
  for (const auto& policy : policies) {
    const PathDocument* const document = policy->document();
    if (document == nullptr || !document->denies()) continue;
    const std::string* const pattern = document->covering_pattern(access);
    if (pattern == nullptr) continue;
    const ConditionOutcome outcome = document->conditions().evaluate(facts, access.issues_nothing);
    if (outcome.verdict == Verdict::unmet) continue;
    std::string text = joined("denied by ", *pattern);
    if (!document->reason().empty()) text += ": " + document->reason();
    return reason(*policy, *pattern, std::move(text));
  }
  return std::nullopt;
}

// The first document that allows the access, or in `misses` why documents that cover it do not.
std::optional<Reason> allowed_by_document(const Access& access,
                                          const Facts& facts,
                                          std::span<const PolicyPtr> policies,
                                          std::vector<Reason>& misses) {
  if (access.needs_sudo) return std::nullopt;  // documents know no such thing
  for (const auto& policy : policies) {
    const PathDocument* const document = policy->document();
    if (document == nullptr || document->denies()) continue;
    const std::string* const pattern = document->covering_pattern(access);
    if (pattern == nullptr) continue;
    const ConditionOutcome outcome = document->conditions().evaluate(facts, access.issues_nothing);
    if (outcome.verdict == Verdict::met) {
      return reason(*policy, *pattern, joined("allowed by ", *pattern));
    }
    misses.push_back(reason(*policy, *pattern, joined("condition not met: ", outcome.condition)));
  }
  return std::nullopt;
}

// The constraints of all rules that share the deciding pattern.
std::optional<std::string_view> constraint_violation(const Matches& matches,
                                                     const Access& access,
                                                     const Facts& facts) {
  const auto& all = matches.all();
  if (all.size() == 1) return all.front().rule->constraints.violation(access, facts);
  const auto free = [](const Matches::Match& match) { return match.rule->constraints.empty(); };
  if (std::ranges::all_of(all, free)) return std::nullopt;
  Constraints merged;
  for (const auto& match : all) merged.merge(match.rule->constraints);
  return merged.violation(access, facts);
}

// Vault's half of a decision.
Decision judge(const Matches& matches, const Access& access, const Facts& facts) {
  if (matches.empty()) return verdict(false, general("no rule matches"));
  const auto because = [](bool allowed, const Matches::Match& match, std::string_view text) {
    const std::string& rule = match.rule->text;
    return verdict(allowed, reason(*match.policy, rule, joined(text, rule)));
  };
  const Matches::Match& first = matches.all().front();
  if (matches.denied()) {
    const auto denies = [](const Matches::Match& match) { return match.rule->denies(); };
    return because(false, *std::ranges::find_if(matches.all(), denies), "deny on ");
  }
  const CapabilityBits held = matches.capabilities();
  const CapabilityBits wanted = bit(access.capability);
  if ((held & wanted) == 0) return because(false, first, "capability not given on ");
  if (access.needs_sudo && (held & bit(Capability::sudo)) == 0) {
    return because(false, first, "sudo not given on ");
  }
  if (const auto violation = constraint_violation(matches, access, facts)) {
    return because(false, first, joined(*violation, " on "));
  }
  const auto grants = [&](const Matches::Match& m) { return (m.rule->capabilities & wanted) != 0; };
  return because(true, *std::ranges::find_if(matches.all(), grants), "allowed on ");
}

Decision denied(Denial why, Reason because) {
  Decision out = verdict(false, std::move(because));
  out.denial = why;
  return out;
}

Decision decide_by_rules(const Access& access,
                         const Facts& facts,
                         std::span<const PolicyPtr> policies) {
  if (access.capability == Capability::list || access.capability == Capability::scan) {
    const ListLookup lookup(access.path, facts, policies);
    return judge(lookup.matches(), access, facts);
  }
  Matches matches;
  find_rules(access.path, facts, policies, matches);
  return judge(matches, access, facts);
}

// By the principal's own policies of all languages. `question`: null without IAM's spelling.
Decision decide_by_own(const Access& access,
                       const Facts& facts,
                       std::span<const PolicyPtr> policies,
                       const IamQuestion* question) {
  Decision out = decide_by_rules(access, facts, policies);
  if (out.allowed) return out;
  if (auto grant = allowed_by_document(access, facts, policies, out.reasons)) {
    return verdict(true, *std::move(grant));
  }
  if (question != nullptr) {
    if (auto allowed = iam_allowance(*question, policies))
      return verdict(true, *std::move(allowed));
  }
  out.denial = Denial::nothing_allows;
  return out;
}

CapabilityBits held_by_rules(std::string_view path,
                             const Facts& facts,
                             std::span<const PolicyPtr> policies) {
  Matches matches;
  find_rules(path, facts, policies, matches);
  const ListLookup list(path, facts, policies);
  const int listing = bit(Capability::list) | bit(Capability::scan);
  const int others = matches.capabilities() & ~(listing | bit(Capability::deny));
  return static_cast<CapabilityBits>(others | (list.matches().capabilities() & listing));
}

CapabilityBits after_documents(CapabilityBits held,
                               std::span<const Access> secret,
                               const Facts& facts,
                               std::span<const PolicyPtr> policies) {
  std::vector<Reason> misses;
  for (const Access& access : secret) {
    const int one = bit(access.capability);
    if (denied_by_document(access, facts, policies)) {
      held = static_cast<CapabilityBits>(held & ~one);
    } else if (allowed_by_document(access, facts, policies, misses)) {
      held = static_cast<CapabilityBits>(held | one);
    }
  }
  return held;
}

std::vector<PolicyPtr> present(std::span<const PolicyPtr> policies) {
  std::vector<PolicyPtr> out;
  std::ranges::copy_if(
      policies, std::back_inserter(out), [](const PolicyPtr& policy) { return policy != nullptr; });
  return out;
}

}  // namespace

Decision decide(const Access& access,
                const Facts& facts,
                std::span<const PolicyPtr> policies,
                std::span<const PolicyPtr> session) {
  if (access.about_own_token && any_missing(policies)) {
    return decide(access, facts, present(policies), session);
  }
  if (any_missing(policies) || any_missing(session) || has_misplaced(access, policies, session)) {
    return denied(Denial::missing_policy, general("a named policy does not exist"));
  }
  std::optional<IamQuestion> question;
  if (access.iam) question.emplace(*access.iam, facts);
  const IamQuestion* const asked = question ? &*question : nullptr;
  if (const PolicyPtr* const root = find_root(policies)) {
    Decision out = verdict(true, reason(**root, {}, "root"));
    out.root = true;
    return within_session(std::move(out), asked, session);
  }
  if (auto denial = denied_by_document(access, facts, policies)) {
    return denied(Denial::by_document, *std::move(denial));
  }
  if (asked != nullptr) {
    if (auto denial = iam_denial(*asked, policies)) return *denial;
  }
  Decision own = decide_by_own(access, facts, policies, asked);
  if (asked != nullptr) own = with_resource(std::move(own), *asked);
  return within_session(std::move(own), asked, session);
}

std::vector<std::string> capabilities(std::string_view path,
                                      const Facts& facts,
                                      std::span<const PolicyPtr> policies,
                                      std::span<const Access> secret) {
  if (any_missing(policies)) return {"deny"};
  if (find_root(policies) != nullptr) return {"root"};
  const CapabilityBits held =
      after_documents(held_by_rules(path, facts, policies), secret, facts, policies);
  std::vector<std::string> out;
  // In the order of their names.
  for (const Capability capability : {Capability::create,
                                      Capability::del,
                                      Capability::list,
                                      Capability::patch,
                                      Capability::read,
                                      Capability::scan,
                                      Capability::sudo,
                                      Capability::update}) {
    if ((held & bit(capability)) != 0) out.emplace_back(to_text(capability));
  }
  if (out.empty()) out.emplace_back("deny");
  return out;
}

}  // namespace coffer::policy
