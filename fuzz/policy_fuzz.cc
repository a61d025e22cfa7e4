// floor: policy
#include "policy/evaluator.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// The first line is a path, the rest a policy. What is enforced must be what is looked up, and a
// missing policy beside it must deny.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace policy = coffer::policy;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const auto compiled = policy::compile_policy(
      "fuzz", 1, policy::Language::vault, input.substr(std::min(line + 1, size)));
  if (!compiled) return 0;
  policy::Facts facts;
  facts.entity_id = "e";
  facts.entity_name = input.substr(0, 8);
  policy::Access access;
  access.path = input.substr(0, line);
  access.parameters = policy::Parameters{coffer::formats::JsonView::parse(R"({"k":"v"})").value()};
  std::vector<policy::PolicyPtr> policies{*compiled};
  const auto names = policy::capabilities(access.path, facts, policies);
  for (const auto verb : {policy::Capability::read, policy::Capability::list}) {
    access.capability = verb;
    const bool held = std::ranges::find(names, policy::to_text(verb)) != names.end();
    if (policy::decide(access, facts, policies).allowed && !held) std::abort();
  }
  policy::may_see_below(access.path, facts, policies);
  policies.push_back(nullptr);
  if (policy::decide(access, facts, policies).allowed) std::abort();
  return 0;
}
