// The evaluator: Accesses × policies → Decision with its reasons. Pure: no clock, no store, no I/O.
//
// A CompiledPolicy is one revision of one named policy, parsed once and immutable; it is shared
// between requests. decide() serves enforcement, capability look-ups, simulation and explanation
// alike: the reasons come from the code that enforces.
//
// Algebra (design §5). Vault ACL policies: the most specific matching path rule decides, merged
// over all policies that contain that same path pattern (capabilities united, deny on that pattern
// wins). Path-pattern documents: an explicit deny document that matches denies everything;
// otherwise any matching allow grants. Result: allowed iff no document denies, and some Vault rule
// or some document grants. "root" grants everything and is marked as such. Unknown conditions and
// missing facts deny.
#pragma once

#include "base/result.h"
#include "policy/access.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

enum class Language : std::uint8_t {
  vault = 1,     // stored on disk: HCL or JSON with path rules
  document = 2,  // path-pattern document (JSON)
};

class CompiledPolicy;
using PolicyPtr = std::shared_ptr<const CompiledPolicy>;

// Parses and checks `text`. Every unknown or ill-typed key is an error (invalid_argument) that
// names line and column, and no text but the language's own keys. Limits: 256 KiB, 4,096 rules, 512
// octets a pattern. `revision` and `name` are carried into reasons.
Result<PolicyPtr> compile_policy(std::string name,
                                 std::uint64_t revision,
                                 Language language,
                                 std::string_view text);
// The policy that grants everything.
PolicyPtr root_policy();

// Accessors for a CompiledPolicy without seeing its insides.
std::string_view policy_name(const CompiledPolicy& policy);
std::uint64_t policy_revision(const CompiledPolicy& policy);

struct Reason {
  std::string policy;  // name; empty when nothing matched
  std::uint64_t revision = 0;
  std::string rule;  // the pattern that decided
  std::string text;  // in plain words: "deny on secret/data/*", "no rule matches"
};

struct Decision {
  bool allowed = false;
  bool root = false;  // granted by the root policy
  std::vector<Reason> reasons;
};

// One access under all of a principal's policies. A policy that the principal names but that does
// not exist is passed as a null pointer and denies everything (a hidden row must not widen access).
Decision decide(const Access& access, const Facts& facts, std::span<const PolicyPtr> policies);

// The capabilities on `path`, sorted by name as Vault prints them: {"deny"} when there are none,
// {"root"} for root. `secret`: where the path is a secret's, the accesses that requests for it
// need, one for each capability that documents may give or take.
std::vector<std::string> capabilities(std::string_view path,
                                      const Facts& facts,
                                      std::span<const PolicyPtr> policies,
                                      std::span<const Access> secret = {});

// Whether any rule could grant anything at or below `prefix` (Vault's mount visibility).
bool may_see_below(std::string_view prefix,
                   const Facts& facts,
                   std::span<const PolicyPtr> policies);

}  // namespace coffer::policy
