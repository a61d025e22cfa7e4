// floor: domain/secrets
#include "domain/secrets/password_policy.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What is accepted makes passwords of a length within the limits, or none at all; never others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto random = coffer::crypto::seeded_random(1);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = coffer::domain::PasswordPolicy::parse(text);
  if (!policy || !policy->check(*random)) return 0;
  const auto password = policy->generate(*random);
  if (password && (password->size() < 4 || password->size() > 100)) std::abort();
  return 0;
}
