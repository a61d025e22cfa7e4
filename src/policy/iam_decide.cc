#include "policy/iam_decide.h"

#include "policy/compiled.h"

#include <algorithm>
#include <utility>

namespace coffer::policy {
namespace {

bool names_principals(IamKind kind) {
  return kind == IamKind::resource || kind == IamKind::key || kind == IamKind::trust;
}

// `policy`: of the principal or the session.
bool is_misplaced(const PolicyPtr& policy) {
  const IamPolicy* const iam = policy->iam();
  return iam != nullptr && names_principals(iam->kind());
}

bool is_of(const std::optional<PolicyPtr>& policy, IamKind one, IamKind other) {
  if (!policy) return true;
  if (*policy == nullptr) return false;
  const IamPolicy* const iam = (*policy)->iam();
  return iam != nullptr && (iam->kind() == one || iam->kind() == other);
}

Reason reason(const CompiledPolicy& policy, std::string_view verb, const IamStatement& statement) {
  std::string text(verb);
  text += " by ";
  text += statement.label();
  return {policy.name(), policy.revision(), statement.label(), std::move(text)};
}

std::optional<Reason> denial_of(const CompiledPolicy& policy, const IamQuestion& question) {
  const IamPolicy* const iam = policy.iam();
  const IamStatement* const statement = iam == nullptr ? nullptr : iam->denial(question);
  if (statement == nullptr) return std::nullopt;
  return reason(policy, "denied", *statement);
}

std::optional<Reason> denial_among(std::span<const PolicyPtr> policies,
                                   const IamQuestion& question) {
  for (const PolicyPtr& policy : policies) {
    if (auto found = denial_of(*policy, question)) return found;
  }
  return std::nullopt;
}

Decision denied(Denial why, Reason because) {
  Decision out;
  out.denial = why;
  out.reasons.push_back(std::move(because));
  return out;
}

Decision allowed(Reason because) {
  Decision out;
  out.allowed = true;
  out.reasons.push_back(std::move(because));
  return out;
}

Reason general(std::string text) {
  Reason out;
  out.text = std::move(text);
  return out;
}

struct Consent {
  Reach reach = Reach::nobody;
  Reason because;
};

Consent consent_of(const CompiledPolicy& policy, const IamQuestion& question) {
  const IamPolicy::Allowance found = policy.iam()->allowance(question);
  if (found.statement == nullptr) return {};
  return {found.reach, reason(policy, "allowed", *found.statement)};
}

}  // namespace

bool has_misplaced(const Access& access,
                   std::span<const PolicyPtr> policies,
                   std::span<const PolicyPtr> session) {
  if (std::ranges::any_of(policies, is_misplaced) || std::ranges::any_of(session, is_misplaced)) {
    return true;
  }
  return access.iam && (!is_of(access.iam->resource_policy, IamKind::resource, IamKind::resource) ||
                        !is_of(access.iam->consent_policy, IamKind::key, IamKind::trust));
}

std::optional<Decision> iam_denial(const IamQuestion& question,
                                   std::span<const PolicyPtr> policies) {
  if (auto found = denial_among(policies, question)) {
    return denied(Denial::by_identity, *std::move(found));
  }
  const IamAccess& access = question.access;
  std::optional<Reason> found;
  if (access.resource_policy) found = denial_of(**access.resource_policy, question.to_resource());
  if (!found && access.consent_policy) found = denial_of(**access.consent_policy, question);
  if (!found) return std::nullopt;
  return denied(Denial::by_resource, *std::move(found));
}

std::optional<Reason> iam_allowance(const IamQuestion& question,
                                    std::span<const PolicyPtr> policies) {
  for (const PolicyPtr& policy : policies) {
    const IamPolicy* const iam = policy->iam();
    if (iam == nullptr) continue;
    if (const auto found = iam->allowance(question); found.statement != nullptr) {
      return reason(*policy, "allowed", *found.statement);
    }
  }
  return std::nullopt;
}

Decision with_resource(Decision own, const IamQuestion& question) {
  const IamAccess& access = question.access;
  if (!access.grant.empty()) return allowed(general("allowed by grant " + access.grant));
  if (access.consent_policy) {
    Consent consent = consent_of(**access.consent_policy, question);
    if (consent.reach == Reach::principal) return allowed(std::move(consent.because));
    if (consent.reach == Reach::nobody) {
      return denied(Denial::no_consent, general("the policy of the resource does not consent"));
    }
    if (own.allowed) own.reasons.push_back(std::move(consent.because));
    return own;
  }
  if (own.allowed || !access.resource_policy) return own;
  Consent consent = consent_of(**access.resource_policy, question.to_resource());
  if (consent.reach == Reach::principal) return allowed(std::move(consent.because));
  return own;
}

Decision within_session(Decision decision,
                        const IamQuestion* question,
                        std::span<const PolicyPtr> session) {
  if (!decision.allowed || session.empty()) return decision;
  if (question != nullptr) {
    if (auto found = denial_among(session, *question)) {
      return denied(Denial::by_session, *std::move(found));
    }
  }
  const bool root =
      std::ranges::any_of(session, [](const PolicyPtr& policy) { return policy->is_root(); });
  if (root) return decision;
  if (question != nullptr) {
    if (auto found = iam_allowance(*question, session)) {
      decision.reasons.push_back(*std::move(found));
      return decision;
    }
  }
  return denied(Denial::beyond_session, general("the session's policies do not allow it"));
}

}  // namespace coffer::policy
