// IamPolicy: an IAM policy document, the third policy language.
//
//   {"Version": "2012-10-17", "Id": "...", "Statement": [
//     {"Sid": "...", "Effect": "Allow", "Action": "secretsmanager:Get*",
//      "Resource": "arn:aws:secretsmanager:*:*:secret:${aws:username}/*",
//      "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}
//
// Strict: what is unknown, ill-typed, twice there, or of another IamKind is refused. Version is
// 2012-10-17, or 2008-10-17 (also when absent), in which policy variables are plain text. Actions
// have no case; they and resources may have "*" and "?". Immutable, safe to share.
#pragma once

#include "base/result.h"
#include "policy/evaluator.h"
#include "policy/iam_conditions.h"
#include "policy/iam_pattern.h"
#include "policy/iam_principals.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

// One access, looked at by statements. Borrows all.
struct IamQuestion {
  IamQuestion(const IamAccess& asked, const Facts& known)
      : access(asked), facts(known), keys(asked, known), resource(asked.resource) {}

  // The same, as the resource's own policy is asked.
  [[nodiscard]] IamQuestion to_resource() const {
    IamQuestion out(access, facts);
    if (!access.policy_resource.empty()) out.resource = access.policy_resource;
    return out;
  }

  const IamAccess& access;
  const Facts& facts;
  IamKeys keys;
  std::string_view resource;  // its ARN
};

class IamStatement {
 public:
  // `number` counts from 1.
  static Result<IamStatement> read(const formats::HclValue& object,
                                   IamKind kind,
                                   bool variables,
                                   std::size_t number);

  [[nodiscard]] bool denies() const { return denies_; }

  // The Sid, or "statement 2".
  [[nodiscard]] const std::string& label() const { return label_; }

  [[nodiscard]] const std::string& sid() const { return sid_; }

  // Whether it is about the access: its action, its resource and its conditions. `unknown` must be
  // taken to the side of denial.
  [[nodiscard]] Verdict covers(const IamQuestion& question) const;

  // Null in policies that are attached to principals.
  [[nodiscard]] const IamPrincipals* principals() const {
    return principals_ ? &*principals_ : nullptr;
  }

 private:
  Result<> read_item(const formats::HclItem& item, IamKind kind, bool variables);
  Result<> read_sid(const formats::HclItem& item, IamKind kind);
  Result<> read_effect(const formats::HclItem& item);
  Result<> read_actions(const formats::HclItem& item, IamKind kind);
  Result<> read_resources(const formats::HclItem& item, IamKind kind, bool variables);
  Result<> read_principals(const formats::HclItem& item, IamKind kind);
  [[nodiscard]] Verdict covers_action(const IamQuestion& question) const;
  [[nodiscard]] Verdict covers_resource(const IamQuestion& question) const;
  [[nodiscard]] Verdict matches(const ArnPattern& pattern, const IamQuestion& question) const;

  std::string sid_;
  std::string label_;
  bool denies_ = false;
  bool not_actions_ = false;
  bool not_resources_ = false;
  std::vector<IamPattern> actions_;
  std::vector<ArnPattern> resources_;  // none: of a trust policy, which is about its role
  std::optional<IamPrincipals> principals_;
  IamConditions conditions_;
};

class IamPolicy {
 public:
  // Errors are those of evaluator.h's compile_iam_policy.
  static Result<IamPolicy> compile(IamKind kind, std::string_view text);

  [[nodiscard]] IamKind kind() const { return kind_; }

  [[nodiscard]] const std::vector<IamStatement>& statements() const { return statements_; }

  // The first statement that denies the access to the principal; null: none does.
  [[nodiscard]] const IamStatement* denial(const IamQuestion& question) const;

  struct Allowance {
    const IamStatement* statement = nullptr;  // null: none allows
    Reach reach = Reach::nobody;              // the farthest that any statement gives
  };

  [[nodiscard]] Allowance allowance(const IamQuestion& question) const;

 private:
  explicit IamPolicy(IamKind kind) : kind_(kind) {}

  IamKind kind_;
  std::vector<IamStatement> statements_;
};

}  // namespace coffer::policy
