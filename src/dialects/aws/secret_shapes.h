// Input shapes of Secrets Manager, as its published model (2017-10-17) says them.
#pragma once

#include "dialects/aws/shape.h"

#include <array>
#include <string_view>

namespace coffer::dialects::aws::secret_shapes {

inline constexpr Member kSecretId{.name = "SecretId", .required = true, .min = 1, .max = 2048};
inline constexpr Member kToken{.name = "ClientRequestToken"};  // its length has a text of its own
inline constexpr Member kSecretString{
    .name = "SecretString", .min = 1, .max = 65536, .sensitive = true};
inline constexpr Member kSecretBinary{
    .name = "SecretBinary", .kind = Kind::blob, .min = 1, .max = 65536, .sensitive = true};
inline constexpr Member kNextToken{.name = "NextToken", .min = 1, .max = 4096};
inline constexpr Member kDescription{.name = "Description", .max = 2048};
inline constexpr Member kKmsKeyId{.name = "KmsKeyId", .max = 2048};
inline constexpr Member kType{.name = "Type", .max = 256};
inline constexpr Member kResourcePolicy{
    .name = "ResourcePolicy", .required = true, .min = 1, .max = 20480};

inline constexpr Member kTagMembers[] = {
    {.name = "Key", .min = 1, .max = 128},
    {.name = "Value", .max = 256},
};
inline constexpr Shape kTag{kTagMembers};
inline constexpr Member kTagItem{.kind = Kind::structure, .of = &kTag};

inline constexpr Member kRegionMembers[] = {
    {.name = "Region", .min = 1, .max = 128},
    {.name = "KmsKeyId", .max = 2048},
};
inline constexpr Shape kRegion{kRegionMembers};
inline constexpr Member kRegionItem{.kind = Kind::structure, .of = &kRegion};
inline constexpr Member kRegionName{.min = 1, .max = 128};

inline constexpr std::string_view kFilterKeys[] = {
    "all", "name", "tag-key", "description", "tag-value", "primary-region", "owning-service"};
inline constexpr Member kFilterValue{.max = 512};
inline constexpr Member kFilterMembers[] = {
    {.name = "Key", .values = kFilterKeys},
    {.name = "Values", .kind = Kind::list, .min = 1, .max = 10, .item = &kFilterValue},
};
inline constexpr Shape kFilter{kFilterMembers};
inline constexpr Member kFilterItem{.kind = Kind::structure, .of = &kFilter};

inline constexpr Member kRuleMembers[] = {
    // Days and the ARN have texts of their own.
    {.name = "AutomaticallyAfterDays",
     .kind = Kind::integer,
     .min = -1'000'000'000,
     .max = 1'000'000'000},
    {.name = "Duration", .min = 2, .max = 3, .pattern = "[0-9h]+", .alphabet = "0-9h"},
    {.name = "ScheduleExpression", .min = 1, .max = 256},
};
inline constexpr Shape kRules{kRuleMembers};

inline constexpr Member kStage{.min = 1, .max = 256};
inline constexpr Member kSecretIdItem{.min = 1, .max = 2048};
inline constexpr Member kTagKeyItem{.min = 1, .max = 128};

inline constexpr Member kCreateMembers[] = {
    {.name = "Name", .required = true, .min = 1, .max = 512},
    kToken,
    kDescription,
    kKmsKeyId,
    kSecretBinary,
    kSecretString,
    {.name = "Tags", .kind = Kind::list, .item = &kTagItem},
    {.name = "AddReplicaRegions", .kind = Kind::list, .min = 1, .item = &kRegionItem},
    {.name = "ForceOverwriteReplicaSecret", .kind = Kind::boolean},
    kType,
};
inline constexpr Shape kCreate{kCreateMembers};

inline constexpr Member kGetMembers[] = {
    kSecretId,
    {.name = "VersionId", .min = 32, .max = 64},
    {.name = "VersionStage", .min = 1, .max = 256},
};
inline constexpr Shape kGet{kGetMembers};

inline constexpr Member kBatchMembers[] = {
    {.name = "SecretIdList", .kind = Kind::list, .min = 1, .max = 20, .item = &kSecretIdItem},
    {.name = "Filters", .kind = Kind::list, .max = 10, .item = &kFilterItem},
    {.name = "MaxResults", .kind = Kind::integer, .min = 1, .max = 20},
    kNextToken,
};
inline constexpr Shape kBatch{kBatchMembers};

inline constexpr Member kPutMembers[] = {
    kSecretId,
    kToken,
    kSecretBinary,
    kSecretString,
    {.name = "VersionStages", .kind = Kind::list, .min = 1, .max = 20, .item = &kStage},
    {.name = "RotationToken",
     .min = 36,
     .max = 256,
     .pattern = "^[a-zA-Z0-9\\-]+$",
     .alphabet = "a-zA-Z0-9-",
     .sensitive = true},
};
inline constexpr Shape kPut{kPutMembers};

inline constexpr Member kUpdateMembers[] = {
    kSecretId, kToken, kDescription, kKmsKeyId, kSecretBinary, kSecretString, kType};
inline constexpr Shape kUpdate{kUpdateMembers};

inline constexpr Member kMoveMembers[] = {
    kSecretId,
    {.name = "VersionStage", .required = true, .min = 1, .max = 256},
    {.name = "RemoveFromVersionId", .min = 32, .max = 64},
    {.name = "MoveToVersionId", .min = 32, .max = 64},
};
inline constexpr Shape kMove{kMoveMembers};

inline constexpr Member kOneMembers[] = {kSecretId};
inline constexpr Shape kOne{kOneMembers};

inline constexpr std::string_view kOrders[] = {"asc", "desc"};
inline constexpr std::string_view kSortKeys[] = {
    "created-date", "last-accessed-date", "last-changed-date", "name"};
inline constexpr Member kListMembers[] = {
    {.name = "IncludePlannedDeletion", .kind = Kind::boolean},
    {.name = "MaxResults", .kind = Kind::integer, .min = 1, .max = 100},
    kNextToken,
    {.name = "Filters", .kind = Kind::list, .max = 10, .item = &kFilterItem},
    {.name = "SortOrder", .values = kOrders},
    {.name = "SortBy", .values = kSortKeys},
};
inline constexpr Shape kList{kListMembers};

inline constexpr Member kVersionsMembers[] = {
    kSecretId,
    {.name = "MaxResults", .kind = Kind::integer, .min = 1, .max = 100},
    kNextToken,
    {.name = "IncludeDeprecated", .kind = Kind::boolean},
};
inline constexpr Shape kVersions{kVersionsMembers};

inline constexpr Member kRotateMembers[] = {
    kSecretId,
    kToken,
    {.name = "RotationLambdaARN"},
    {.name = "RotationRules", .kind = Kind::structure, .of = &kRules},
    {.name = "ExternalSecretRotationRoleArn", .min = 20, .max = 2048},
    {.name = "RotateImmediately", .kind = Kind::boolean},
};
inline constexpr Shape kRotate{kRotateMembers};

inline constexpr Member kDeleteMembers[] = {
    kSecretId,
    {.name = "RecoveryWindowInDays", .kind = Kind::integer, .min = -1'000'000, .max = 1'000'000},
    {.name = "ForceDeleteWithoutRecovery", .kind = Kind::boolean},
};
inline constexpr Shape kDelete{kDeleteMembers};

inline constexpr Member kTagResourceMembers[] = {
    kSecretId,
    {.name = "Tags", .kind = Kind::list, .required = true, .item = &kTagItem},
};
inline constexpr Shape kTagResource{kTagResourceMembers};

inline constexpr Member kUntagMembers[] = {
    kSecretId,
    {.name = "TagKeys", .kind = Kind::list, .required = true, .item = &kTagKeyItem},
};
inline constexpr Shape kUntag{kUntagMembers};

inline constexpr Member kPutPolicyMembers[] = {
    kSecretId,
    kResourcePolicy,
    {.name = "BlockPublicPolicy", .kind = Kind::boolean},
};
inline constexpr Shape kPutPolicy{kPutPolicyMembers};

inline constexpr Member kValidateMembers[] = {
    {.name = "SecretId", .min = 1, .max = 2048},
    kResourcePolicy,
};
inline constexpr Shape kValidate{kValidateMembers};

inline constexpr Member kReplicateMembers[] = {
    kSecretId,
    {.name = "AddReplicaRegions",
     .kind = Kind::list,
     .required = true,
     .min = 1,
     .item = &kRegionItem},
    {.name = "ForceOverwriteReplicaSecret", .kind = Kind::boolean},
};
inline constexpr Shape kReplicate{kReplicateMembers};

inline constexpr Member kRemoveRegionsMembers[] = {
    kSecretId,
    {.name = "RemoveReplicaRegions",
     .kind = Kind::list,
     .required = true,
     .min = 1,
     .item = &kRegionName},
};
inline constexpr Shape kRemoveRegions{kRemoveRegionsMembers};

inline constexpr Member kPasswordMembers[] = {
    {.name = "PasswordLength", .kind = Kind::integer, .min = 1, .max = 4096},
    {.name = "ExcludeCharacters", .max = 4096},
    {.name = "ExcludeNumbers", .kind = Kind::boolean},
    {.name = "ExcludePunctuation", .kind = Kind::boolean},
    {.name = "ExcludeUppercase", .kind = Kind::boolean},
    {.name = "ExcludeLowercase", .kind = Kind::boolean},
    {.name = "IncludeSpace", .kind = Kind::boolean},
    {.name = "RequireEachIncludedType", .kind = Kind::boolean},
};
inline constexpr Shape kPassword{kPasswordMembers};

}  // namespace coffer::dialects::aws::secret_shapes
