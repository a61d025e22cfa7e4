// effective_rules(): what all policies of one principal say together, pattern by pattern; for
// showing it. Decisions are made by evaluator.h from the policies themselves.
//
// Rules of the same pattern are one, as when they decide: capabilities united, a denial alone,
// constraints merged. Templates are resolved; a rule whose template gives no pattern is left out. A
// policy that is named and missing (null) leaves nothing, as it denies everything. The root policy
// and path-pattern documents have no rules of this kind. Pure.
#pragma once

#include "policy/constraints.h"
#include "policy/evaluator.h"

#include <span>
#include <string>
#include <vector>

namespace coffer::policy {

struct EffectiveRule {
  std::string pattern;
  std::vector<std::string> capabilities;  // as capabilities() prints them
  Constraints constraints;
};

// In byte order of their patterns.
std::vector<EffectiveRule> effective_rules(const Facts& facts, std::span<const PolicyPtr> policies);

}  // namespace coffer::policy
