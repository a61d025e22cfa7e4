#include "domain/secrets/data_key_wrap.h"

#include "domain/secrets/secrets_world.h"
#include "domain/secrets/stages.h"

#include <algorithm>

namespace coffer::domain {
namespace {

class DataKeyWrapTest : public SecretsTest {
 protected:
  // Runs `work(MasterKeys&)` in a unit of its own.
  template <class F>
  auto keys_unit(F&& work) {
    work::View view = world_.view();
    MasterKeys keys(view, transit_, kms_);
    auto result = work(keys);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) {
        result = std::unexpected(done.error());
      }
    }
    return result;
  }

  void SetUp() override {
    const KeyMaterial first = generate_material(KeyType::aes256_gcm96, 0, *world_.random);
    ASSERT_TRUE(keys_unit([&](MasterKeys& keys) { return keys.create({.name = "k"}, &first); }));
    ASSERT_TRUE(write("a", R"({"v":1})"));
    ASSERT_TRUE(write("a", R"({"v":2})"));
  }

  KeyPtr key() {
    return world_.value(keys_unit([](MasterKeys& keys) { return keys.find("k"); }));
  }

  Result<> set_enabled(bool enabled) {
    const KeyPtr key = this->key();
    return keys_unit([&](MasterKeys& keys) { return keys.set_enabled(key->row, enabled); });
  }

  void rotate() {
    const KeyPtr key = this->key();
    const KeyMaterial next = generate_material(KeyType::aes256_gcm96, 0, *world_.random);
    ASSERT_TRUE(keys_unit([&](MasterKeys& keys) { return keys.rotate(key->row, next); }));
  }

  // Puts the data key of "a" under the master key, or back into its row.
  Result<> wrap(bool under_key) {
    work::View view = world_.view();
    SecretValues values(view, kv_.id, state_);
    COFFER_TRY(const auto found, values.find("a"));
    COFFER_TRY(SecretRow secret, view.open(*found));
    COFFER_TRY(KeyPtr key, MasterKeys(view, transit_, kms_).find("k"));
    const WrapUnder under{transit_, std::move(key)};
    COFFER_CHECK(values.wrap_under(secret, under_key ? &under : nullptr));
    COFFER_CHECK(view.put(std::move(secret)));
    return world_.commit(view);
  }

  std::vector<Bytes> below(std::uint32_t version) {
    const Bytes uid = *key()->row.uid;
    work::View view = world_.view();
    return world_.value(wrapped_below(view, uid, version, 10));
  }

  Result<bool> rewrap() {
    work::View view = world_.view();
    COFFER_TRY(const bool moved, rewrap_data_key(view, kms_, secret_key(kv_.id, "a")));
    if (view.has_writes()) COFFER_CHECK(world_.commit(view));
    return moved;
  }

  const Bytes transit_ = to_bytes("\x02mount\xff!");
};

TEST_F(DataKeyWrapTest, EveryVersionOpensUnderTheMasterKey) {
  ASSERT_TRUE(wrap(true));
  EXPECT_EQ(read("a"), R"({"v":2})");
  EXPECT_EQ(read("a", 1), R"({"v":1})");
  ASSERT_TRUE(write("a", R"({"v":3})"));
  EXPECT_EQ(read("a", 3), R"({"v":3})");
  ASSERT_TRUE(wrap(false));
  EXPECT_EQ(read("a", 3), R"({"v":3})");
  ASSERT_TRUE(set_enabled(false));
  EXPECT_EQ(read("a", 1), R"({"v":1})") << "the key is not asked any more";
}

TEST_F(DataKeyWrapTest, TheRowKeepsNoDataKeyOfItsOwn) {
  ASSERT_TRUE(wrap(true));
  work::View view = world_.view();
  const auto found = world_.value(view.find<SecretRow>(secret_key(kv_.id, "a")));
  EXPECT_EQ(view.open(*found)->data_key->size(), 0U);
}

TEST_F(DataKeyWrapTest, DisabledKeyRefusesThoughTheDataKeyIsAtHand) {
  ASSERT_TRUE(wrap(true));
  for (int i = 0; i < 3; ++i) ASSERT_EQ(read("a"), R"({"v":2})");  // cached by now
  ASSERT_TRUE(state_.keys.find(kv_.id, *(*metadata("a"))->row.uid));
  ASSERT_TRUE(set_enabled(false));
  EXPECT_EQ(read("a"), "precondition_failed");
  EXPECT_FALSE(write("a", R"({"v":3})"));
  ASSERT_TRUE(set_enabled(true));
  EXPECT_EQ(read("a"), R"({"v":2})");
  ASSERT_TRUE(keys_unit([&, key = key()](MasterKeys& keys) {
    return keys.schedule_deletion(key->row, kMinDeletionWait);
  }));
  EXPECT_EQ(read("a"), "precondition_failed");
}

TEST_F(DataKeyWrapTest, FindsAndMovesWhatDependsOnAnOldVersion) {
  ASSERT_TRUE(wrap(true));
  EXPECT_TRUE(below(1).empty());
  rotate();
  ASSERT_EQ(below(2).size(), 1U);
  EXPECT_EQ(below(2).front(), secret_key(kv_.id, "a"));
  EXPECT_TRUE(*rewrap());
  EXPECT_TRUE(below(2).empty());
  EXPECT_FALSE(*rewrap()) << "it is there already";
  ASSERT_TRUE(keys_unit([&, key = key()](MasterKeys& keys) {
    KeyChange change;
    change.min_decryption = 2;
    return keys.configure(key->row, change);
  }));
  EXPECT_EQ(read("a"), R"({"v":2})");
  EXPECT_EQ(read("a", 1), R"({"v":1})");
}

TEST_F(DataKeyWrapTest, VersionThatIsTooOldRefuses) {
  ASSERT_TRUE(wrap(true));
  ASSERT_EQ(read("a"), R"({"v":2})");
  rotate();
  ASSERT_TRUE(keys_unit([&, key = key()](MasterKeys& keys) {
    KeyChange change;
    change.min_decryption = 2;
    return keys.configure(key->row, change);
  }));
  EXPECT_EQ(read("a"), "invalid_argument");
}

TEST_F(DataKeyWrapTest, BlobOfAnotherSecretDoesNotOpen) {
  ASSERT_TRUE(wrap(true));
  work::View view = world_.view();
  const auto found = world_.value(view.find<SecretRow>(secret_key(kv_.id, "a")));
  SecretRow other = world_.value(view.open(*found));
  (*other.uid)[0] ^= 1;
  const auto opened = unwrap_data_key(view, kms_, other, *wrap_of(other));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::corrupt);
}

TEST_F(DataKeyWrapTest, OnlySymmetricKeysWrap) {
  const KeyMaterial pair = generate_material(KeyType::ecdsa_p256, 0, *world_.random);
  ASSERT_TRUE(keys_unit([&](MasterKeys& keys) {
    return keys.create({.name = "p", .type = KeyType::ecdsa_p256}, &pair);
  }));
  work::View view = world_.view();
  const auto found = world_.value(view.find<SecretRow>(secret_key(kv_.id, "a")));
  const KeyPtr key = world_.value(MasterKeys(view, transit_, kms_).find("p"));
  const auto wrapped = wrap_data_key(view, kms_, {transit_, key}, found->row, Bytes(32, 1));
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace coffer::domain
