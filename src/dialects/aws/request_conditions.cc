#include "dialects/aws/request_conditions.h"

#include "base/time_text.h"
#include "dialects/aws/params.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

using formats::JsonView;

struct MemberKey {
  Service service;
  std::string_view member;
  std::string_view key;
  std::string_view operations = {};  // how their names begin; empty: any that has the member
  std::string_view otherwise = {};   // what a request without it gets; empty: nothing
};

constexpr Service kKms = Service::kms;
constexpr Service kSecrets = Service::secrets_manager;

constexpr std::array kMemberKeys{
    MemberKey{kKms, "EncryptionAlgorithm", "kms:EncryptionAlgorithm", "", "SYMMETRIC_DEFAULT"},
    MemberKey{kKms, "SigningAlgorithm", "kms:SigningAlgorithm"},
    MemberKey{kKms, "MacAlgorithm", "kms:MacAlgorithm"},
    MemberKey{kKms, "KeyAgreementAlgorithm", "kms:KeyAgreementAlgorithm"},
    MemberKey{kKms, "MessageType", "kms:MessageType", "", "RAW"},
    MemberKey{kKms, "KeyPairSpec", "kms:DataKeyPairSpec"},
    MemberKey{kKms, "GranteePrincipal", "kms:GranteePrincipal", "CreateGrant"},
    MemberKey{kKms, "RetiringPrincipal", "kms:RetiringPrincipal", "CreateGrant"},
    MemberKey{kKms, "PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays", "", "30"},
    MemberKey{kKms, "RotationPeriodInDays", "kms:RotationPeriodInDays", "", "365"},
    MemberKey{
        kKms, "BypassPolicyLockoutSafetyCheck", "kms:BypassPolicyLockoutSafetyCheck", "", "false"},
    MemberKey{kKms, "ExpirationModel", "kms:ExpirationModel", "", "KEY_MATERIAL_EXPIRES"},
    MemberKey{kKms, "ValidTo", "kms:ValidTo"},
    MemberKey{kKms, "KeyUsage", "kms:KeyUsage", "CreateKey", "ENCRYPT_DECRYPT"},
    MemberKey{kKms, "Origin", "kms:KeyOrigin", "CreateKey", "AWS_KMS"},
    MemberKey{kKms, "MultiRegion", "kms:MultiRegion", "CreateKey", "false"},
    MemberKey{kKms, "WrappingAlgorithm", "kms:WrappingAlgorithm"},
    MemberKey{kKms, "WrappingKeySpec", "kms:WrappingKeySpec"},
    MemberKey{kSecrets, "Name", "secretsmanager:Name"},
    MemberKey{kSecrets, "Description", "secretsmanager:Description"},
    MemberKey{kSecrets, "KmsKeyId", "secretsmanager:KmsKeyId"},
    MemberKey{kSecrets, "VersionId", "secretsmanager:VersionId"},
    MemberKey{kSecrets, "VersionStage", "secretsmanager:VersionStage"},
    MemberKey{kSecrets, "RotationLambdaARN", "secretsmanager:RotationLambdaARN"},
    MemberKey{kSecrets, "ForceDeleteWithoutRecovery", "secretsmanager:ForceDeleteWithoutRecovery"},
    MemberKey{kSecrets, "RecoveryWindowInDays", "secretsmanager:RecoveryWindowInDays"},
    MemberKey{kSecrets, "BlockPublicPolicy", "secretsmanager:BlockPublicPolicy"},
    MemberKey{Service::ssm, "Recursive", "ssm:Recursive", "GetParametersByPath", "false"},
    MemberKey{Service::ssm, "Overwrite", "ssm:Overwrite", "PutParameter", "false"},
    MemberKey{Service::iam, "PolicyArn", "iam:PolicyARN", "Attach"},
    MemberKey{Service::iam, "PolicyArn", "iam:PolicyARN", "Detach"},
    MemberKey{Service::sts, "ExternalId", "sts:ExternalId"},
    MemberKey{Service::sts, "SourceIdentity", "sts:SourceIdentity"},
};

const Member* member_of(const Shape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.members, name, &Member::name);
  return found == shape.members.end() ? nullptr : &*found;
}

Result<std::string> text_of(const Member& member, const JsonView& value) {
  if (member.kind == Kind::integer) {
    COFFER_TRY(const std::int64_t number, integer_of(value, member.name));
    return std::to_string(number);
  }
  if (member.kind == Kind::boolean) {
    COFFER_TRY(const bool given, boolean_of(value, member.name));
    return std::string(given ? "true" : "false");
  }
  if (member.kind == Kind::timestamp) {
    COFFER_TRY(const Timestamp moment, timestamp_of(value, member.name));
    return rfc3339(moment);
  }
  return value.string();
}

}  // namespace

RequestConditions::RequestConditions(Service service,
                                     std::string_view operation,
                                     const Shape& shape)
    : service_(service), tags_(member_of(shape, "Tags")), tag_keys_(member_of(shape, "TagKeys")) {
  for (const MemberKey& row : kMemberKeys) {
    if (row.service != service || !operation.starts_with(row.operations)) continue;
    if (const Member* member = member_of(shape, row.member)) {
      known_.push_back({.member = member, .key = row.key, .otherwise = row.otherwise});
    }
  }
}

Result<> RequestConditions::add(const JsonView& body, std::vector<policy::Access>& accesses) const {
  policy::IamContext said;
  COFFER_CHECK(add_tags(body, said));
  for (const Known& known : known_) {
    const auto given = body.find_value(known.member->name);
    if (given) {
      COFFER_TRY(std::string text, text_of(*known.member, *given));
      said.add(known.key, std::move(text));
    } else if (!known.otherwise.empty()) {
      said.add(known.key, std::string(known.otherwise));
    }
  }
  if (said.empty()) return {};
  const std::string own = std::string(facts_of(service_).name) + ":";
  for (policy::Access& access : accesses) {
    if (access.iam && access.iam->action.starts_with(own)) access.iam->context.set_all(said);
  }
  return {};
}

// Tags whose keys differ by their case are several values of one key.
Result<> RequestConditions::add_tags(const JsonView& body, policy::IamContext& out) const {
  if (tags_ != nullptr) {
    // KMS has words of its own.
    const bool kms = service_ == Service::kms;
    for (const JsonView& tag : items(body, tags_->name)) {
      COFFER_TRY(std::string key, text_or_empty(tag, kms ? "TagKey" : "Key"));
      COFFER_TRY(std::string value, text_or_empty(tag, kms ? "TagValue" : "Value"));
      out.add("aws:RequestTag/" + key, std::move(value));
      out.add("aws:TagKeys", std::move(key));
    }
  }
  if (tag_keys_ == nullptr) return {};
  COFFER_TRY(const auto keys, texts(body, tag_keys_->name));
  for (const std::string& key : keys) out.add("aws:TagKeys", key);
  return {};
}

}  // namespace coffer::dialects::aws
