// floor: domain/parameters
// What is accepted is bounded, and each policy's text is accepted again where it may stand alone.

#include "base/bytes.h"
#include "domain/parameters/parameter_policies.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffer::domain;
  const auto policies = parse_parameter_policies(coffer::as_text({data, size}));
  if (!policies) return 0;
  if (policies->all.size() > kMaxParameterPolicies) std::abort();
  for (const auto& policy : policies->all) {
    if (policy.type == "ExpirationNotification") continue;
    if (!parse_parameter_policies("[" + policy.text + "]")) std::abort();
  }
  return 0;
}
