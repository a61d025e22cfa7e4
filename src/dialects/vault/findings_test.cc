// Verification of a whole store finds nothing where nobody tampered: rows of every kind that has an
// index, as requests make them.
#include "dialects/vault/test_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

TEST(Verification, FindsNothingInRowsThatWereMadeByRequests) {
  TestGate gate;
  const auto ok = [&gate](std::string_view method, std::string_view target, std::string_view body) {
    const TestAnswer answer = gate.as_root(method, target, body);
    EXPECT_THAT(answer.status, testing::AnyOf(200, 204)) << target << answer.body;
    return answer;
  };
  ok("POST", "/v1/sys/mounts/pki", R"({"type":"pki"})");
  ok("POST", "/v1/pki/root/generate/internal", R"({"common_name":"Root","key_type":"ec"})");
  ok("POST", "/v1/pki/roles/web", R"({"allow_any_name":true,"key_type":"ec","ttl":"1h"})");
  const TestAnswer made = ok("POST", "/v1/pki/issue/web", R"({"common_name":"a.example.com"})");
  ok("POST",
     "/v1/pki/revoke",
     R"({"serial_number":")" + made.text("data", "serial_number") + R"("})");
  ok("POST", "/v1/sys/mounts/transit", R"({"type":"transit"})");
  ok("POST", "/v1/transit/keys/k", R"({"auto_rotate_period":"24h"})");
  ok("POST", "/v1/identity/group", R"({"name":"g","policies":"p"})");
  ok("POST", "/v1/identity/entity", R"({"name":"e"})");
  ok("POST", "/v1/auth/token/create", R"({"policies":"p"})");
  EXPECT_THAT(gate.findings(), testing::IsEmpty());
}

}  // namespace
}  // namespace coffer::dialects::vault
