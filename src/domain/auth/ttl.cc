#include "domain/auth/ttl.h"

#include <algorithm>
#include <string>

namespace coffer::domain {

Grant grant_ttl(const TtlRules& rules, Duration asked, Timestamp created, Timestamp now) {
  Duration limit = rules.max_ttl;
  if (rules.explicit_max_ttl > Duration::zero()) limit = std::min(limit, rules.explicit_max_ttl);
  const bool periodic = rules.period > Duration::zero();
  Duration wanted = rules.default_ttl;
  if (periodic) {
    wanted = rules.period;
  } else if (asked > Duration::zero()) {
    wanted = asked;
  }
  Duration granted = std::min(wanted, limit);
  // A periodic token lives as long as it is renewed, unless it has an explicit maximum.
  const Duration lifetime = periodic ? rules.explicit_max_ttl : limit;
  if (lifetime > Duration::zero()) {
    granted = std::min(granted, std::max(created + lifetime - now, Duration::zero()));
  }
  return {granted, granted < wanted};
}

Result<> check_ttl(std::string_view field, Duration value) {
  if (value < Duration::zero()) {
    return fail(Code::invalid_argument, std::string(field) + " must not be negative");
  }
  if (value > kLongestTtl) return fail(Code::invalid_argument, std::string(field) + " is too long");
  return {};
}

}  // namespace coffer::domain
