// The inputs of STS, after its model of 2011-06-15 (reference aws-shapes.md, sts).
#pragma once

#include "dialects/aws/shape.h"

#include <string_view>

namespace coffer::dialects::aws::inline sts_shapes {

inline constexpr std::string_view kNamePattern = R"([\w+=,.@-]*)";
inline constexpr std::string_view kNameAlphabet = "a-zA-Z0-9_+=,.@-";

inline constexpr Member kSessionTagMembers[] = {
    {.name = "Key", .required = true, .min = 1, .max = 128},
    {.name = "Value", .required = true, .max = 256},
};
inline constexpr Shape kSessionTag{kSessionTagMembers};
inline constexpr Member kSessionTagItem{.kind = Kind::structure, .of = &kSessionTag};
inline constexpr Member kPolicyArnMembers[] = {{.name = "arn", .min = 20, .max = 2048}};
inline constexpr Shape kPolicyArn{kPolicyArnMembers};
inline constexpr Member kPolicyArnItem{.kind = Kind::structure, .of = &kPolicyArn};
inline constexpr Member kTagKeyItem{.min = 1, .max = 128};

inline constexpr Member kRoleArnMember{.name = "RoleArn", .required = true, .min = 20, .max = 2048};
inline constexpr Member kRoleSessionNameMember{.name = "RoleSessionName",
                                               .required = true,
                                               .min = 2,
                                               .max = 64,
                                               .pattern = kNamePattern,
                                               .alphabet = kNameAlphabet};
inline constexpr Member kRoleDuration{
    .name = "DurationSeconds", .kind = Kind::integer, .min = 900, .max = 43'200};
inline constexpr Member kUserDuration{
    .name = "DurationSeconds", .kind = Kind::integer, .min = 900, .max = 129'600};
inline constexpr Member kPolicyArns{
    .name = "PolicyArns", .kind = Kind::list, .max = 10, .item = &kPolicyArnItem};
inline constexpr Member kSessionPolicy{.name = "Policy", .min = 1, .max = 65'536};
inline constexpr Member kSerialNumber{.name = "SerialNumber", .min = 9, .max = 256};
inline constexpr Member kTokenCode{.name = "TokenCode", .min = 6, .max = 6, .sensitive = true};
inline constexpr Member kTags{
    .name = "Tags", .kind = Kind::list, .max = 50, .item = &kSessionTagItem};

inline constexpr Member kAssumeRoleMembers[] = {
    kRoleArnMember,
    kRoleSessionNameMember,
    kPolicyArns,
    kSessionPolicy,
    kRoleDuration,
    kTags,
    {.name = "TransitiveTagKeys", .kind = Kind::list, .max = 50, .item = &kTagKeyItem},
    {.name = "ExternalId",
     .min = 2,
     .max = 1224,
     .pattern = R"([\w+=,.@:\/-]*)",
     .alphabet = "a-zA-Z0-9_+=,.@:/-"},
    kSerialNumber,
    kTokenCode,
    {.name = "SourceIdentity",
     .min = 2,
     .max = 64,
     .pattern = kNamePattern,
     .alphabet = kNameAlphabet},
};
inline constexpr Shape kAssumeRole{kAssumeRoleMembers};

inline constexpr Member kWebIdentityMembers[] = {
    kRoleArnMember,
    kRoleSessionNameMember,
    {.name = "WebIdentityToken", .required = true, .min = 4, .max = 20'000, .sensitive = true},
    {.name = "ProviderId", .min = 4, .max = 2048},
    kPolicyArns,
    {.name = "Policy", .min = 1, .max = 2048},
    kRoleDuration,
};
inline constexpr Shape kAssumeRoleWithWebIdentity{kWebIdentityMembers};

inline constexpr Member kSessionTokenMembers[] = {kUserDuration, kSerialNumber, kTokenCode};
inline constexpr Shape kGetSessionToken{kSessionTokenMembers};

inline constexpr Member kFederationMembers[] = {
    {.name = "Name",
     .required = true,
     .min = 2,
     .max = 32,
     .pattern = kNamePattern,
     .alphabet = kNameAlphabet},
    {.name = "Policy", .min = 1, .max = 2048},
    kPolicyArns,
    kUserDuration,
    kTags,
};
inline constexpr Shape kGetFederationToken{kFederationMembers};

inline constexpr Member kAccessKeyInfoMembers[] = {{.name = "AccessKeyId",
                                                    .required = true,
                                                    .min = 16,
                                                    .max = 128,
                                                    .pattern = R"([\w]*)",
                                                    .alphabet = "a-zA-Z0-9_"}};
inline constexpr Shape kGetAccessKeyInfo{kAccessKeyInfoMembers};

}  // namespace coffer::dialects::aws::inline sts_shapes
