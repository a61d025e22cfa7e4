// Short spellings for the tests of this folder.
#pragma once

#include "policy/evaluator.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::policy {

inline PolicyPtr compiled(Language language, std::string_view text, std::string name = "p") {
  auto policy = compile_policy(std::move(name), 7, language, text);
  if (!policy) {
    ADD_FAILURE() << policy.error().message << " in " << text;
    return nullptr;
  }
  return *policy;
}

inline PolicyPtr vault(std::string_view text, std::string name = "p") {
  return compiled(Language::vault, text, std::move(name));
}

inline PolicyPtr document(std::string_view text, std::string name = "d") {
  return compiled(Language::document, text, std::move(name));
}

// One rule: rule("secret/*", {"read", "list"}).
inline std::string rule(std::string_view path, std::initializer_list<std::string_view> names) {
  std::string out = "path \"" + std::string(path) + "\" { capabilities = [";
  for (const auto name : names) out += "\"" + std::string(name) + "\",";
  return out + "] }\n";
}

inline Access vault_access(Capability capability, std::string_view path) {
  Access out;
  out.path = path;
  out.capability = capability;
  return out;
}

inline Access secret_access(std::string_view action, std::vector<std::string> segments) {
  Access out;
  out.action = action;
  out.path = "secret/data/x";
  out.capability = Capability::read;
  out.secret_segments = std::move(segments);
  return out;
}

inline bool allows(const std::vector<PolicyPtr>& policies,
                   Capability capability,
                   std::string_view path,
                   const Facts& facts = {}) {
  return decide(vault_access(capability, path), facts, policies).allowed;
}

}  // namespace coffer::policy
