// host-info, step-down, the settings that do not exist, counters and tools.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

TEST(SysHost, TellsOfTheMachine) {
  TestGate gate;
  const TestAnswer info = gate.as_root("GET", "/v1/sys/host-info");
  EXPECT_EQ(info.text("data", "host", "os"), "linux") << info.body;
  EXPECT_FALSE(info.text("data", "host", "hostname").empty());
  EXPECT_GT(std::stoll(info.text("data", "memory", "total")), 0);
  EXPECT_GT(std::stoll(info.text("data", "cpu_count")), 0);
}

TEST(SysHost, StandsAloneAndDoesNotPretendToBeSet) {
  TestGate gate;
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/step-down").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/mounts").status, 200) << "still serving";
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/config/cors").text("enabled"), "false");
  const std::string_view body = R"({"allowed_origins":"*"})";
  EXPECT_EQ(gate.as_root("PUT", "/v1/sys/config/cors", body).status, 400);
  EXPECT_EQ(gate.as_root("DELETE", "/v1/sys/config/cors").status, 204);
  const std::string headers = "/v1/sys/config/auditing/request-headers";
  EXPECT_EQ(gate.as_root("GET", headers).text("headers"), "{}");
  EXPECT_EQ(gate.as_root("PUT", headers + "/x-a", R"({"hmac":true})").status, 400);
  EXPECT_EQ(gate.as_root("GET", headers + "/x-a").status, 400);
}

TEST(SysInFlight, ShowsWhatIsBeingServedToThoseWithSudo) {
  TestGate gate;
  const TestAnswer shown = gate.as_root("GET", "/v1/sys/in-flight-req?x=secret");
  const auto parsed = formats::JsonView::parse(shown.body);
  ASSERT_TRUE(parsed);
  const auto requests = parsed->members();
  ASSERT_EQ(requests.size(), 1U) << "this request itself, and none that is done: " << shown.body;
  EXPECT_EQ(requests[0].first.size(), 36U);
  const std::string& id = requests[0].first;
  EXPECT_EQ(shown.text(id, "request_path"), "/v1/sys/in-flight-req");
  EXPECT_EQ(shown.text(id, "request_method"), "GET");
  EXPECT_EQ(shown.text(id, "client_remote_address"), "127.0.0.1");
  EXPECT_FALSE(shown.text(id, "start_time").empty());
  const std::string reader = gate.token_with(R"(path "sys/*" { capabilities = ["read"] })");
  EXPECT_EQ(gate.call("GET", "/v1/sys/in-flight-req", "", reader).status, 403);
}

TEST(SysCounters, CountTokensAndEntities) {
  TestGate gate;
  const std::string tokens = "/v1/sys/internal/counters/tokens";
  const auto count = [&] {
    return gate.as_root("GET", tokens).text("data", "counters", "service_tokens", "total");
  };
  EXPECT_EQ(count(), "1");
  gate.as_root("POST", "/v1/auth/token/create", "{}");
  EXPECT_EQ(count(), "2");
  gate.as_root("POST", "/v1/identity/entity", "{}");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/internal/counters/entities")
                .text("data", "counters", "entities", "total"),
            "1");
  EXPECT_EQ(
      gate.as_root("GET", "/v1/sys/leases/count?type=irrevocable").text("data", "lease_count"),
      "0");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/leases/count").status, 400);
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/leases/tidy").status, 202);
}

TEST(SysPlugins, AreTheEnginesThatCanBeMounted) {
  TestGate gate;
  const TestAnswer catalog = gate.as_root("GET", "/v1/sys/plugins/catalog");
  EXPECT_EQ(catalog.text("data", "auth"), R"(["approle","cert","userpass"])") << catalog.body;
  EXPECT_EQ(catalog.text("data", "secret"), R"(["kv","transit"])");
  for (const std::string_view type : {"approle", "userpass"}) {
    const std::string body = R"({"type":")" + std::string(type) + R"("})";
    EXPECT_EQ(gate.as_root("POST", "/v1/sys/auth/x" + std::string(type), body).status, 204) << type;
  }
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/plugins/catalog/secret").text("data", "keys"),
            R"(["kv","transit"])");
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/plugins/catalog/database").status, 404);
  EXPECT_EQ(gate.as_root("LIST", "/v1/sys/plugins/catalog/other").status, 400);
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/plugins/catalog/auth/userpass").text("data", "builtin"),
            "true");
  EXPECT_EQ(gate.as_root("GET", "/v1/sys/plugins/catalog/auth/ldap").status, 404);
}

TEST(SysTools, MakeRandomOctetsAndHashes) {
  TestGate gate;
  const auto hex = [&](std::string_view target, std::string_view body) {
    return gate.as_root("POST", target, body).text("data", "random_bytes");
  };
  EXPECT_EQ(hex("/v1/sys/tools/random/16", R"({"format":"hex"})").size(), 32U);
  EXPECT_EQ(hex("/v1/sys/tools/random", R"({"bytes":3})").size(), 4U);
  EXPECT_NE(hex("/v1/sys/tools/random", "{}"), hex("/v1/sys/tools/random", "{}"));
  for (const std::string_view bytes : {"0", "-1", "131073", "x", "99999999999999999999"}) {
    EXPECT_EQ(gate.as_root("POST", "/v1/sys/tools/random/" + std::string(bytes)).status, 400)
        << bytes;
  }
  // FIPS 180-2, "abc".
  const std::string_view abc = R"({"input":"YWJj"})";
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/tools/hash/sha2-256", abc).text("data", "sum"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/tools/hash/sha2-224", abc).text("data", "sum"),
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  for (const std::string_view body : {R"({"input":"***"})", "{}", R"({"input":1})"}) {
    EXPECT_EQ(gate.as_root("POST", "/v1/sys/tools/hash", body).status, 400) << body;
  }
  EXPECT_EQ(gate.as_root("POST", "/v1/sys/tools/hash/md5", abc).status, 400);
}

}  // namespace
}  // namespace coffer::dialects::vault
