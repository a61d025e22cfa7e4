// Members that the shapes of many KMS operations have in common (reference aws-shapes.md).
#pragma once

#include "dialects/aws/shape.h"

#include <array>
#include <string_view>

namespace coffer::dialects::aws::inline kms_shapes {

constexpr Member key_id_member(std::string_view name = "KeyId", bool required = true) {
  return {.name = name, .required = required, .min = 1, .max = 2048};
}

inline constexpr Member kGrantToken{.min = 1, .max = 8192};
inline constexpr Member kGrantTokens{
    .name = "GrantTokens", .kind = Kind::list, .max = 10, .item = &kGrantToken};
inline constexpr Member kDryRun{.name = "DryRun", .kind = Kind::boolean};
inline constexpr Member kText{};

constexpr Member context_member(std::string_view name = "EncryptionContext") {
  return {.name = name, .kind = Kind::map, .item = &kText};
}

inline constexpr Member kLimit{.name = "Limit", .kind = Kind::integer, .min = 1, .max = 1000};
inline constexpr Member kMarker{.name = "Marker", .min = 1, .max = 1024};

inline constexpr std::array<std::string_view, 4> kEncryptionAlgorithms{
    "SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"};

constexpr Member encryption_algorithm(std::string_view name = "EncryptionAlgorithm") {
  return {.name = name, .values = kEncryptionAlgorithms};
}

inline constexpr std::array<Member, 2> kTagMembers{
    Member{.name = "TagKey", .required = true, .min = 1, .max = 128},
    Member{.name = "TagValue", .required = true, .max = 256}};
inline constexpr Shape kTag{kTagMembers};
inline constexpr Member kTagItem{.kind = Kind::structure, .of = &kTag};

constexpr Member tags_member(bool required = false) {
  return {.name = "Tags", .kind = Kind::list, .required = required, .item = &kTagItem};
}

inline constexpr Member kPolicy{.name = "Policy", .min = 1, .max = 131'072};
inline constexpr Member kDescription{.name = "Description", .max = 8192};

inline constexpr std::array<Member, 1> kKeyIdMembers{key_id_member()};
inline constexpr Shape kKeyIdShape{kKeyIdMembers};

constexpr Member blob_member(std::string_view name, std::int64_t max, bool sensitive = false) {
  return {.name = name,
          .kind = Kind::blob,
          .required = true,
          .min = 1,
          .max = max,
          .sensitive = sensitive};
}

}  // namespace coffer::dialects::aws::inline kms_shapes
