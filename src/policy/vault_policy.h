// VaultPolicy: the path rules of one Vault ACL policy, indexed for look-up, and Matches: the rules
// of one pattern, over several policies, that decide a path.
//
// Look-up costs one hash for exact paths, a binary search for prefixes, and one pass over the rules
// with "+" or identity templates that stops at the first match; without templates it allocates
// nothing. A VaultPolicy is immutable and safe to share; Matches borrows from policies and path and
// lives on the stack of one decision.
#pragma once

#include "policy/access.h"
#include "policy/constraints.h"
#include "policy/identity_template.h"
#include "policy/path_pattern.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coffer::policy {

class CompiledPolicy;

using CapabilityBits = std::uint16_t;

constexpr CapabilityBits bit(Capability capability) {
  return static_cast<CapabilityBits>(capability);
}

struct PathRule {
  std::string text;                          // the pattern as written, without a leading slash
  std::optional<IdentityTemplate> identity;  // when it has templates
  CapabilityBits capabilities = 0;           // deny stands alone
  Constraints constraints;
  PathPattern pattern;  // of `text`; set by VaultPolicy

  [[nodiscard]] bool denies() const { return (capabilities & bit(Capability::deny)) != 0; }
};

class Matches {
 public:
  struct Match {
    const CompiledPolicy* policy;
    const PathRule* rule;
  };

  Matches() : found_(&memory_) {}

  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() = default;

  // Keeps the rule if no better pattern was offered before; equal patterns are kept together.
  void offer(const PathPattern& pattern, Match match);
  // The same for a pattern that was made for this decision and must be kept alive.
  void offer_resolved(std::string text, Match match);

  [[nodiscard]] bool empty() const { return found_.empty(); }

  [[nodiscard]] const PathPattern& pattern() const { return pattern_; }

  [[nodiscard]] const std::pmr::vector<Match>& all() const { return found_; }

  // United over all; deny alone when any denies.
  [[nodiscard]] CapabilityBits capabilities() const;

  [[nodiscard]] bool denied() const { return capabilities() == bit(Capability::deny); }

 private:
  std::array<std::byte, 512> buffer_;
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  std::pmr::vector<Match> found_;
  std::forward_list<std::string> resolved_;
  PathPattern pattern_;
};

class VaultPolicy {
 public:
  // The rules must have distinct texts.
  explicit VaultPolicy(std::vector<PathRule> rules);
  VaultPolicy(VaultPolicy&&) = default;
  VaultPolicy& operator=(VaultPolicy&&) = default;
  VaultPolicy(const VaultPolicy&) = delete;
  VaultPolicy& operator=(const VaultPolicy&) = delete;
  ~VaultPolicy() = default;

  // Offers every rule of this policy that could be the best for `path`.
  void find(std::string_view path,
            const Facts& facts,
            const CompiledPolicy& self,
            Matches& matches) const;

  [[nodiscard]] const std::vector<PathRule>& rules() const { return rules_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Prefix {
    std::string_view stem;
    const PathRule* rule;
    std::uint32_t parent;  // the longest other prefix that this one starts with, or kNone
  };

  void link_prefixes();
  [[nodiscard]] const PathRule* longest_prefix(std::string_view path) const;

  std::vector<PathRule> rules_;  // the indexes below point into it; never changed
  std::unordered_map<std::string_view, const PathRule*> exact_;
  std::vector<Prefix> prefixes_;           // in byte order
  std::vector<const PathRule*> wildcard_;  // best first
  std::vector<const PathRule*> templated_;
};

}  // namespace coffer::policy
