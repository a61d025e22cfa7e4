// floor: policy
#include "policy/evaluator.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// Every decision has a reason, and no document allows an access that is not to a secret.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace policy = coffer::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto compiled = policy::compile_policy("fuzz", 1, policy::Language::document, text);
  if (!compiled) return 0;
  const std::vector<policy::PolicyPtr> policies{*compiled};
  policy::Facts facts;
  facts.now = {1'700'000'000'000'000'000};
  facts.source_ip = "10.0.0.1";
  policy::Access access;
  access.action = "secret.read";
  access.secret_segments = std::vector<std::string>{"prod", "db", "key"};
  if (policy::decide(access, facts, policies).reasons.empty()) std::abort();
  access.secret_segments.reset();
  if (policy::decide(access, facts, policies).allowed) std::abort();
  return 0;
}
