#include "domain/kms/key_aliases.h"

#include "domain/kms/kms_world.h"

#include <gmock/gmock.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;

class KeyAliasesTest : public KmsTest {
 protected:
  template <class F>
  auto aliases(F&& work) {
    work::View view = world_.view();
    KeyAliases aliases(view, mount_);
    auto result = work(aliases);
    if (result && view.has_writes()) EXPECT_TRUE(world_.commit(view));
    return result;
  }

  Result<> put(std::string_view region, std::string_view alias, std::string_view key) {
    const MasterKeyRow target = row(key);
    return aliases([&](KeyAliases& all) { return all.put(region, alias, target); });
  }

  // The name of the key that an alias reaches.
  std::string reached(std::string_view region, std::string_view alias) {
    const auto found = *aliases([&](KeyAliases& all) { return all.find(region, alias); });
    if (!found) return "";
    const auto key = *unit([&](MasterKeys& keys) { return keys.by_uid(*found->row.uid); });
    return key ? *key->row.name : "gone";
  }

  std::vector<std::string> listed(std::string_view region, std::string_view after = "") {
    std::vector<std::string> names;
    for (const AliasPtr& alias :
         *aliases([&](KeyAliases& all) { return all.list(region, after, 10); })) {
      names.push_back(*alias->row.alias);
    }
    return names;
  }
};

TEST_F(KeyAliasesTest, FollowTheKeyAndNotItsName) {
  ASSERT_TRUE(create("k"));
  ASSERT_TRUE(put("us-east-1", "alias/prod", "k"));
  EXPECT_EQ(reached("us-east-1", "alias/prod"), "k");
  EXPECT_EQ(reached("eu-west-1", "alias/prod"), "");
  ASSERT_TRUE(
      with("k", [](MasterKeys& keys, const MasterKeyRow& key) { return keys.remove(key); }));
  ASSERT_TRUE(create("k"));
  EXPECT_EQ(reached("us-east-1", "alias/prod"), "");  // they die with it
}

TEST_F(KeyAliasesTest, MoveAndKeepTheDayOfTheirMaking) {
  ASSERT_TRUE(create("a"));
  ASSERT_TRUE(create("b"));
  ASSERT_TRUE(put("r", "alias/x", "a"));
  const auto find = [](KeyAliases& all) { return all.find("r", "alias/x"); };
  const Timestamp made = *(*aliases(find))->row.created;
  EXPECT_EQ(*(*aliases(find))->row.updated, made);
  world_.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(put("r", "alias/x", "b"));
  EXPECT_EQ(reached("r", "alias/x"), "b");
  EXPECT_EQ(*(*aliases(find))->row.created, made);
  EXPECT_GE(*(*aliases(find))->row.updated, made + std::chrono::hours(1));
  const auto of = [&](std::string_view key) {
    const MasterKeyRow target = row(key);
    return aliases([&](KeyAliases& all) { return all.of_key(target); })->size();
  };
  EXPECT_EQ(of("a"), 0U);
  EXPECT_EQ(of("b"), 1U);
}

TEST_F(KeyAliasesTest, AreListedByRegionInOrder) {
  ASSERT_TRUE(create("k"));
  for (const std::string_view alias : {"alias/c", "alias/a", "alias/b"}) {
    ASSERT_TRUE(put("r1", alias, "k"));
  }
  ASSERT_TRUE(put("r10", "alias/other", "k"));
  EXPECT_THAT(listed("r1"), ElementsAre("alias/a", "alias/b", "alias/c"));
  EXPECT_THAT(listed("r1", "alias/b"), ElementsAre("alias/c"));
  EXPECT_THAT(listed("r10"), ElementsAre("alias/other"));
}

TEST_F(KeyAliasesTest, AKeyHasFiftyAtMost) {
  ASSERT_TRUE(create("k"));
  for (std::size_t i = 0; i < kMaxAliasesOfKey; ++i) {
    ASSERT_TRUE(put("r", "alias/" + std::to_string(i), "k"));
  }
  EXPECT_EQ(put("r", "alias/more", "k").error().code, Code::exhausted);
  EXPECT_EQ(put("r", std::string(kMaxAlias + 1, 'a'), "k").error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace coffer::domain
