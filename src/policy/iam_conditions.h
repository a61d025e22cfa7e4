// IamConditions: the Condition element of an IAM statement.
//
//   {"StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}, "Bool": {"aws:SecureTransport":
//   "true"}}
//
// All operators and keys must hold; of several values one must match, of a negated operator none.
// Operators: String{Equals,NotEquals,EqualsIgnoreCase,NotEqualsIgnoreCase,Like,NotLike},
// Numeric… and Date{Equals,NotEquals,LessThan,LessThanEquals,GreaterThan,GreaterThanEquals}, Bool,
// BinaryEquals, IpAddress, NotIpAddress, Arn{Equals,Like,NotEquals,NotLike}, Null; each but Null
// with "IfExists" behind it and with "ForAllValues:" or "ForAnyValue:" before it.
//
// An absent key: the condition does not hold; it holds when the operator is negated, IfExists or
// ForAllValues, as with AWS. `unknown`, which neither allows nor keeps a denial from applying: the
// key is unknown (iam_keys.h), a value of the request cannot be read, an operator without a
// quantifier meets several values, or a policy variable has no value. Immutable, safe to share.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "formats/cidr.h"
#include "formats/hcl.h"
#include "policy/iam_keys.h"
#include "policy/iam_pattern.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace coffer::policy {

class IamConditions {
 public:
  // Of the Condition item; `variables`: the document's version has policy variables.
  Result<> read(const formats::HclItem& item, bool variables);

  // A condition that is surely unmet outweighs one that is unknown.
  [[nodiscard]] Verdict evaluate(const IamKeys& keys) const;

 private:
  enum class Kind : std::uint8_t {
    text,
    text_caseless,
    like,
    number,
    date,
    boolean,
    binary,
    ip,
    arn,
    null
  };
  enum class Order : std::uint8_t { equal, less, less_equal, greater, greater_equal };
  enum class Quantifier : std::uint8_t { one, all, any };

  struct Operator {
    std::string_view name;
    Kind kind = Kind::text;
    bool negated = false;
    Order order = Order::equal;
  };

  using Value = std::variant<IamPattern, ArnPattern, double, Timestamp, bool, Bytes, formats::Cidr>;

  struct Condition {
    Operator op;
    Quantifier quantifier = Quantifier::one;
    bool if_exists = false;
    std::string key;  // lower case
    std::vector<Value> values;

    [[nodiscard]] Verdict evaluate(const IamKeys& keys) const;
    [[nodiscard]] Verdict evaluate_absent() const;
    [[nodiscard]] Verdict test(const std::string& text, const IamKeys& keys) const;
  };

  static const Operator* find_operator(std::string_view name);
  Result<> read_operator(const formats::HclItem& item, bool variables);
  static Result<Value> read_value(const Operator& op, const std::string& text, bool variables);
  static Verdict compare(const Operator& op,
                         const Value& value,
                         const std::string& text,
                         const IamKeys& keys);

  std::vector<Condition> conditions_;
};

}  // namespace coffer::policy
