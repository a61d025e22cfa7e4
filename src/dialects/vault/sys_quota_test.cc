#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kQuota = "/v1/sys/quotas/rate-limit/q";

TEST(SysQuotas, LimitARateUntilTheyAreTakenAway) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv"})").status, 204);
  ASSERT_EQ(gate.as_root("POST", kQuota, R"({"path":"kv/","rate":2,"interval":"60s"})").status,
            204);
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/a").status, 404);
  EXPECT_EQ(gate.call("GET", "/v1/kv/a", "", "").status, 403) << "strangers count as well";
  const TestAnswer refused = gate.as_root("GET", "/v1/kv/a");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error(), "request path \"kv/a\": rate limit quota exceeded");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts").status, 200);
  gate.source = "192.0.2.9";
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/a").status, 404) << "another address";
  gate.source = "127.0.0.1";
  EXPECT_EQ(gate.as_root("DELETE", kQuota).status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/a").status, 404);
}

TEST(SysQuotas, AreShownAsTheyWereGiven) {
  TestGate gate;
  EXPECT_EQ(gate.as_root("GET", kQuota).status, 404);
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/quotas/rate-limit").status, 404);
  ASSERT_EQ(
      gate.as_root("POST", kQuota, R"({"rate":"1000.25","block_interval":60,"role":""})").status,
      204);
  EXPECT_EQ(gate.as_root("GET", kQuota).text("data"),
            R"({"name":"q","type":"rate-limit","path":"","rate":1000.25,"interval":1,)"
            R"("block_interval":60,"role":"","inheritable":false})");
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/quotas/rate-limit").text("data", "keys"), R"(["q"])");
  ASSERT_EQ(
      gate.as_root("POST", "/v1/sys/quotas/config", R"({"rate_limit_exempt_paths":["sys/health"]})")
          .status,
      204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/quotas/config").text("data", "rate_limit_exempt_paths"),
            R"(["sys/health"])");
}

TEST(SysQuotas, RefuseWhatTheyWouldNotKeep) {
  TestGate gate;
  for (const std::string_view bad : {R"({})",
                                     R"({"rate":0})",
                                     R"({"rate":-1})",
                                     R"({"rate":"nan"})",
                                     R"({"rate":"1e99"})",
                                     R"({"rate":1,"role":"ci"})",
                                     R"({"rate":1,"inheritable":true})",
                                     R"({"rate":1,"type":"lease-count"})",
                                     R"({"rate":1,"interval":"48h"})",
                                     R"({"rate":1,"path":"/kv"})"}) {
    EXPECT_EQ(gate.as_root("POST", kQuota, bad).status, 400) << bad;
  }
  EXPECT_EQ(
      gate.as_root(
              "POST", "/v1/sys/quotas/config", R"({"enable_rate_limit_response_headers":true})")
          .status,
      400);
}

}  // namespace
}  // namespace coffer::dialects::vault
