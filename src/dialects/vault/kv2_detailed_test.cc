#include "dialects/vault/test_gate.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// A gate with three secrets in a KV version 2 mount: a/b, a/c and a/d/e.
struct KvGate : TestGate {
  KvGate() {
    as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})");
    for (const char* path : {"a/b", "a/c", "a/d/e"}) {
      as_root("POST", "/v1/kv/data/" + std::string(path), R"({"data":{"x":1}})");
    }
    as_root("POST", "/v1/kv/metadata/a/b", R"({"custom_metadata":{"owner":"ann"}})");
  }
};

TEST(Kv2Detailed, ListsWithTheMetadataOfEachSecret) {
  KvGate gate;
  const TestAnswer listed = gate.as_root("LIST", "/v1/kv/detailed-metadata/a");
  EXPECT_EQ(listed.text("data", "keys"), R"(["b","c","d/"])") << listed.body;
  EXPECT_EQ(listed.text("data", "key_info", "b", "custom_metadata", "owner"), "ann");
  EXPECT_EQ(listed.text("data", "key_info", "c", "current_version"), "1");
  EXPECT_EQ(listed.text("data", "key_info", "d/"), "");
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/detailed-metadata/a?list=true&limit=1&after=b")
                .text("data", "keys"),
            R"(["c"])");
  EXPECT_EQ(gate.as_root("LIST", "/v1/kv/detailed-metadata/none").status, 404);
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/detailed-metadata/a/b").status, 405);
}

TEST(Kv2Detailed, LeavesOutWhatIsDeniedBelowTheFolder) {
  KvGate gate;
  const std::string token = gate.token_with(
      R"(path "kv/detailed-metadata/*" { capabilities = ["list"] }
         path "kv/detailed-metadata/a/b" { capabilities = ["deny"] })");
  const TestAnswer listed = gate.call("LIST", "/v1/kv/detailed-metadata/a", "", token);
  EXPECT_EQ(listed.text("data", "keys"), R"(["b","c","d/"])") << listed.body;
  EXPECT_EQ(listed.text("data", "key_info", "b"), "");
  EXPECT_NE(listed.text("data", "key_info", "c"), "");
  const std::string plain = gate.token_with(R"(path "kv/metadata/*" { capabilities = ["list"] })");
  EXPECT_EQ(gate.call("LIST", "/v1/kv/detailed-metadata/a", "", plain).status, 403);
}

TEST(Kv2Detailed, DataIsNotListed) {
  KvGate gate;
  for (const std::string_view path : {"/v1/kv/data", "/v1/kv/data/", "/v1/kv/data/a"}) {
    const TestAnswer refused = gate.as_root("LIST", path);
    EXPECT_EQ(refused.status, 405) << path;
    EXPECT_EQ(refused.error(), "unsupported operation");
    EXPECT_EQ(gate.call("LIST", path, "", "").status, 403);
  }
}

TEST(Kv2Metadata, IsWrittenUnderACheckOfItsOwn) {
  KvGate gate;
  const std::string path = "/v1/kv/metadata/a/b";
  const std::string owner = R"("custom_metadata":{"owner":"bob"}})";
  const TestAnswer refused = gate.as_root("POST", path, R"({"metadata_cas":7,)" + owner);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), "metadata check-and-set parameter does not match the current version");
  EXPECT_EQ(gate.as_root("GET", path).text("data", "current_metadata_version"), "1");
  EXPECT_EQ(gate.as_root("POST", path, R"({"metadata_cas":"1",)" + owner).status, 204);
  EXPECT_EQ(gate.as_root("GET", path).text("data", "current_metadata_version"), "2");
  EXPECT_EQ(gate.as_root("POST", path, R"({"metadata_cas":999})").status, 204) << "no change";
  EXPECT_EQ(gate.as_root("POST", path, R"({"metadata_cas":[2],)" + owner).status, 400);
}

TEST(Kv2Metadata, AMountThatRequiresTheCheckSaysSo) {
  KvGate gate;
  const std::string path = "/v1/kv/metadata/a/b";
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/config").text("data", "metadata_cas_required"), "false");
  ASSERT_EQ(gate.as_root("POST", "/v1/kv/config", R"({"metadata_cas_required":true})").status, 204);
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/config").text("data", "metadata_cas_required"), "true");
  EXPECT_EQ(gate.as_root("POST", path, R"({"max_versions":3})").status, 400);
  const TestAnswer warned =
      gate.as_root("POST", path, R"({"metadata_cas":1,"metadata_cas_required":false})");
  EXPECT_EQ(warned.status, 200);
  EXPECT_EQ(warned.text("warnings"),
            R"(["\"metadata_cas_required\" set to false, but is mandated by backend config. )"
            R"(This value will be ignored."])");
  EXPECT_EQ(gate.as_root("GET", path).text("data", "metadata_cas_required"), "false");
  EXPECT_EQ(gate.as_root("POST", path, R"({"max_versions":3})").status, 400) << "still";
}

}  // namespace
}  // namespace coffer::dialects::vault
