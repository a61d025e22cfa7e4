// IdentityTemplate: a path pattern with {{identity...}} in it, resolved from Facts when an access
// is decided.
//
//   {{identity.entity.id}}  {{identity.entity.name}}  {{identity.entity.metadata.KEY}}
//   {{identity.entity.aliases.ACCESSOR.id}}  ...ACCESSOR.name}}  ...ACCESSOR.metadata.KEY}}
//   {{identity.groups.ids.ID.name}}  ...ID.metadata.KEY}}
//   {{identity.groups.names.NAME.id}}  ...NAME.metadata.KEY}}
//
// A group stands for itself only where the entity is in it. A group whose name has a dot cannot be
// named.
//
// Values are chosen by principals and identity providers, not by the policy's author. In a rule
// that grants, a value must therefore leave the pattern's shape alone: one that is missing, empty,
// "." or has "*", "+", "/", ",", "..", or a control character gives no pattern at all, and the rule
// matches nothing (GHSA-59w7-v8rr-pr4p). In a rule that denies, only a missing or empty value does
// so: an odd value must not switch a denial off, and widening one harms nobody but its principal.
//
// Immutable; safe to share between threads.
#pragma once

#include "base/result.h"
#include "policy/access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

class IdentityTemplate {
 public:
  enum class Use : std::uint8_t { grants, denies };

  // Whether `text` has a template in it at all.
  static bool is_in(std::string_view text) { return text.contains("{{"); }

  // invalid_argument for unbalanced braces and unknown variables.
  static Result<IdentityTemplate> parse(std::string_view text);

  [[nodiscard]] std::optional<std::string> resolve(const Facts& facts, Use use) const;

  // The pattern's shape: the text with every template replaced by "x", for checks at compile time.
  [[nodiscard]] std::string shape() const;

 private:
  enum class Field : std::uint8_t {
    none,  // literal only
    entity_id,
    entity_name,
    entity_metadata,
    alias_id,
    alias_name,
    alias_metadata,
    group_id,
    group_name,
    group_metadata,
  };

  // A literal, then the variable that follows it.
  struct Part {
    std::string literal;
    Field field = Field::none;
    std::string accessor;  // of an alias; or the id or the name of a group
    bool by_name = false;  // how `accessor` names a group
    std::string key;
  };

  static Result<> parse_variable(std::string_view variable, Part& part);
  static Result<> parse_alias(std::string_view variable, Part& part);
  static Result<> parse_group(std::string_view variable, Part& part);
  static const std::string* value_of(const Part& part, const Facts& facts);

  std::vector<Part> parts_;
};

}  // namespace coffer::policy
