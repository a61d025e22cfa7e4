#include "gate/secret_access.h"

#include "domain/identity/aws_names.h"
#include "domain/identity/policies.h"
#include "domain/kms/aws_specs.h"
#include "domain/kms/key_id.h"
#include "domain/secrets/data_key_wrap.h"
#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/secret_key.h"
#include "domain/secrets/stages.h"
#include "policy/iam_pattern.h"

#include <algorithm>
#include <array>

namespace coffer::gate {
namespace {

constexpr std::string_view kHome = "secret/";
constexpr std::string_view kDefaultRegion = "us-east-1";

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

bool carries_iam(const Call& call) {
  const auto is_iam = [](const std::string& name) {
    return name.starts_with(domain::kIamPolicyPrefix);
  };
  return call.principal != nullptr &&
         (std::ranges::any_of(call.principal->token_policies, is_iam) ||
          std::ranges::any_of(call.principal->identity_policies, is_iam));
}

Result<policy::PolicyPtr> policy_of(const Call& call,
                                    const domain::Mount& mount,
                                    const domain::SecretRow& secret) {
  domain::ManagedSecrets secrets(
      *call.view, mount.id, call.unsealed->aws_account, call.unsealed->secrets);
  COFFER_TRY(const auto text, secrets.policy(secret));
  if (!text) return policy::PolicyPtr();
  return call.unsealed->resource_policies.compiled(
      *secret.path, (*secret.extra)->policy_revision, *text);
}

// Null: there is none, or the path can be none's.
Result<domain::SecretPtr> secret_at(const Call& call,
                                    const domain::Mount& mount,
                                    std::string_view path) {
  if (!domain::has_key(mount.id.size(), path)) return domain::SecretPtr();
  return call.view->find<domain::SecretRow>(domain::secret_key(mount.id, path));
}

// As AWS's clients have it; of a secret that is not there, without the suffix.
std::string arn_of(const Call& call, const domain::SecretPtr& secret, std::string_view path) {
  const std::string& account = call.unsealed->aws_account;
  if (secret) return domain::secret_arn(secret->row, account);
  return domain::regional_arn(
      "secretsmanager", kDefaultRegion, account, "secret:" + std::string(path));
}

std::string_view region_of(const domain::MasterKeyRow& key) {
  return key.region->empty() ? kDefaultRegion : std::string_view(*key.region);
}

// Through whichever API the value is used, it is used through Secrets Manager's secrets: the key's
// policy is asked what Secrets Manager asks it.
policy::Access access_to_key(const Call& call,
                             const domain::MasterKeyRow& key,
                             const std::string& secret_arn,
                             bool opens) {
  const std::string& account = call.unsealed->aws_account;
  const std::string region(region_of(key));
  policy::Access access;
  access.action = opens ? "kms.decrypt" : "kms.encrypt";
  access.path = (opens ? "transit/decrypt/" : "transit/encrypt/") + *key.name;
  access.capability = policy::Capability::update;
  access.issues_nothing = true;
  policy::IamAccess& iam = access.iam.emplace();
  iam.action = opens ? "kms:Decrypt" : "kms:GenerateDataKey";
  iam.resource = domain::regional_arn("kms", region, account, "key/" + domain::key_id(key));
  domain::add_key_conditions(key, account, iam.context);
  iam.context.set("kms:ViaService", {"secretsmanager." + region + ".amazonaws.com"});
  iam.context.set("kms:EncryptionContext:SecretARN", {secret_arn});
  iam.context.set("kms:EncryptionContextKeys", {"SecretARN"});
  iam.context.set("kms:EncryptionAlgorithm", {"SYMMETRIC_DEFAULT"});
  iam.consent_policy = call.unsealed->kms.policies.of(key);
  return access;
}

}  // namespace

Result<> add_secret_policy(const Call& call,
                           const domain::Mount& mount,
                           std::string_view path,
                           policy::Access& access) {
  if (mount.path != kHome) return {};
  const bool asked = carries_iam(call);
  const bool listed = access.action == "secret.list" || access.action == "secret.scan";
  if (listed && !asked) return {};
  domain::SecretPtr secret;
  if (!listed) {
    COFFER_TRY(secret, secret_at(call, mount, path));
  }
  const bool has_policy =
      secret && *secret->row.extra && (*secret->row.extra)->policy_revision != 0;
  if (!asked && !has_policy) return {};
  policy::IamAccess& iam = access.iam.emplace();
  iam.action = iam_action(access.action);
  iam.resource = listed ? "*" : arn_of(call, secret, path);
  if (!listed) iam.context.set("secretsmanager:SecretId", {iam.resource});
  if (secret) {
    const auto parts = policy::split_arn(iam.resource);
    iam.context.set("secretsmanager:SecretPrimaryRegion", {std::string(parts->at(3))});
  }
  if (secret && *secret->row.extra) {
    for (const domain::SecretTag& tag : (*secret->row.extra)->tags) {
      iam.context.add("secretsmanager:ResourceTag/" + tag.key, tag.value);
      iam.context.add("aws:ResourceTag/" + tag.key, tag.value);
    }
  }
  if (has_policy) {
    COFFER_TRY(iam.resource_policy.emplace(), policy_of(call, mount, secret->row));
  }
  return {};
}

Result<> add_key_access(const Call& call,
                        const domain::Mount& mount,
                        std::string_view path,
                        ValueUse use,
                        std::vector<policy::Access>& accesses) {
  COFFER_TRY(const domain::SecretPtr secret, secret_at(call, mount, path));
  const domain::DataKeyWrap* const wrap = secret ? domain::wrap_of(secret->row) : nullptr;
  if (wrap == nullptr) return {};
  const auto under = domain::wrapping_key(*call.view, call.unsealed->kms, *wrap);
  // A key that is gone refuses where it is used, to those who may ask.
  if (!under && under.error().code == Code::precondition_failed) return {};
  if (!under) return std::unexpected(under.error());
  const std::string arn = domain::secret_arn(secret->row, call.unsealed->aws_account);
  if (use != ValueUse::writes) {
    accesses.push_back(access_to_key(call, under->key->row, arn, true));
  }
  if (use != ValueUse::reads) {
    accesses.push_back(access_to_key(call, under->key->row, arn, false));
  }
  return {};
}

}  // namespace coffer::gate
