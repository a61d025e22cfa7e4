// SCAN of the engines that keep secrets.
#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// A gate with the secrets a, b/c and b/d/e in kv/ (version 2) and plain/ (version 1).
struct ScanGate : TestGate {
  ScanGate() {
    as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})");
    as_root("POST", "/v1/sys/mounts/plain", R"({"type":"kv-v1"})");
    for (const char* path : {"a", "b/c", "b/d/e"}) {
      as_root("POST", "/v1/kv/data/" + std::string(path), R"({"data":{"x":1}})");
      as_root("POST", "/v1/plain/" + std::string(path), R"({"x":1})");
    }
  }
};

constexpr std::string_view kAll = R"(["a","b/c","b/d/e"])";

TEST(Scan, ListsWithEverythingBelow) {
  ScanGate gate;
  EXPECT_EQ(gate.as_root("SCAN", "/v1/kv/metadata").text("data", "keys"), kAll);
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/metadata/?scan=true").text("data", "keys"), kAll);
  EXPECT_EQ(gate.as_root("SCAN", "/v1/plain/").text("data", "keys"), kAll);
  EXPECT_EQ(gate.as_root("SCAN", "/v1/plain/b").text("data", "keys"), R"(["c","d/e"])");
  EXPECT_EQ(gate.as_root("SCAN", "/v1/kv/metadata?after=a&limit=1").text("data", "keys"),
            R"(["b/c"])");
  EXPECT_EQ(gate.as_root("SCAN", "/v1/kv/metadata/none").status, 404);
  ASSERT_EQ(gate.as_root("POST", "/v1/cubbyhole/x/y", R"({"z":1})").status, 204);
  EXPECT_EQ(gate.as_root("SCAN", "/v1/cubbyhole").text("data", "keys"), R"(["x/y"])");
}

TEST(Scan, IsNoList) {
  ScanGate gate;
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/metadata/?scan=true&list=true").status, 400);
  EXPECT_EQ(gate.as_root("LIST", "/v1/kv/metadata/?scan=true").text("data", "keys"),
            R"(["a","b/"])")
      << "only a GET is turned into something else by its query";
  EXPECT_EQ(gate.as_root("SCAN", "/v1/sys/policies/acl").status, 405);
  EXPECT_EQ(gate.as_root("SCAN", "/v1/kv/data/b").status, 405);
  const std::string lister = gate.token_with(R"(path "kv/*" { capabilities = ["list", "read"] })");
  EXPECT_EQ(gate.call("SCAN", "/v1/kv/metadata", "", lister).status, 403);
  EXPECT_EQ(gate.call("GET", "/v1/kv/metadata?scan=1", "", lister).status, 403);
  const std::string scanner = gate.token_with(R"(path "kv/*" { capabilities = ["scan"] })");
  EXPECT_EQ(gate.call("SCAN", "/v1/kv/metadata", "", scanner).text("data", "keys"), kAll);
  EXPECT_EQ(gate.call("LIST", "/v1/kv/metadata", "", scanner).status, 403);
}

TEST(Scan, LeavesOutFoldersThatTheCallerMayNotScan) {
  ScanGate gate;
  const std::string token = gate.token_with(
      R"(path "kv/metadata/*" { capabilities = ["scan"] }
         path "kv/metadata/b/d/*" { capabilities = ["deny"] }
         path "plain/*" { capabilities = ["scan"] }
         path "plain/b" { capabilities = ["list"] })");
  EXPECT_EQ(gate.call("SCAN", "/v1/kv/metadata", "", token).text("data", "keys"), R"(["a","b/c"])");
  EXPECT_EQ(gate.call("SCAN", "/v1/kv/metadata/b/d", "", token).status, 403);
  EXPECT_EQ(gate.call("SCAN", "/v1/plain", "", token).text("data", "keys"), R"(["a"])");
}

TEST(Scan, IsInTheListOfCapabilities) {
  ScanGate gate;
  const std::string token = gate.token_with(
      R"(path "kv/metadata/*" { capabilities = ["scan"] }
         path "sys/capabilities-self" { capabilities = ["update"] })");
  const TestAnswer own =
      gate.call("POST", "/v1/sys/capabilities-self", R"({"paths":["kv/metadata/b"]})", token);
  EXPECT_EQ(own.text("data", "capabilities"), R"(["scan"])") << own.body;
}

TEST(Scan, ShowsACubbyholeToItsTokenOnly) {
  ScanGate gate;
  const std::string mine =
      gate.token_with(R"(path "cubbyhole/*" { capabilities = ["create", "scan"] })");
  const std::string other = gate.token_with(R"(path "cubbyhole/*" { capabilities = ["scan"] })");
  ASSERT_EQ(gate.call("POST", "/v1/cubbyhole/x/y", R"({"z":1})", mine).status, 204);
  EXPECT_EQ(gate.call("SCAN", "/v1/cubbyhole", "", mine).text("data", "keys"), R"(["x/y"])");
  EXPECT_EQ(gate.call("SCAN", "/v1/cubbyhole", "", other).status, 404);
}

TEST(Scan, LeavesAnEventOfItsOwn) {
  ScanGate gate;
  gate.events();
  ASSERT_EQ(gate.as_root("SCAN", "/v1/kv/metadata/b").status, 200);
  const auto events = gate.events();
  const proof::Event& event = events.back();
  EXPECT_EQ(event.type, proof::EventType::secret_listed);
  ASSERT_EQ(event.accesses.size(), 1U);
  EXPECT_EQ(event.accesses[0].action, "secret.scan");
  EXPECT_EQ(event.accesses[0].resource, "kv/metadata/b/");
}

}  // namespace
}  // namespace coffer::dialects::vault
