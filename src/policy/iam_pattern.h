// IamPattern: a text of an IAM policy with wildcards ("*" any run of characters, "?" one character)
// and policy variables: ${aws:username}, ${aws:PrincipalTag/team, 'none'}, and ${*} ${?} ${$} for
// the characters themselves.
//
// What stands for a variable is taken letter by letter: it never adds a wildcard. ArnPattern is
// split at the colons that its author wrote, so that it does not add parts either. Immutable, safe
// to share. Errors are invalid_argument without a position; the reader of the policy adds it.
#pragma once

#include "base/result.h"
#include "policy/conditions.h"
#include "policy/iam_keys.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::policy {

// What the syntax of a pattern has.
struct IamSyntax {
  bool wildcards = true;
  bool variables = true;  // documents of version 2012-10-17 have them
  bool caseless = false;  // ASCII
};

// Whether the value of a variable may hold "/": in the path of a resource it would name another
// folder than the author meant.
enum class Slashes : std::uint8_t { allowed, refused };

class IamPattern {
 public:
  static Result<IamPattern> parse(std::string_view text, IamSyntax syntax);

  // `unknown` when a variable has no value, several, or a refused one.
  [[nodiscard]] Verdict matches(std::string_view text, const IamKeys& keys, Slashes slashes) const;

  // A variable in it is known to be absent and has no default: it is nobody's folder.
  [[nodiscard]] bool lacks_value(const IamKeys& keys) const;

 private:
  struct Variable {
    std::size_t at = 0;  // in text_, before which it stands
    std::string key;     // lower case
    std::optional<std::string> fallback;
  };

  [[nodiscard]] std::optional<std::string> resolved(const IamKeys& keys, Slashes slashes) const;

  // With wildcards as the control characters 1 and 2, which no policy text has.
  std::string text_;
  std::vector<Variable> variables_;
  bool caseless_ = false;
};

// Six patterns for the parts of an ARN, or "*" for every resource, those without an ARN too.
class ArnPattern {
 public:
  static Result<ArnPattern> parse(std::string_view text, bool variables);

  [[nodiscard]] Verdict matches(std::string_view arn, const IamKeys& keys, Slashes slashes) const;
  [[nodiscard]] bool lacks_value(const IamKeys& keys) const;

 private:
  std::optional<std::array<IamPattern, 6>> parts_;  // absent: "*"
};

// The six parts of an ARN; the last may hold colons. nullopt: it is none.
std::optional<std::array<std::string_view, 6>> split_arn(std::string_view arn);

}  // namespace coffer::policy
