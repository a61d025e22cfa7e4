#include "domain/identity/entity_admin.h"

#include "domain/realms/mounts.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

EntityChange named(std::string name) {
  EntityChange change;
  change.name = std::move(name);
  return change;
}

TEST(EntityAdmin, TwoUnitsNeverGiveOneNameTwice) {
  work::TestWorld world;
  work::View first = world.view();
  work::View second = world.view();
  ASSERT_TRUE(EntityAdmin(first).create(named("ann")));
  ASSERT_TRUE(EntityAdmin(second).create(named("ANN"))) << "the other is not committed yet";
  ASSERT_TRUE(world.commit(first));
  const auto late = world.commit(second);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
  work::View again = world.view();
  const auto refused = EntityAdmin(again).create(named("ann"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::already_exists);
}

TEST(EntityAdmin, AnEntityKeepsItsNameAndItsAliasesWithinLimits) {
  work::TestWorld world;
  work::View view = world.view();
  EntityAdmin admin(view);
  const EntityRow ann = world.value(admin.create(named("ann")));
  EXPECT_TRUE(admin.change(*ann.id, named("Ann"))) << "its own name in another spelling";
  for (std::size_t i = 0; i < kMaxAliases; ++i) {
    const auto placed = admin.place({"mount_" + std::to_string(i), "ann", *ann.id});
    ASSERT_TRUE(placed) << i;
  }
  EXPECT_FALSE(admin.place({"one_more", "ann", *ann.id}));
  EntityChange large;
  large.metadata.emplace();
  large.metadata->emplace("key", std::string(513, 'x'));
  EXPECT_FALSE(admin.change(*ann.id, large));
}

TEST(EntityAdmin, MovingAnAliasOntoATakenNameIsRefused) {
  work::TestWorld world;
  work::View view = world.view();
  EntityAdmin admin(view);
  const AliasRow ann = world.value(admin.place({"mount", "ann", ""}));
  const AliasRow bob = world.value(admin.place({"mount", "bob", ""}));
  EXPECT_NE(*ann.entity_id, *bob.entity_id) << "an entity each";
  EXPECT_FALSE(admin.move(bob, {"mount", "Ann", ""}));
  EXPECT_EQ(*world.value(Entities(view).alias("mount", "ann"))->row.entity_id, *ann.entity_id);
  EXPECT_FALSE(admin.merge(*ann.entity_id, *bob.entity_id)) << "both have one in the mount";
  ASSERT_TRUE(admin.remove(bob));
  EXPECT_TRUE(admin.merge(*ann.entity_id, *bob.entity_id));
  EXPECT_EQ(*world.value(admin.alias_by_id(*ann.id))->row.entity_id, *bob.entity_id);
  EXPECT_FALSE(world.value(Entities(view).by_id(*ann.entity_id)));
}

}  // namespace
}  // namespace coffer::domain
