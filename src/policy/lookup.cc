#include "policy/lookup.h"

#include "policy/compiled.h"

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>

namespace coffer::policy {

void find_rules(std::string_view path,
                const Facts& facts,
                std::span<const PolicyPtr> policies,
                Matches& matches) {
  for (const auto& policy : policies) {
    if (policy == nullptr) continue;
    if (const VaultPolicy* const rules = policy->vault()) {
      rules->find(path, facts, *policy, matches);
    }
  }
}

ListLookup::ListLookup(std::string_view path,
                       const Facts& facts,
                       std::span<const PolicyPtr> policies) {
  std::array<std::byte, 512> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  std::pmr::string with_slash(&memory);
  std::string_view slashed = path;
  if (!path.ends_with('/')) {
    with_slash.reserve(path.size() + 1);
    with_slash.append(path).push_back('/');
    slashed = with_slash;
  }
  const std::string_view bare = slashed.substr(0, slashed.size() - 1);
  find_rules(slashed, facts, policies, slashed_);
  find_rules(bare, facts, policies, bare_);
  use_bare_ = bare_decides();
}

bool ListLookup::bare_decides() const {
  if (bare_.empty() || (!slashed_.empty() && slashed_.pattern().is_exact())) return false;
  if (bare_.pattern().is_exact()) return true;
  return bare_.denied() && (slashed_.empty() || bare_.pattern() > slashed_.pattern());
}

}  // namespace coffer::policy
