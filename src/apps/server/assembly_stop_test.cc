// A server that stops while slow work (a password's hash) is under way. What this can show of
// memory that is used too late, the build with sanitizers shows.
#include "apps/server/assembly.h"
#include "apps/server/gate_client.h"
#include "net/test_peers.h"

#include <gtest/gtest.h>

#include <list>

namespace coffer::server {
namespace {

constexpr std::string_view kLogin =
    "POST /v1/auth/userpass/login/nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n"
    R"({"password":"x"})";

std::unique_ptr<Assembly> running_server(GateClient& client) {
  Config config;
  config.listen.port = 0;
  config.drain = std::chrono::milliseconds(10);
  config.reserve_mib = 0;
  auto assembly = Assembly::make({.config = config, .in_memory = true, .fixed_root_token = {}},
                                 std::make_shared<Log>("error", "text"));
  EXPECT_TRUE(assembly);
  auto made = (*assembly)->lifecycle().initialize({.shares = 1, .threshold = 1});
  EXPECT_TRUE((*assembly)->lifecycle().unseal(made->shares.shares.front().view(), "test"));
  net::ClientRequest mount;
  mount.method = "POST";
  mount.target = "/v1/sys/auth/userpass";
  mount.headers.push_back({"x-vault-token", made->root_token.clone()});
  mount.body.append(R"({"type":"userpass"})");
  EXPECT_EQ(client.send((*assembly)->gate(), std::move(mount))->status, 204);
  EXPECT_TRUE((*assembly)->listen());
  return *std::move(assembly);
}

TEST(AssemblyStop, WaitsForSlowWorkThatIsUnderWay) {
  for (int round = 0; round < 3; ++round) {
    GateClient client;
    const auto assembly = running_server(client);
    std::list<net::testing::RawPeer> peers;
    for (int i = 0; i < 8; ++i) {
      peers.emplace_back(assembly->port());
      ASSERT_TRUE(peers.back().send(kLogin));
    }
    EXPECT_TRUE(peers.front().read_until("\r\n").contains(" 400 ")) << "the others wait for theirs";
    assembly->stop();
    EXPECT_FALSE(peers.back().read_to_end().contains("<still open>"));
  }
}

}  // namespace
}  // namespace coffer::server
