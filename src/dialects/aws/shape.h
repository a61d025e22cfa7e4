// Shapes: what a request of an AWS API may look like, as the services' published models say it.
//
// A shape is a constexpr table, one Member a line:
//
//   constexpr Member kDecryptMembers[] = {
//       {.name = "CiphertextBlob", .kind = Kind::blob, .required = true, .min = 1, .max = 6144},
//       {.name = "KeyId", .min = 1, .max = 2048},
//       {.name = "GrantTokens", .kind = Kind::list, .max = 10, .item = &kGrantToken},
//   };
//   constexpr Shape kDecrypt{kDecryptMembers};
//
// check_shape() refuses with AWS's own texts ("1 validation error detected: Value '0' at
// 'numberOfBytes' failed to satisfy constraint: …") under the name ValidationException, all
// breaches in one message; a value of another JSON kind under SerializationException. Members that
// the shape does not know are ignored, as AWS does: newer clients send them. Sensitive values are
// never repeated, others only up to kMaxEcho octets. Numbers and booleans of the query protocol
// arrive as text and count as what their text says. Pure functions over constant data.
// Texts: reference aws-errors-observed.md.
#pragma once

#include "base/result.h"
#include "formats/json.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace coffer::dialects::aws {

enum class Kind : std::uint8_t { text, blob, integer, boolean, timestamp, list, map, structure };

struct Shape;

inline constexpr std::int64_t kNoMax = std::numeric_limits<std::int64_t>::max();
inline constexpr std::size_t kMaxEcho = 2048;

struct Member {
  std::string_view name = {};
  Kind kind = Kind::text;
  bool required = false;
  // Of the length of a text (characters), a blob (octets), a list or a map (entries), or of a
  // number.
  std::int64_t min = 0;
  std::int64_t max = kNoMax;
  std::span<const std::string_view> values = {};  // of an enumeration
  // The pattern as AWS prints it, and the characters that it allows, as in a bracket expression:
  // "a-zA-Z0-9/_-" (the last '-' is itself). Empty: any.
  std::string_view pattern = {};
  std::string_view alphabet = {};
  // What the pattern means, where no alphabet says it.
  bool (*accepts)(std::string_view) = nullptr;
  const Shape* of = nullptr;     // of a structure
  const Member* item = nullptr;  // of a list's items, or of a map's values
  bool sensitive = false;
};

struct Shape {
  std::span<const Member> members = {};
};

inline constexpr Shape kNoInput{};

// `body`: an object, or null for a request without a body.
Result<> check_shape(const Shape& shape, const formats::JsonView& body);

}  // namespace coffer::dialects::aws
