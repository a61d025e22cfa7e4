// What the dialect decides before any route: headers.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// There is one namespace; a client that asks for another must not get its data.
TEST(VaultDialect, RefusesNamespacesThatAreNotTheRoot) {
  TestGate gate;
  for (const std::string_view own : {"", "/", "root", "root/"}) {
    EXPECT_EQ(
        gate.call(
                "GET", "/v1/sys/mounts", "", gate.root(), {{"x-vault-namespace", std::string(own)}})
            .status,
        200)
        << own;
  }
  for (const std::string_view foreign : {"team-a", "team-a/", "root/team", "Root", "."}) {
    const TestAnswer answer = gate.call(
        "GET", "/v1/sys/mounts", "", gate.root(), {{"x-vault-namespace", std::string(foreign)}});
    EXPECT_EQ(answer.status, 400) << foreign;
    EXPECT_EQ(answer.body.find(foreign == "." ? "team" : foreign), std::string::npos);
  }
}

}  // namespace
}  // namespace coffer::dialects::vault
