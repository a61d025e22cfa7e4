// IamAccess and IamPrincipal: one access and its principal in the words of IAM.
//
// An Access that carries an IamAccess is decided by IAM policies too (evaluator.h). The dialect
// fills in the action, the ARN and the keys of its service; the evaluator itself knows the keys
// below "aws:" that are about the principal, the request and the time, out of Facts. Plain values.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::policy {

class CompiledPolicy;
using PolicyPtr = std::shared_ptr<const CompiledPolicy>;

// The request's context: what condition keys are worth. Names of keys have no case, values have.
// A key without values is as absent as one that was never named. Keys of services
// ("kms:EncryptionContext:app", "secretsmanager:VersionStage", "sts:ExternalId") and of tags
// ("aws:RequestTag/team", "aws:ResourceTag/team", "aws:TagKeys") belong here.
class IamContext {
 public:
  void add(std::string_view key, std::string value);                // one more value
  void set(std::string_view key, std::vector<std::string> values);  // instead of those before
  void set_all(const IamContext& other);                            // the same for each of its keys

  // The operation has this fact and cannot say it: the key is unknown, unless it has values.
  void leave_unknown(std::string_view key);

  // `key` in lower case.
  [[nodiscard]] bool is_left_unknown(std::string_view key) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  // `key` in lower case. Null: absent.
  [[nodiscard]] const std::vector<std::string>* find(std::string_view key) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> entries_;  // names in lower case
  std::vector<std::string> unknown_;                                       // the same
};

struct IamAccess {
  std::string action;  // "secretsmanager:GetSecretValue"
  // The resource's ARN; "*" for actions that have none (kms:ListKeys): only the pattern "*" covers
  // that.
  std::string resource;
  IamContext context;
  // The resource's own policy (IamKind::resource). Absent: it has none. Null: it is named and
  // missing, which denies. What it allows is allowed; what it denies is denied.
  std::optional<PolicyPtr> resource_policy;
  // The ARN that this policy is asked about, where it is not `resource`: who reads a folder asks
  // for the folder, and each thing in it has a policy of its own. Empty: `resource`.
  std::string policy_resource = {};
  // A key's policy (IamKind::key) or a role's (IamKind::trust): nothing is allowed without its
  // consent. It consents by naming the principal, which needs no other policy then, or by naming
  // the account, which leaves it to the principal's own policies. Null: named and missing, which
  // denies. Absent: the default policy of a key, which leaves everything to the account.
  std::optional<PolicyPtr> consent_policy;
  // The id of a grant of this resource that allows this very access to this principal, as the
  // caller has checked (operation, grantee, constraints). Empty: none does. It needs no consent.
  std::string grant;
};

// Who is asking, as IAM policies see it. Tags are the user's or role's with those of the session
// laid over them.
struct IamPrincipal {
  // account: the account's own root. federated: somebody with a token of an identity provider, who
  // has no role yet (AssumeRoleWithWebIdentity).
  enum class Type : std::uint8_t { account, user, assumed_role, federated_user, federated };
  Type type = Type::user;
  std::string account;   // twelve digits
  std::string arn;       // of the user or the session
  std::string role_arn;  // of an assumed role: the role's own, with its path
  std::string userid;    // "AIDA…", "AROA…:session", the account for its root
  std::string username;  // of users only
  std::string provider;  // of a federated one: the ARN of its provider
  std::map<std::string, std::string> tags;
  std::optional<Timestamp> token_issued;  // of temporary credentials
  std::string source_identity;            // empty: none was set
  std::optional<bool> mfa;                // of temporary credentials
};

}  // namespace coffer::policy
