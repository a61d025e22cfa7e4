// KV version 2 in secret/, where Secrets Manager's secrets lie: what IAM's policies say about them.
//
// A secret's resource policy counts here too: it would else hold for AWS's clients only. And a
// token that carries a policy of IAM is decided by it. Everybody else costs one row, which the
// handler reads as well.

#include "dialects/vault/kv2_parts.h"
#include "domain/identity/policies.h"
#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/secret_key.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kHome = "secret/";

struct Spelling {
  std::string_view action;  // ours
  std::string_view iam;
};

// The rest has no word there: "secretsmanager:*" alone is about it.
constexpr std::array kSpellings{
    Spelling{"secret.read", "secretsmanager:GetSecretValue"},
    Spelling{"secret.write", "secretsmanager:PutSecretValue"},
    Spelling{"secret.patch", "secretsmanager:PutSecretValue"},
    Spelling{"secret.delete", "secretsmanager:DeleteSecret"},
    Spelling{"secret.destroy", "secretsmanager:DeleteSecret"},
    Spelling{"secret.undelete", "secretsmanager:RestoreSecret"},
    Spelling{"secret.metadata_read", "secretsmanager:DescribeSecret"},
    Spelling{"secret.metadata_write", "secretsmanager:UpdateSecret"},
    Spelling{"secret.list", "secretsmanager:ListSecrets"},
    Spelling{"secret.scan", "secretsmanager:ListSecrets"},
};

std::string iam_action(std::string_view action) {
  const auto* const known = std::ranges::find(kSpellings, action, &Spelling::action);
  if (known != kSpellings.end()) return std::string(known->iam);
  return "secretsmanager:Coffer:" + std::string(action);
}

bool carries_iam(const gate::Call& call) {
  const auto is_iam = [](const std::string& name) {
    return name.starts_with(domain::kIamPolicyPrefix);
  };
  return call.principal != nullptr &&
         (std::ranges::any_of(call.principal->token_policies, is_iam) ||
          std::ranges::any_of(call.principal->identity_policies, is_iam));
}

Result<policy::PolicyPtr> policy_of(const gate::Call& call, const domain::SecretRow& secret) {
  domain::ManagedSecrets secrets(
      *call.view, call.mount->id, call.unsealed->aws_account, call.unsealed->secrets);
  COFFER_TRY(const auto text, secrets.policy(secret));
  if (!text) return policy::PolicyPtr();
  return policy::compile_iam_policy("resource policy of " + *secret.path,
                                    (*secret.extra)->policy_revision,
                                    policy::IamKind::resource,
                                    *text);
}

// As AWS's clients have it; of a secret that is not there, without the suffix.
std::string arn_of(const gate::Call& call, const domain::SecretPtr& secret) {
  const std::string& account = call.unsealed->aws_account;
  if (secret) return domain::secret_arn(secret->row, account);
  return "arn:aws:secretsmanager:us-east-1:" + account + ":secret:" + kv2_path(call);
}

}  // namespace

Result<> policy_of_secret(gate::Call& call, policy::Access& access) {
  if (call.mount == nullptr || call.mount->path != kHome) return {};
  const bool asked = carries_iam(call);
  const bool listed = access.action == "secret.list" || access.action == "secret.scan";
  if (listed && !asked) return {};
  domain::SecretPtr secret;
  if (!listed && domain::has_key(call.mount->id.size(), kv2_path(call))) {
    COFFER_TRY(
        secret,
        call.view->find<domain::SecretRow>(domain::secret_key(call.mount->id, kv2_path(call))));
  }
  const bool has_policy =
      secret && *secret->row.extra && (*secret->row.extra)->policy_revision != 0;
  if (!asked && !has_policy) return {};
  policy::IamAccess& iam = access.iam.emplace();
  iam.action = iam_action(access.action);
  iam.resource = listed ? "*" : arn_of(call, secret);
  if (!listed) iam.context.set("secretsmanager:SecretId", {iam.resource});
  if (secret && *secret->row.extra) {
    for (const domain::SecretTag& tag : (*secret->row.extra)->tags) {
      iam.context.add("secretsmanager:ResourceTag/" + tag.key, tag.value);
      iam.context.add("aws:ResourceTag/" + tag.key, tag.value);
    }
  }
  if (has_policy) {
    COFFER_TRY(iam.resource_policy.emplace(), policy_of(call, secret->row));
  }
  return {};
}

}  // namespace coffer::dialects::vault
