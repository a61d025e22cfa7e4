// PathDocument: a path-pattern policy document, the second policy language.
//
//   {"version": "1.0", "allowed_secrets": ["prod.db.*", "prod.api.**"],
//    "allowed_operations": ["read", "list"], "conditions": {...}, "max_ttl_seconds": 3600,
//    "deny": false, "name": "...", "description": "...", "reason": "..."}
//
// Patterns are dotted and match the segments of a secret's path: a literal segment, "*" for exactly
// one, "**" for any number including none. Without allowed_operations a document covers "read", a
// denying one every operation. A denying document (`deny`, also spelled `deny_policy`) denies what
// it covers while its conditions hold or cannot be told; an allowing one allows it only while they
// surely hold. max_ttl_seconds is one more condition. Immutable, safe to share.
//
// Operations, and the last words of the actions that each covers:
//   read delete undelete destroy rotate renew revoke          the same word
//   list                                                      list, scan
//   write                                                     write, create, update, patch
//   create                                                    create
//   update                                                    update, patch
#pragma once

#include "base/result.h"
#include "policy/access.h"
#include "policy/conditions.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

class PathDocument {
 public:
  // Errors are those of evaluator.h's compile_policy.
  static Result<PathDocument> compile(std::string_view text);

  [[nodiscard]] bool denies() const { return denies_; }

  // Why a denial is there, as its author said it; may be empty.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  [[nodiscard]] const Conditions& conditions() const { return conditions_; }

  // The pattern that covers the access, or null. Conditions are not looked at.
  [[nodiscard]] const std::string* covering_pattern(const Access& access) const;

 private:
  struct Pattern {
    std::string text;
    std::vector<std::string> segments;
  };

  PathDocument() = default;
  Result<> read(const formats::HclItem& item);
  Result<> read_secrets(const formats::HclItem& item);
  Result<> read_operations(const formats::HclItem& item);
  Result<> read_deny(const formats::HclItem& item);
  static Result<Pattern> parse_pattern(const formats::HclItem& item, std::string_view text);
  static Result<> check_version(const formats::HclItem& item);
  static bool matches(std::span<const std::string> pattern, std::span<const std::string> path);

  std::vector<Pattern> patterns_;
  std::vector<std::string_view> verbs_;  // last words of actions; of static duration
  bool every_verb_ = false;
  bool denies_ = false;
  std::string reason_;
  Conditions conditions_;
};

}  // namespace coffer::policy
