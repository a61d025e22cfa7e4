// Shapes that operations of Parameter Store share. Source: the service's model (reference
// aws-shapes.md).
#pragma once

#include "dialects/aws/shape.h"

#include <array>
#include <string_view>

namespace coffer::dialects::aws::inline ssm_shapes {

// In the order in which AWS's texts name them.
inline constexpr std::array<std::string_view, 3> kParameterTypes{
    "SecureString", "StringList", "String"};
inline constexpr std::array<std::string_view, 3> kParameterTiers{
    "Standard", "Advanced", "Intelligent-Tiering"};

constexpr Member parameter_name_member(std::string_view name = "Name") {
  return {.name = name, .required = true, .min = 1, .max = 2048};
}

inline constexpr Member kParameterName{.min = 1, .max = 2048};
inline constexpr Member kParameterNames{.name = "Names",
                                        .kind = Kind::list,
                                        .required = true,
                                        .min = 1,
                                        .max = 10,
                                        .item = &kParameterName};
inline constexpr Member kWithDecryption{.name = "WithDecryption", .kind = Kind::boolean};
inline constexpr Member kSsmNextToken{.name = "NextToken"};

constexpr Member ssm_max_results(std::int64_t most) {
  return {.name = "MaxResults", .kind = Kind::integer, .min = 1, .max = most};
}

inline constexpr Member kSsmFilterValue{.min = 1, .max = 1024};

constexpr bool is_filter_key(std::string_view key) {
  if (key.starts_with("tag:")) return key.size() > 4;
  for (const std::string_view known :
       {"Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"}) {
    if (key == known) return true;
  }
  return false;
}

inline constexpr Member kSsmFilterMembers[] = {
    {.name = "Key",
     .required = true,
     .min = 1,
     .max = 132,
     .pattern = "tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType",
     .accepts = is_filter_key},
    {.name = "Option", .min = 1, .max = 10},
    {.name = "Values", .kind = Kind::list, .min = 1, .max = 50, .item = &kSsmFilterValue}};
inline constexpr Shape kSsmFilter{kSsmFilterMembers};
inline constexpr Member kSsmFilterItem{.kind = Kind::structure, .of = &kSsmFilter};
inline constexpr Member kParameterFilters{
    .name = "ParameterFilters", .kind = Kind::list, .item = &kSsmFilterItem};

inline constexpr Member kSsmTagMembers[] = {{.name = "Key", .required = true, .min = 1, .max = 128},
                                            {.name = "Value", .required = true, .max = 256}};
inline constexpr Shape kSsmTag{kSsmTagMembers};
inline constexpr Member kSsmTagItem{.kind = Kind::structure, .of = &kSsmTag};

constexpr Member ssm_tags_member(bool required) {
  return {
      .name = "Tags", .kind = Kind::list, .required = required, .max = 1000, .item = &kSsmTagItem};
}

}  // namespace coffer::dialects::aws::inline ssm_shapes
