// PathPattern: the path of one Vault rule, and the order in which matching patterns are preferred.
//
// A pattern is a path whose last character may be "*" (any rest, also none) and whose whole
// segments may be "+" (any one segment). "+" inside a segment is an ordinary character. Priority of
// two patterns that match the same path, as Vault documents it ("Priority matching" of the policies
// page): the one loses
//   1. whose first wildcard ("+" or trailing "*") stands earlier,
//   2. that ends in "*" when the other does not,
//   3. that has more "+" segments,
//   4. that is shorter,
//   5. that is smaller in byte order.
// A pattern without wildcards beats all with. The order is total: equal rank means equal patterns.
//
// Patterns and ranks borrow their text. Pure values.
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <string_view>

namespace coffer::policy {

inline constexpr std::size_t kMaxPatternSize = 512;

class PathPattern {
 public:
  PathPattern() = default;
  // `text` as it stands in a policy, without a leading slash.
  explicit PathPattern(std::string_view text);

  // What a policy may say: not empty or over 512 octets, no control character, no "+*", and "*"
  // only at the end.
  static Result<> check(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }

  // Without the trailing "*".
  [[nodiscard]] std::string_view stem() const {
    return glob_ ? text_.substr(0, text_.size() - 1) : text_;
  }

  [[nodiscard]] bool is_exact() const { return !glob_ && plus_segments_ == 0; }

  [[nodiscard]] bool is_prefix() const { return glob_ && plus_segments_ == 0; }

  [[nodiscard]] bool matches(std::string_view path) const;
  // Whether it could match some path that starts with `prefix`.
  [[nodiscard]] bool reaches_below(std::string_view prefix) const;

  // Greater is preferred.
  friend std::strong_ordering operator<=>(const PathPattern& a, const PathPattern& b);

  friend bool operator==(const PathPattern& a, const PathPattern& b) { return a.text_ == b.text_; }

 private:
  std::string_view text_;
  std::uint32_t first_wildcard_ = 0;  // the greatest number when there is none
  std::uint32_t plus_segments_ = 0;
  bool glob_ = false;
};

}  // namespace coffer::policy
