// The evaluator: Accesses × policies → Decision with its reasons. Pure: no clock, no store, no I/O.
//
// A CompiledPolicy is one revision of one named policy, parsed once and immutable; it is shared
// between requests. decide() serves enforcement, capability look-ups, simulation and explanation
// alike: the reasons come from the code that enforces.
//
// Algebra (design §5). Vault ACL policies: the most specific matching path rule decides, merged
// over all policies that contain that same path pattern (capabilities united, deny on that pattern
// wins). Path-pattern documents: an explicit deny document that matches denies everything;
// otherwise any matching allow grants. IAM policies speak about accesses that have an IAM spelling:
// a statement that denies, of any of them (the principal's, the session's, the resource's, the
// key's or role's), denies everything. Result, when nothing denies:
//
//   (Vault ∪ documents ∪ IAM of the principal ∪ the resource's policy ∪ grant) ∩ session
//
// and where a key's or role's policy must consent, instead of the union: what that policy allows to
// the principal by name ∪ grant ∪ (all but the resource's policy, where it leaves that to the
// account). "root" grants everything within the session's limits and is marked as such. Unknown
// conditions and missing facts deny.
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
  iam = 3,       // IAM policy document (JSON) that can be attached to principals
};

// What an IAM policy document is attached to, which decides what it must say.
enum class IamKind : std::uint8_t {
  managed,   // has a name; principals refer to it: 6,144 characters
  embedded,  // in a user or role: 10,240
  session,   // given when a session begins: 2,048
  resource,  // of a secret; names principals: 20,480
  key,       // of a master key; names principals: 32,768
  trust,     // of a role; names principals and no resource, actions of sts only: 4,096
};

// Parses and checks `text`. Every unknown or ill-typed key is an error (invalid_argument) that
// names line and column, and no text but the language's own keys. Limits: 256 KiB, 4,096 rules, 512
// octets a pattern; for IAM (IamKind::managed) those above, white space not counted (too_large).
// `revision` and `name` are carried into reasons.
Result<PolicyPtr> compile_policy(std::string name,
                                 std::uint64_t revision,
                                 Language language,
                                 std::string_view text);
// The same for IAM policies that are attached to something. `name` is for people and the audit log:
// "key policy of KEYID", "trust policy of ROLE".
Result<PolicyPtr> compile_iam_policy(std::string name,
                                     std::uint64_t revision,
                                     IamKind kind,
                                     std::string_view text);
// The policy that grants everything.
PolicyPtr root_policy();

// Accessors for a CompiledPolicy without seeing its insides.
std::string_view policy_name(const CompiledPolicy& policy);
std::uint64_t policy_revision(const CompiledPolicy& policy);

struct Reason {
  std::string policy;  // name; empty when nothing matched
  std::uint64_t revision = 0;
  std::string rule;  // the pattern that decided; of IAM: the Sid, or "statement 2"
  std::string text;  // in plain words: "deny on secret/data/*", "no rule matches"
};

// Why an access was denied, in IAM's distinctions.
enum class Denial : std::uint8_t {
  none,            // it was allowed
  missing_policy,  // a policy is named and does not exist
  by_document,     // a path-pattern document denies
  by_identity,     // a statement of the principal's policies denies
  by_resource,     // a statement of the resource's, key's or role's policy denies
  by_session,      // a statement of the session's policies denies
  nothing_allows,  // no policy of the principal allows
  no_consent,      // the key's or role's policy does not consent
  beyond_session,  // the session's policies do not allow
};

struct Decision {
  bool allowed = false;
  bool root = false;  // granted by the root policy
  std::vector<Reason> reasons;
  Denial denial = Denial::none;
};

// AWS's sentence about a denied access that has an IAM spelling: "User: ARN is not authorized to
// perform: kms:Decrypt on resource: ARN because no identity-based policy allows the kms:Decrypt
// action". Holds names only.
std::string denial_text(const Access& access, const Facts& facts, Denial denial);

// One access under all of a principal's policies. A policy that the principal names but that does
// not exist is passed as a null pointer and denies everything (a hidden row must not widen access).
// `session`: policies that limit what the principal may do; none at all: there is no limit. Only
// IAM policies and "root" can allow there.
Decision decide(const Access& access,
                const Facts& facts,
                std::span<const PolicyPtr> policies,
                std::span<const PolicyPtr> session = {});

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
