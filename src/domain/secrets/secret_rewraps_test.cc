// Secrets whose data keys lie under a master key, moved to its newest version by the job.
#include "domain/secrets/secret_rewraps.h"

#include "domain/kms/key_rewrap.h"
#include "domain/realms/mounts.h"
#include "domain/secrets/data_key_wrap.h"
#include "domain/secrets/secrets_world.h"
#include "domain/secrets/stages.h"

namespace coffer::domain {
namespace {

class SecretRewrapsTest : public SecretsTest {
 protected:
  static constexpr std::size_t kSecrets = 70;  // two units, no whole page

  void SetUp() override {
    {
      work::View view = world_.view();
      ASSERT_TRUE(Mounts(view).install_defaults());
      for (const std::string path : {"a/", "b/"}) {
        Mount mount;
        mount.path = path;
        mount.engine = Engine::kv_v2;
        ASSERT_TRUE(Mounts(view).add(MountKind::secret, mount));
      }
      ASSERT_TRUE(world_.commit(view));
    }
    other_ = mount("a/");
    kv_ = mount("b/");
    const KeyMaterial first = generate_material(KeyType::aes256_gcm96, 0, *world_.random);
    work::View view = world_.view();
    ASSERT_TRUE(MasterKeys(view, transit_, kms_).create({.name = "k"}, &first));
    ASSERT_TRUE(world_.commit(view));
    for (std::size_t i = 0; i < kSecrets; ++i) {
      ASSERT_TRUE(write("s" + std::to_string(i), R"({"v":1})"));
      ASSERT_TRUE(wrap("s" + std::to_string(i)));
    }
    ASSERT_TRUE(write("plain", R"({"v":0})"));
  }

  Mount mount(std::string_view path) {
    work::View view = world_.view();
    return *world_.value(Mounts(view).resolve(MountKind::secret, path)).mount;
  }

  Result<> wrap(std::string_view path) {
    work::View view = world_.view();
    SecretValues values(view, kv_.id, state_);
    COFFER_TRY(const auto found, values.find(path));
    COFFER_TRY(SecretRow secret, view.open(*found));
    COFFER_TRY(KeyPtr key, MasterKeys(view, transit_, kms_).find("k"));
    const WrapUnder under{transit_, std::move(key)};
    COFFER_CHECK(values.wrap_under(secret, &under));
    COFFER_CHECK(view.put(std::move(secret)));
    return world_.commit(view);
  }

  void rotate() {
    const KeyMaterial next = generate_material(KeyType::aes256_gcm96, 0, *world_.random);
    work::View view = world_.view();
    MasterKeys keys(view, transit_, kms_);
    ASSERT_TRUE(keys.rotate(world_.value(keys.find("k"))->row, next));
    ASSERT_TRUE(world_.commit(view));
  }

  MasterKeyRow key() {
    work::View view = world_.view();
    return world_.value(MasterKeys(view, transit_, kms_).find("k"))->row;
  }

  RewrapSource::Page look_at_all(std::uint32_t version) {
    RewrapSource::Page all;
    Bytes after;
    do {
      work::View view = world_.view();
      auto page = world_.value(source_.look(view, *key().uid, version, after));
      all.rows += page.rows;
      all.below += page.below;
      after = page.last;
    } while (!after.empty());
    return all;
  }

  SecretRewraps source_;
  const Bytes transit_ = to_bytes("\x02mount\xff!");
};

TEST_F(SecretRewrapsTest, LooksAtEverySecretOfEveryMount) {
  EXPECT_EQ(look_at_all(1).below, 0U);
  EXPECT_EQ(look_at_all(2).below, kSecrets);
  EXPECT_EQ(look_at_all(2).rows, kSecrets + 1);
}

TEST_F(SecretRewrapsTest, TheJobMovesThemAndThenTheOldVersionMayGo) {
  rotate();
  {
    work::View view = world_.view();
    ASSERT_TRUE(ask_for_rewrap(view, key()));
    ASSERT_TRUE(world_.commit(view));
  }
  KeyRewrap work(
      *world_.committer, *world_.rows, kms_, world_.clock, *world_.random, "here", {&source_});
  // The first unit of a round reserves uses of the new version, which the next may have read.
  Result<bool> more = true;
  for (int i = 0; i < 50 && (more ? *more : more.error().code == Code::conflict); ++i) {
    more = work.round();
  }
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(look_at_all(2).below, 0U);
  {
    work::View view = world_.view();
    ASSERT_TRUE(destroy_versions(view, kms_, key(), 2));
    ASSERT_TRUE(world_.commit(view));
  }
  EXPECT_EQ(key().versions->size(), 1U);
  EXPECT_EQ(read("s7"), R"({"v":1})");
  EXPECT_EQ(read("plain"), R"({"v":0})");
}

}  // namespace
}  // namespace coffer::domain
