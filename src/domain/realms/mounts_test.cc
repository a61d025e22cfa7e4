#include "domain/realms/mounts.h"

#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

Mount kv_at(std::string path) {
  Mount mount;
  mount.path = std::move(path);
  mount.engine = Engine::kv_v2;
  return mount;
}

class MountsTest : public testing::Test {
 protected:
  MountsTest() {
    work::View view = world_.view();
    EXPECT_TRUE(Mounts(view).install_defaults());
    EXPECT_TRUE(world_.commit(view));
  }

  Result<> add(MountKind kind, std::string path) {
    work::View view = world_.view();
    COFFER_CHECK(Mounts(view).add(kind, kv_at(std::move(path))));
    return world_.commit(view);
  }

  // The path of the mount that `path` lies under; empty: none.
  std::string resolve(MountKind kind, std::string_view path) {
    work::View view = world_.view();
    const auto found = Mounts(view).resolve(kind, path);
    if (!found) return found.error().message;
    return found->mount == nullptr ? "" : found->mount->path;
  }

  work::TestWorld world_;
};

TEST_F(MountsTest, DefaultsAreThere) {
  EXPECT_EQ(resolve(MountKind::secret, "sys/health"), "sys/");
  EXPECT_EQ(resolve(MountKind::secret, "cubbyhole/a"), "cubbyhole/");
  EXPECT_EQ(resolve(MountKind::secret, "identity/entity"), "identity/");
  EXPECT_EQ(resolve(MountKind::auth, "token/create"), "token/");
  EXPECT_EQ(resolve(MountKind::auth, "sys/health"), "");
}

TEST_F(MountsTest, InstallingDefaultsAgainKeepsIds) {
  work::View view = world_.view();
  Mounts mounts(view);
  const Bytes before = mounts.resolve(MountKind::secret, "cubbyhole/")->mount->id;
  ASSERT_TRUE(mounts.install_defaults());
  EXPECT_EQ(mounts.resolve(MountKind::secret, "cubbyhole/")->mount->id, before);
}

TEST_F(MountsTest, AddFillsIdentifiers) {
  ASSERT_TRUE(add(MountKind::secret, "secret"));
  world_.restart();
  work::View view = world_.view();
  Mounts mounts(view);
  const auto found = mounts.resolve(MountKind::secret, "secret/data/a");
  ASSERT_TRUE(found);
  ASSERT_NE(found->mount, nullptr);
  EXPECT_EQ(found->mount->path, "secret/");
  EXPECT_EQ(found->mount->id.size(), 8U);
  EXPECT_EQ(found->mount->uuid.size(), 36U);
  EXPECT_TRUE(found->mount->accessor.starts_with("kv_"));
  EXPECT_EQ(found->mount->accessor.size(), 11U);
  const auto again = mounts.by_accessor(MountKind::secret, found->mount->accessor);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->mount, found->mount);
  EXPECT_EQ(mounts.by_accessor(MountKind::auth, found->mount->accessor)->mount, nullptr);
}

TEST_F(MountsTest, ResolvesBySegments) {
  ASSERT_TRUE(add(MountKind::secret, "team/kv"));
  ASSERT_TRUE(add(MountKind::secret, "team-a"));
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"team/kv/data/x", "team/kv/"},
      {"team/kv/", "team/kv/"},
      {"team/kv", "team/kv/"},
      {"team/kvx/data", ""},
      {"team/", ""},
      {"team-a/x", "team-a/"},
      {"zzz", ""},
      {"", ""},
      {"a", ""},
  };
  for (const auto& [path, mount] : cases)
    EXPECT_EQ(resolve(MountKind::secret, path), mount) << path;
}

TEST_F(MountsTest, RefusesOverlappingPaths) {
  ASSERT_TRUE(add(MountKind::secret, "team/kv"));
  const std::pair<std::string, std::string> cases[] = {
      {"team/kv", "path is already in use at team/kv/"},
      {"team", "path is already in use at team/kv/"},
      {"team/kv/deep/er", "path is already in use at team/kv/"},
      {"sys", "path is already in use at sys/"},
      {"sys/foo", "path is already in use at sys/"},
      {"cubbyhole", "path is already in use at cubbyhole/"},
  };
  for (const auto& [path, message] : cases) {
    const auto added = add(MountKind::secret, path);
    ASSERT_FALSE(added) << path;
    EXPECT_EQ(added.error(), (Error{Code::already_exists, message})) << path;
  }
  EXPECT_TRUE(add(MountKind::secret, "team/kv2"));
  EXPECT_TRUE(add(MountKind::auth, "team"));  // another table
}

TEST_F(MountsTest, RefusesBadPaths) {
  for (const std::string& path : {std::string(),
                                  std::string("/"),
                                  std::string("a//b"),
                                  std::string("../x"),
                                  std::string("a/./b"),
                                  std::string("/a"),
                                  std::string("auth"),
                                  std::string("auth/x"),
                                  std::string("a\nb"),
                                  std::string(128, 'a')}) {
    const auto added = add(MountKind::secret, path);
    ASSERT_FALSE(added) << path;
    EXPECT_EQ(added.error().code, Code::invalid_argument) << path;
  }
  EXPECT_TRUE(add(MountKind::secret, std::string(127, 'a')));
}

TEST_F(MountsTest, RemovedMountIsGoneAndComesBackWithAnotherId) {
  ASSERT_TRUE(add(MountKind::secret, "kv"));
  work::View first = world_.view();
  const Bytes before = Mounts(first).resolve(MountKind::secret, "kv/")->mount->id;
  ASSERT_TRUE(Mounts(first).remove(MountKind::secret, "kv"));
  ASSERT_TRUE(world_.commit(first));
  EXPECT_EQ(resolve(MountKind::secret, "kv/x"), "");
  ASSERT_TRUE(add(MountKind::secret, "kv"));
  work::View second = world_.view();
  EXPECT_NE(Mounts(second).resolve(MountKind::secret, "kv/")->mount->id, before);
}

TEST_F(MountsTest, RemovingNothingIsNoError) {
  work::View view = world_.view();
  EXPECT_TRUE(Mounts(view).remove(MountKind::secret, "nothing"));
  EXPECT_FALSE(view.has_writes());
}

TEST_F(MountsTest, FixedMountsStay) {
  work::View view = world_.view();
  Mounts mounts(view);
  for (const std::string_view path : {"sys", "cubbyhole/", "identity"}) {
    EXPECT_EQ(mounts.remove(MountKind::secret, path).error().code, Code::invalid_argument) << path;
    EXPECT_EQ(mounts.move(MountKind::secret, path, "other").error().code, Code::invalid_argument);
  }
  EXPECT_EQ(mounts.remove(MountKind::auth, "token").error().code, Code::invalid_argument);
}

TEST_F(MountsTest, MoveKeepsIdAndRefusesOccupiedPaths) {
  ASSERT_TRUE(add(MountKind::secret, "a"));
  ASSERT_TRUE(add(MountKind::secret, "b"));
  work::View view = world_.view();
  Mounts mounts(view);
  const Bytes id = mounts.resolve(MountKind::secret, "a/")->mount->id;
  EXPECT_EQ(mounts.move(MountKind::secret, "a", "b/c").error().code, Code::already_exists);
  EXPECT_EQ(mounts.move(MountKind::secret, "nope", "c").error().code, Code::invalid_argument);
  // Below itself is free, as the mount leaves its old path.
  ASSERT_TRUE(mounts.move(MountKind::secret, "a", "a/inner"));
  EXPECT_EQ(mounts.resolve(MountKind::secret, "a/inner/x")->mount->id, id);
  EXPECT_EQ(mounts.resolve(MountKind::secret, "a/x")->mount, nullptr);
}

TEST_F(MountsTest, ReplaceChangesTheMountInPlace) {
  ASSERT_TRUE(add(MountKind::secret, "kv"));
  work::View view = world_.view();
  Mounts mounts(view);
  Mount tuned = *mounts.resolve(MountKind::secret, "kv/")->mount;
  tuned.description = "tuned";
  ASSERT_TRUE(mounts.replace(MountKind::secret, tuned));
  EXPECT_EQ(mounts.resolve(MountKind::secret, "kv/")->mount->description, "tuned");
  tuned.path = "nope/";
  EXPECT_EQ(mounts.replace(MountKind::secret, tuned).error().code, Code::not_found);
}

TEST_F(MountsTest, TableHasALimit) {
  work::View view = world_.view();
  Mounts mounts(view);
  Result<> added;
  int count = 3;  // the fixed ones
  while ((added = mounts.add(MountKind::secret, kv_at("m" + std::to_string(count))))) ++count;
  EXPECT_EQ(added.error().code, Code::too_large);
  EXPECT_EQ(count, 500);
}

TEST_F(MountsTest, TwoUnitsThatAddAtOnceConflict) {
  work::View first = world_.view();
  work::View second = world_.view();
  ASSERT_TRUE(Mounts(first).add(MountKind::secret, kv_at("x")));
  ASSERT_TRUE(Mounts(second).add(MountKind::secret, kv_at("x/y")));
  EXPECT_TRUE(world_.commit(first));
  EXPECT_EQ(world_.commit(second).error().code, Code::conflict);
}

}  // namespace
}  // namespace coffer::domain
