#include "domain/identity/aws_managed.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

constexpr std::string_view kAdministrator = R"({
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
})";

// Reading names and descriptions. Values of secrets and decrypted parameters are not among it, as
// they are not in AWS's policy (secretsmanager:GetSecretValue, kms:Decrypt).
constexpr std::string_view kReadOnly = R"({
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": [
      "iam:Get*", "iam:List*",
      "kms:Describe*", "kms:Get*", "kms:List*",
      "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
      "secretsmanager:List*",
      "ssm:Describe*", "ssm:Get*", "ssm:List*",
      "sts:GetAccessKeyInfo", "sts:GetCallerIdentity"
    ],
    "Resource": "*"
  }]
})";

constexpr std::string_view kSecretsReadWrite = R"({
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "BasePermissions",
    "Effect": "Allow",
    "Action": [
      "secretsmanager:*", "kms:DescribeKey", "kms:ListAliases", "kms:ListKeys"
    ],
    "Resource": "*"
  }]
})";

constexpr std::string_view kKeyPowerUser = R"({
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": [
      "kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:Describe*",
      "kms:GenerateRandom", "kms:Get*", "kms:List*", "kms:TagResource", "kms:UntagResource",
      "iam:ListGroups", "iam:ListRoles", "iam:ListUsers"
    ],
    "Resource": "*"
  }]
})";

constexpr std::string_view kSsmReadOnly = R"({
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
    "Resource": "*"
  }]
})";

constexpr std::string_view kSsmFull = R"({
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}]
})";

constexpr std::array<AwsManagedPolicy, 6> kPolicies{
    {{"AdministratorAccess",
      "ANPAIWMBCKSKIEE64ZLYK",
      "Provides full access to AWS services and resources.",
      kAdministrator},
     {"ReadOnlyAccess",
      "ANPAILL3HVNFSB6DCOWYQ",
      "Provides read-only access to AWS services and resources.",
      kReadOnly},
     {"SecretsManagerReadWrite",
      "ANPAJWVT43AHLADDEYDHI",
      "Provides read/write access to AWS Secrets Manager via the AWS Management Console.",
      kSecretsReadWrite},
     {"AWSKeyManagementServicePowerUser",
      "ANPAJNPP7PPPPMJRV2SA4",
      "Provides access to AWS Key Management Service (KMS).",
      kKeyPowerUser},
     {"AmazonSSMReadOnlyAccess",
      "ANPAJODSKQGGJTHRYZ5FC",
      "Provides read only access to Amazon SSM.",
      kSsmReadOnly},
     {"AmazonSSMFullAccess",
      "ANPAJA7V6HI4ISQFMDYAG",
      "Provides full access to Amazon SSM.",
      kSsmFull}}};

}  // namespace

std::span<const AwsManagedPolicy> aws_managed_policies() {
  return kPolicies;
}

const AwsManagedPolicy* find_aws_managed(std::string_view arn) {
  if (!arn.starts_with(kAwsManagedPrefix)) return nullptr;
  arn.remove_prefix(kAwsManagedPrefix.size());
  const auto at = std::ranges::find(kPolicies, arn, &AwsManagedPolicy::name);
  return at == kPolicies.end() ? nullptr : &*at;
}

}  // namespace coffer::domain
