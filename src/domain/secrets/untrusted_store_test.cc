// What an attacker who holds the store can see and do.
#include "domain/secrets/cubbyhole.h"
#include "domain/secrets/kv1.h"
#include "domain/secrets/secrets_world.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::string_view kCanary = "canary-7c1f";

class UntrustedStore : public SecretsTest {
 protected:
  store::Key place(store::TableId table) {
    const auto found = world_.store->scan_keys(table, work::kTestRealm, {}, {}, 1);
    return {table, work::kTestRealm, found->at(0)};
  }

  // Too large to lie in the secret's own row.
  static std::string large(std::string_view name) {
    return "{\"" + std::string(name) + "\":\"" + std::string(kMaxCurrentValue, 'x') + "\"}";
  }

  store::Stored stored(const store::Key& key) { return world_.store->get(key)->value(); }

  // Writes past every check, as the database's owner can, and forgets the cache.
  void plant(const store::Key& key, const store::Stored& row) {
    world_.committer.reset();
    auto batch = work::TestWorld::value(world_.store->begin());
    store::Unit unit;
    unit.puts.push_back({key, row.revision, row.blob, {}});
    ASSERT_EQ(batch->apply(unit).value(), store::Applied::yes);
    ASSERT_TRUE(batch->commit());
    batch.reset();
    world_.restart();
  }
};

TEST_F(UntrustedStore, NoPlaintextInAnyBlob) {
  const std::string data = "{\"k\":\"" + std::string(kCanary) + "\"}";
  ASSERT_TRUE(write("a", data));
  ASSERT_TRUE(
      unit([&](Kv2& kv) { return kv.patch("a", "{\"p\":\"" + std::string(kCanary) + "\"}"); }));
  work::View view = world_.view();
  ASSERT_TRUE(Kv1(view, other_).write("plain", data));
  ASSERT_TRUE(Cubbyhole(view, "token").write("hole", data));
  ASSERT_TRUE(world_.commit(view));
  int rows = 0;
  store::Store::Visitor visitor;
  visitor.row = [&](const store::Put& row) -> Result<> {
    ++rows;
    EXPECT_FALSE(as_text(row.blob).contains(kCanary)) << row.key.table.value();
    EXPECT_FALSE(as_text(row.key.key).contains(kCanary));
    return {};
  };
  visitor.record = [](store::LogId, const store::LogRecord& record) -> Result<> {
    EXPECT_FALSE(as_text(record.record).contains(kCanary));
    return {};
  };
  ASSERT_TRUE(world_.store->visit(visitor));
  EXPECT_EQ(rows, 4);  // secret, two revisions, plain, cubbyhole
}

TEST_F(UntrustedStore, AnyFlippedOctetIsRefused) {
  ASSERT_TRUE(write("a", R"({"k":"v"})"));
  ASSERT_TRUE(write("a", R"({"k":"newer"})"));  // so that version 1 is in its own row alone
  for (const auto table : {rows::tables::kSecrets.id, rows::tables::kRevisions.id}) {
    const store::Key key = place(table);
    const store::Stored good = stored(key);
    for (std::size_t i = 0; i < good.blob.size(); i += 7) {
      store::Stored bad = good;
      bad.blob[i] ^= 1;
      plant(key, bad);
      EXPECT_EQ(read("a", 1), "corrupt") << table.value() << " at " << i;
    }
    plant(key, good);
    EXPECT_EQ(read("a", 1), R"({"k":"v"})");
  }
}

TEST_F(UntrustedStore, RowsCannotTakeAnothersPlace) {
  ASSERT_TRUE(write("a", large("a")));
  ASSERT_TRUE(write("b", large("b")));
  for (const auto table : {rows::tables::kSecrets.id, rows::tables::kRevisions.id}) {
    const auto keys = world_.store->scan_keys(table, work::kTestRealm, {}, {}, 2).value();
    const store::Key first{table, work::kTestRealm, keys.at(0)};
    const store::Key second{table, work::kTestRealm, keys.at(1)};
    const store::Stored one = stored(first);
    plant(first, stored(second));
    EXPECT_TRUE(read("a") == "corrupt" || read("b") == "corrupt") << table.value();
    plant(first, one);
  }
}

TEST_F(UntrustedStore, OldBlobUnderANewRevisionIsRefused) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  const store::Key key = place(rows::tables::kSecrets.id);
  store::Stored old = stored(key);
  ASSERT_TRUE(write("a", R"({"v":2})"));
  old.revision = stored(key).revision;
  plant(key, old);
  EXPECT_EQ(read("a"), "corrupt");
}

TEST_F(UntrustedStore, MissingRevisionIsToldFromAnAbsentOne) {
  ASSERT_TRUE(write("a", R"({"v":1})"));
  ASSERT_TRUE(write("a", R"({"v":2})"));
  world_.committer.reset();
  auto batch = work::TestWorld::value(world_.store->begin());
  store::Unit unit;
  unit.erases.push_back(place(rows::tables::kRevisions.id));
  ASSERT_TRUE(batch->apply(unit));
  ASSERT_TRUE(batch->commit());
  batch.reset();
  world_.restart();
  EXPECT_EQ(read("a", 1), "corrupt");
  EXPECT_EQ(read("a"), R"({"v":2})");
}

TEST_F(UntrustedStore, OldRevisionDoesNotOpenUnderANewSecretOfTheSamePath) {
  ASSERT_TRUE(write("a", large("old")));
  const store::Key old_key = place(rows::tables::kRevisions.id);
  const store::Stored old = stored(old_key);
  ASSERT_TRUE(unit([](Kv2& kv) { return kv.erase("a"); }));
  ASSERT_TRUE(write("a", large("new")));
  const store::Key new_key = place(rows::tables::kRevisions.id);
  ASSERT_NE(old_key.key, new_key.key);
  plant(new_key, old);
  EXPECT_EQ(read("a"), "corrupt");
}

}  // namespace
}  // namespace coffer::domain
