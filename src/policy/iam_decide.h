// The parts of a decision in which IAM policies have a say; evaluator.cc puts them together.
#pragma once

#include "policy/evaluator.h"
#include "policy/iam_policy.h"

#include <optional>
#include <span>

namespace coffer::policy {

// Whether a policy is where its kind does not belong, or one that the resource names is missing:
// what it would have said is not known.
bool has_misplaced(const Access& access,
                   std::span<const PolicyPtr> policies,
                   std::span<const PolicyPtr> session);

// The first statement that denies, of the principal, the resource and what must consent.
std::optional<Decision> iam_denial(const IamQuestion& question,
                                   std::span<const PolicyPtr> policies);

// The first statement of a principal's policies that allows.
std::optional<Reason> iam_allowance(const IamQuestion& question,
                                    std::span<const PolicyPtr> policies);

// What becomes of the decision by the principal's own policies with the resource's policy, the
// grant and the consent that is needed.
Decision with_resource(Decision own, const IamQuestion& question);

// What becomes of a decision within the session's limits. `question`: null without IAM's spelling.
Decision within_session(Decision decision,
                        const IamQuestion* question,
                        std::span<const PolicyPtr> session);

}  // namespace coffer::policy
