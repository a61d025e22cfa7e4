// What an attacker who holds the store can do to keys.
#include "domain/kms/kms_world.h"

#include <stdexcept>

namespace coffer::domain {
namespace {

class UntrustedKeyStore : public KmsTest {
 protected:
  store::Key place(store::TableId table, std::size_t number = 0) {
    const auto found = world_.store->scan_keys(table, work::kTestRealm, {}, {}, number + 1);
    return {table, work::kTestRealm, found->at(number)};
  }

  store::Stored stored(const store::Key& key) { return world_.store->get(key)->value(); }

  // Writes past every check, as the database's owner can; nullopt: erases.
  void plant(const store::Key& key, const std::optional<store::Stored>& row) {
    world_.committer.reset();
    auto batch = work::TestWorld::value(world_.store->begin());
    store::Unit unit;
    if (row) {
      unit.puts.push_back({key, row->revision, row->blob, {}});
    } else {
      unit.erases.push_back(key);
    }
    ASSERT_EQ(batch->apply(unit).value(), store::Applied::yes);
    ASSERT_TRUE(batch->commit());
  }

  void restart() {
    world_.restart();
    state_ = std::make_unique<KmsState>();
  }
};

TEST_F(UntrustedKeyStore, NoMaterialInAnyBlob) {
  const KeyMaterial material = test_material(KeyType::aes256_gcm96);
  KeySpec spec{.name = "k"};
  ASSERT_TRUE(unit([&](MasterKeys& keys) { return keys.create(spec, &material); }));
  int rows = 0;
  store::Store::Visitor visitor;
  visitor.row = [&](const store::Put& row) -> Result<> {
    ++rows;
    EXPECT_FALSE(as_text(row.blob).contains(as_text(material.secret.view())));
    EXPECT_FALSE(as_text(row.blob).contains(as_text(material.mac.view())));
    return {};
  };
  visitor.record = [](store::LogId, const store::LogRecord&) -> Result<> { return {}; };
  ASSERT_TRUE(world_.store->visit(visitor));
  EXPECT_EQ(rows, 2);
}

TEST_F(UntrustedKeyStore, AnOldOrMissingMasterKeyIsFoundAtUnseal) {
  ASSERT_TRUE(create("k"));
  const store::Key key = place(rows::tables::kMasterKeys.id);
  const store::Stored old = stored(key);
  ASSERT_TRUE(with(
      "k", [](MasterKeys& keys, const MasterKeyRow& row) { return keys.set_enabled(row, false); }));
  const store::Stored present = stored(key);
  plant(key, old);
  EXPECT_THROW(restart(), std::runtime_error);
  plant(key, std::nullopt);
  EXPECT_THROW(restart(), std::runtime_error);
  plant(key, present);
  restart();
  EXPECT_EQ(why(encrypt("k", "x")), "the key is disabled");
}

TEST_F(UntrustedKeyStore, EditedSwappedAndMissingMaterialIsRefused) {
  ASSERT_TRUE(create("a"));
  ASSERT_TRUE(create("b"));
  const Bytes sealed = *encrypt("a", "x");
  const store::Key first = place(rows::tables::kKeyVersions.id, 0);
  const store::Key second = place(rows::tables::kKeyVersions.id, 1);
  const store::Stored good = stored(first);
  const store::Stored other = stored(second);
  const auto broken = [&] {
    restart();
    const auto code = [&](std::string_view name) {
      const auto result = encrypt(name, "y");
      return !result && result.error().code == Code::corrupt;
    };
    return code("a") || code("b");
  };
  for (std::size_t i = 0; i < good.blob.size(); i += 5) {
    store::Stored bad = good;
    bad.blob[i] ^= 1;
    plant(first, bad);
    EXPECT_TRUE(broken()) << i;
  }
  plant(first, other);
  EXPECT_TRUE(broken());
  plant(first, std::nullopt);
  EXPECT_TRUE(broken());
  plant(first, good);
  EXPECT_FALSE(broken());
  EXPECT_EQ(decrypt("a", 1, sealed), "x");
}

// A trimmed version that comes back from an old copy of the store is named by nothing.
TEST_F(UntrustedKeyStore, TrimmedMaterialThatIsPutBackStaysOut) {
  ASSERT_TRUE(create("k"));
  const Bytes sealed = *encrypt("k", "x");
  const store::Key old_key = place(rows::tables::kKeyVersions.id);
  const store::Stored old = stored(old_key);
  ASSERT_TRUE(rotate("k"));
  ASSERT_TRUE(with("k", [](MasterKeys& keys, const MasterKeyRow& key) {
    return keys.configure(key, {.min_decryption = 2, .min_encryption = 2});
  }));
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.trim(key, 2); }));
  plant(old_key, old);
  restart();
  EXPECT_TRUE(decrypt("k", 1, sealed).contains("too old"));
  EXPECT_EQ(row("k").version(1), nullptr);
}

}  // namespace
}  // namespace coffer::domain
