// denial_text(): what AWS says about a denied access.

#include "policy/evaluator.h"

namespace coffer::policy {
namespace {

// AWS says nothing more about roles that may not be assumed.
bool is_about_roles(const IamAccess& iam) {
  return iam.action.starts_with("sts:AssumeRole") || iam.action == "sts:TagSession";
}

std::string because(std::string_view which, const IamAccess& iam) {
  return " because no " + std::string(which) + " policy allows the " + iam.action + " action";
}

std::string reason_of(const IamAccess& iam, Denial denial) {
  if (is_about_roles(iam)) return {};
  switch (denial) {
    case Denial::by_identity:
    case Denial::by_document:
      return " with an explicit deny in an identity-based policy";
    case Denial::by_resource:
      return " with an explicit deny in a resource-based policy";
    case Denial::by_session:
      return " with an explicit deny in a session policy";
    case Denial::nothing_allows:
      return because("identity-based", iam);
    case Denial::no_consent:
      return because("resource-based", iam);
    case Denial::beyond_session:
      return because("session", iam);
    case Denial::none:
    case Denial::missing_policy:
      break;
  }
  return {};
}

}  // namespace

std::string denial_text(const Access& access, const Facts& facts, Denial denial) {
  if (!access.iam) return "permission denied";
  const IamAccess& iam = *access.iam;
  const std::string who = facts.iam ? facts.iam->arn : "a token";
  const bool own = denial == Denial::by_resource && !iam.policy_resource.empty();
  return "User: " + who + " is not authorized to perform: " + iam.action +
         " on resource: " + (own ? iam.policy_resource : iam.resource) + reason_of(iam, denial);
}

}  // namespace coffer::policy
