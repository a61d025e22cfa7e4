#include "domain/kms/rewrap_source.h"

#include <string>

namespace coffer::domain {

Result<std::size_t> dependents(work::View& view,
                               std::span<RewrapSource* const> sources,
                               ByteView key_uid) {
  std::size_t count = 0;
  for (RewrapSource* const source : sources) {
    COFFER_TRY(const auto named,
               source->below(view, key_uid, kEveryVersion, kMostDependents - count));
    count += named.size();
    if (count == kMostDependents) break;
  }
  return count;
}

Result<> check_no_dependents(work::View& view,
                             std::span<RewrapSource* const> sources,
                             ByteView key_uid) {
  COFFER_TRY(const std::size_t count, dependents(view, sources, key_uid));
  if (count == 0) {
    for (RewrapSource* const source : sources) source->rely_on_none(view, key_uid);
    return {};
  }
  std::string who = std::to_string(count);
  who += count == 1                 ? " secret is"
         : count == kMostDependents ? " or more secrets are"
                                    : " secrets are";
  return fail(Code::precondition_failed,
              who + " still encrypted under this key: give them another key or destroy them first");
}

}  // namespace coffer::domain
