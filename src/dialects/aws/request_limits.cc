#include "dialects/aws/request_limits.h"

#include "dialects/aws/answers.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

constexpr auto kms = Service::kms;
constexpr auto secrets = Service::secrets_manager;
constexpr auto ssm = Service::ssm;
constexpr auto sts = Service::sts;
constexpr auto iam = Service::iam;

// Of the values that differ between Regions, those of most Regions; of Parameter Store's, those of
// its higher throughput.
constexpr std::array kGroups{
    LimitGroup{kms,
               "symmetric",
               10'000,
               "Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateMac "
               "GenerateRandom ReEncrypt VerifyMac"},
    LimitGroup{kms, "rsa", 1000, "Sign Verify"},
    LimitGroup{kms, "ecc", 1000, "DeriveSharedSecret"},
    LimitGroup{kms, "ecc_pairs", 25, "GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext"},
    LimitGroup{kms, "ecc_p384_pairs", 10, "-"},
    LimitGroup{kms, "ecc_p521_pairs", 5, "-"},
    LimitGroup{kms, "rsa_2048_pairs", 1, "-"},
    LimitGroup{kms, "rsa_3072_pairs", 0.5, "-"},
    LimitGroup{kms, "rsa_4096_pairs", 0.1, "-"},
    LimitGroup{kms, "CancelKeyDeletion", 5},
    LimitGroup{kms, "CreateAlias", 5},
    LimitGroup{kms, "CreateGrant", 50},
    LimitGroup{kms, "CreateKey", 5},
    LimitGroup{kms, "DeleteAlias", 15},
    LimitGroup{kms, "DeleteImportedKeyMaterial", 15},
    LimitGroup{kms, "DescribeKey", 2000},
    LimitGroup{kms, "DisableKey", 5},
    LimitGroup{kms, "DisableKeyRotation", 5},
    LimitGroup{kms, "EnableKey", 5},
    LimitGroup{kms, "EnableKeyRotation", 15},
    LimitGroup{kms, "GetKeyLastUsage"},
    LimitGroup{kms, "GetKeyPolicy", 1000},
    LimitGroup{kms, "GetKeyRotationStatus", 1000},
    LimitGroup{kms, "GetParametersForImport", 0.25},
    LimitGroup{kms, "GetPublicKey", 2000},
    LimitGroup{kms, "ImportKeyMaterial", 15},
    LimitGroup{kms, "ListAliases", 500},
    LimitGroup{kms, "ListGrants", 100},
    LimitGroup{kms, "ListKeyPolicies", 100},
    LimitGroup{kms, "ListKeyRotations", 100},
    LimitGroup{kms, "ListKeys", 500},
    LimitGroup{kms, "ListResourceTags", 2000},
    LimitGroup{kms, "ListRetirableGrants", 100},
    LimitGroup{kms, "PutKeyPolicy", 15},
    LimitGroup{kms, "RetireGrant", 30},
    LimitGroup{kms, "RevokeGrant", 30},
    LimitGroup{kms, "RotateKeyOnDemand", 5},
    LimitGroup{kms, "ScheduleKeyDeletion", 15},
    LimitGroup{kms, "TagResource", 10},
    LimitGroup{kms, "UntagResource", 5},
    LimitGroup{kms, "UpdateAlias", 5},
    LimitGroup{kms, "UpdateKeyDescription", 5},
    LimitGroup{secrets, "read", 10'000, "DescribeSecret GetSecretValue"},
    LimitGroup{secrets,
               "write",
               50,
               "PutSecretValue RemoveRegionsFromReplication ReplicateSecretToRegions "
               "StopReplicationToReplica UpdateSecret UpdateSecretVersionStage"},
    LimitGroup{secrets,
               "resource_policy",
               50,
               "DeleteResourcePolicy GetResourcePolicy PutResourcePolicy ValidateResourcePolicy"},
    LimitGroup{secrets, "rotate", 50, "CancelRotateSecret RotateSecret"},
    LimitGroup{secrets, "tag", 50, "TagResource UntagResource"},
    LimitGroup{secrets, "BatchGetSecretValue", 100},
    LimitGroup{secrets, "CreateSecret", 50},
    LimitGroup{secrets, "DeleteSecret", 50},
    LimitGroup{secrets, "GetRandomPassword", 50},
    LimitGroup{secrets, "ListSecrets", 100},
    LimitGroup{secrets, "ListSecretVersionIds", 50},
    LimitGroup{secrets, "RestoreSecret", 50},
    LimitGroup{ssm, "GetParameter", 10'000},
    LimitGroup{ssm, "GetParameters", 1000},
    LimitGroup{ssm, "GetParametersByPath", 100},
    LimitGroup{ssm, "DescribeParameters", 10},
    LimitGroup{ssm, "GetParameterHistory"},
    LimitGroup{ssm, "PutParameter"},
    LimitGroup{ssm, "delete", 0, "DeleteParameter DeleteParameters"},
    LimitGroup{ssm, "label", 0, "LabelParameterVersion UnlabelParameterVersion"},
    LimitGroup{ssm, "tag", 0, "AddTagsToResource ListTagsForResource RemoveTagsFromResource"},
    LimitGroup{
        ssm, "resource_policy", 0, "DeleteResourcePolicy GetResourcePolicies PutResourcePolicy"},
    LimitGroup{ssm, "setting", 0, "GetServiceSetting ResetServiceSetting UpdateServiceSetting"},
    LimitGroup{sts,
               "all",
               600,
               "AssumeRole AssumeRoleWithWebIdentity GetAccessKeyInfo GetCallerIdentity "
               "GetFederationToken GetSessionToken"},
    LimitGroup{iam, "all", 0, "*"},
};

// What a request names, and the group that it belongs to then.
struct Choice {
  std::string_view operation;
  std::string_view member;
  std::string_view begins;  // its value begins so
  std::uint16_t group;
};

consteval std::uint16_t of_kms(std::string_view name) {
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (kGroups[i].service == kms && kGroups[i].name == name) return static_cast<std::uint16_t>(i);
  }
  throw "there is no such group";
}

constexpr std::string_view kPair = "GenerateDataKeyPair";
constexpr std::string_view kPairAlone = "GenerateDataKeyPairWithoutPlaintext";

constexpr std::array kChoices{
    Choice{"Decrypt", "EncryptionAlgorithm", "RSAES", of_kms("rsa")},
    Choice{"Encrypt", "EncryptionAlgorithm", "RSAES", of_kms("rsa")},
    Choice{"ReEncrypt", "SourceEncryptionAlgorithm", "RSAES", of_kms("rsa")},
    Choice{"ReEncrypt", "DestinationEncryptionAlgorithm", "RSAES", of_kms("rsa")},
    Choice{"Sign", "SigningAlgorithm", "EC", of_kms("ecc")},
    Choice{"Sign", "SigningAlgorithm", "ED", of_kms("ecc")},
    Choice{"Verify", "SigningAlgorithm", "EC", of_kms("ecc")},
    Choice{"Verify", "SigningAlgorithm", "ED", of_kms("ecc")},
    Choice{kPair, "KeyPairSpec", "RSA_2", of_kms("rsa_2048_pairs")},
    Choice{kPair, "KeyPairSpec", "RSA_3", of_kms("rsa_3072_pairs")},
    Choice{kPair, "KeyPairSpec", "RSA_4", of_kms("rsa_4096_pairs")},
    Choice{kPair, "KeyPairSpec", "ECC_NIST_P3", of_kms("ecc_p384_pairs")},
    Choice{kPair, "KeyPairSpec", "ECC_NIST_P5", of_kms("ecc_p521_pairs")},
    Choice{kPairAlone, "KeyPairSpec", "RSA_2", of_kms("rsa_2048_pairs")},
    Choice{kPairAlone, "KeyPairSpec", "RSA_3", of_kms("rsa_3072_pairs")},
    Choice{kPairAlone, "KeyPairSpec", "RSA_4", of_kms("rsa_4096_pairs")},
    Choice{kPairAlone, "KeyPairSpec", "ECC_NIST_P3", of_kms("ecc_p384_pairs")},
    Choice{kPairAlone, "KeyPairSpec", "ECC_NIST_P5", of_kms("ecc_p521_pairs")},
};

// Whether the list has the word.
bool lists(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t blank = words.find(' ');
    if (words.substr(0, blank) == word) return true;
    if (blank == std::string_view::npos) return false;
    words.remove_prefix(blank + 1);
  }
  return false;
}

std::uint16_t number_of(const LimitGroup* group) {
  return static_cast<std::uint16_t>(group - kGroups.data());
}

}  // namespace

std::span<const LimitGroup> limit_groups() {
  return kGroups;
}

std::optional<std::uint16_t> find_limit_group(std::string_view service, std::string_view name) {
  const auto at = std::ranges::find_if(kGroups, [&](const LimitGroup& group) {
    return group.name == name && facts_of(group.service).name == service;
  });
  if (at == kGroups.end()) return std::nullopt;
  return number_of(&*at);
}

std::vector<std::optional<gate::RequestRate>> published_limits() {
  std::vector<std::optional<gate::RequestRate>> rates;
  for (const LimitGroup& group : kGroups) {
    rates.emplace_back();
    if (group.published > 0) rates.back() = {group.published, std::max(1.0, group.published)};
  }
  return rates;
}

std::optional<LimitRule> limit_rule(Service service, std::string_view operation) {
  const auto holds = [&](const LimitGroup& group) {
    if (group.service != service) return false;
    if (group.operations.empty()) return group.name == operation;
    return group.operations == "*" || lists(group.operations, operation);
  };
  const auto at = std::ranges::find_if(kGroups, holds);
  if (at == kGroups.end()) return std::nullopt;
  const bool by_body = service == Service::kms &&
                       std::ranges::find(kChoices, operation, &Choice::operation) != kChoices.end();
  return LimitRule{number_of(&*at), by_body};
}

std::uint16_t refine_limit(std::string_view operation,
                           const formats::JsonView& body,
                           std::uint16_t otherwise) {
  for (const Choice& choice : kChoices) {
    if (choice.operation != operation) continue;
    const auto member = body.find_value(choice.member);
    if (!member || member->kind() != formats::JsonKind::string) continue;
    const auto value = member->string();
    if (!value || !value->starts_with(choice.begins)) continue;
    return choice.group;
  }
  return otherwise;
}

Error too_many_requests(std::uint16_t group) {
  return {Code::exhausted,
          kGroups.at(group).service == kms
              ? "You have exceeded the rate at which you may call KMS. Reduce the frequency of "
                "your calls."
              : "Rate exceeded",
          "ThrottlingException"};
}

}  // namespace coffer::dialects::aws
