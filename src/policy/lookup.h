// The rules that decide a path for a verb, over several policies; the part of the evaluation that
// decide(), capabilities() and may_see_below() have in common.
#pragma once

#include "policy/evaluator.h"
#include "policy/vault_policy.h"

#include <span>
#include <string_view>

namespace coffer::policy {

// For every verb but list and scan: the best pattern that matches `path` exactly as it is spelled.
void find_rules(std::string_view path,
                const Facts& facts,
                std::span<const PolicyPtr> policies,
                Matches& matches);

// For list and scan, where "a/b" and "a/b/" name one directory. Vault lists under the second
// spelling:
//   1. an exact rule for "a/b/" decides, else an exact rule for "a/b";
//   2. else the best pattern that matches "a/b/" decides;
//   3. but a pattern that denies "a/b" and is better than it denies the listing too, so that no
//      trailing slash gets around a denial (GHSA-xp3c-3jw3-4vcr; stricter than Vault).
class ListLookup {
 public:
  ListLookup(std::string_view path, const Facts& facts, std::span<const PolicyPtr> policies);
  ListLookup(const ListLookup&) = delete;
  ListLookup& operator=(const ListLookup&) = delete;
  ~ListLookup() = default;

  [[nodiscard]] const Matches& matches() const { return use_bare_ ? bare_ : slashed_; }

 private:
  [[nodiscard]] bool bare_decides() const;

  Matches slashed_;
  Matches bare_;
  bool use_bare_ = false;
};

}  // namespace coffer::policy
