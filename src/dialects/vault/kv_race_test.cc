// A read of a secret beside a write of it: what lies in two rows is not read at one instant.
#include "dialects/vault/test_gate.h"
#include "store/forwarding_store.h"

#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

// Hides the rows of values for some reads, as a write does that moves a value between two reads.
class MovingStore final : public store::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  mutable int hides = 0;

  Result<std::optional<store::Stored>> get(const store::Key& key) const override {
    if (key.table == rows::tables::kRevisions.id && hides > 0) {
      --hides;
      return std::optional<store::Stored>();
    }
    return ForwardingStore::get(key);
  }
};

TEST(KvRace, ValueThatMovesBetweenTwoReadsIsNoDamage) {
  auto owned = std::make_unique<MovingStore>(store::make_memory_store());
  MovingStore& moving = *owned;
  TestGate gate(TestGate::Start::unsealed, std::move(owned));
  gate.as_root("POST", "/v1/sys/mounts/secret", R"({"type":"kv","options":{"version":"2"}})");
  const std::string large(2048, 'v');  // has a row of its own
  const std::string body = R"({"data":{"v":")" + large + R"("}})";
  ASSERT_EQ(gate.as_root("POST", "/v1/secret/data/a", body).status, 200);
  moving.hides = 1;
  const TestAnswer read = gate.as_root("GET", "/v1/secret/data/a");
  EXPECT_EQ(read.status, 200) << read.body;
  EXPECT_EQ(moving.hides, 0) << "the row was asked for";
  moving.hides = 1000;
  EXPECT_EQ(gate.as_root("GET", "/v1/secret/data/b").status, 404);
  ASSERT_EQ(gate.as_root("POST", "/v1/secret/data/b", body).status, 200);
  EXPECT_EQ(gate.as_root("GET", "/v1/secret/data/b").status, 500) << "what is gone stays so";
}

}  // namespace
}  // namespace coffer::dialects::vault
