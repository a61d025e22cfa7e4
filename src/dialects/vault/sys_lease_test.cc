// Leases of many tokens.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::dialects::vault {
namespace {

// Tokens of an hour that auth/many/login made, in units of a few.
void issue(TestGate& gate, std::size_t count) {
  constexpr std::size_t kUnit = 30;
  const gate::UnsealedPtr unsealed = gate.lifecycle.current();
  while (count > 0) {
    work::View view(*unsealed->rows, rows::kRootRealm, gate.clock.now(), *gate.random);
    for (std::size_t left = std::min(count, kUnit); left > 0; --left, --count) {
      domain::TokenSpec spec;
      spec.policies = {"default"};
      spec.path = "auth/many/login";
      spec.ttl = std::chrono::hours(1);
      TestGate::value(domain::Tokens(view).issue(std::move(spec)));
    }
    proof::Event event;
    event.type = proof::EventType::auth_token_created;
    event.outcome = proof::Outcome::allowed;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  }
}

std::size_t listed(const TestAnswer& answer) {
  const std::string keys = answer.text("data", "keys");
  return static_cast<std::size_t>(std::ranges::count(keys, ','));
}

constexpr std::string_view kLeases = "/v1/sys/leases/lookup/auth/many/login";

// More than one unit holds, with those whose time is over in the way of the others.
TEST(SysLeases, ARevokedPrefixIsRevokedWhole) {
  TestGate gate;
  issue(gate, 100);
  gate.clock.advance(std::chrono::hours(2));
  issue(gate, 100);
  EXPECT_EQ(listed(gate.as_root("LIST", kLeases)), 99U);
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/leases/revoke-prefix/auth/many", "{}").status, 204);
  EXPECT_EQ(gate.as_root("LIST", kLeases).status, 404);
}

}  // namespace
}  // namespace coffer::dialects::vault
