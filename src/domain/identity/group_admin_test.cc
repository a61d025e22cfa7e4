#include "domain/identity/group_admin.h"

#include "domain/identity/entity_admin.h"
#include "domain/identity/identity.h"
#include "domain/identity/names.h"
#include "work/test_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Ids = std::vector<std::string>;

class GroupTest : public testing::Test {
 protected:
  template <class F>
  auto change_all(F&& work) {
    work::View view = world.view();
    auto made = world.value(work(view));
    commit(view);
    return made;
  }

  std::string entity(const Ids& policies = {}) {
    EntityChange change;
    change.policies = policies;
    return *change_all([&](work::View& view) { return EntityAdmin(view).create(change); }).id;
  }

  GroupRow group(const GroupChange& change) {
    return change_all([&](work::View& view) { return GroupAdmin(view).create(change); });
  }

  // A group with a policy of its own and these members.
  std::string group(const std::string& policy, const Ids& entities, const Ids& groups = {}) {
    GroupChange change;
    change.policies = {policy};
    change.entities = entities;
    change.groups = groups;
    return *group(change).id;
  }

  Result<GroupRow> set(const std::string& id, const GroupChange& change) {
    work::View view = world.view();
    auto made = GroupAdmin(view).change(id, change);
    if (made) commit(view);
    return made;
  }

  Result<GroupRow> set_groups(const std::string& id, const Ids& groups) {
    GroupChange change;
    change.groups = groups;
    return set(id, change);
  }

  Result<GroupRow> set_entities(const std::string& id, const Ids& entities) {
    GroupChange change;
    change.entities = entities;
    return set(id, change);
  }

  Ids policies_of(const std::string& entity) {
    work::View view = world.view();
    return world.value(Entities(view).identity_of(entity)).policies;
  }

  void commit(work::View& view) { EXPECT_TRUE(world.commit(view)); }

  void remove(const std::string& id) {
    work::View view = world.view();
    EXPECT_TRUE(GroupAdmin(view).remove(id));
    commit(view);
  }

  work::TestWorld world;
};

TEST_F(GroupTest, MembersGetThePoliciesOfTheirGroupsAndOfThoseAbove) {
  const std::string ann = entity({"own"});
  const std::string bob = entity();
  const std::string team = group("team", {ann});
  const std::string site = group("site", {bob}, {team});
  const std::string all = group("all", {}, {site});
  EXPECT_THAT(policies_of(ann), ElementsAre("all", "own", "site", "team"));
  EXPECT_THAT(policies_of(bob), ElementsAre("all", "site"));
  world.restart();
  EXPECT_THAT(policies_of(ann), ElementsAre("all", "own", "site", "team"));
  work::View view = world.view();
  const Identity identity = world.value(Entities(view).identity_of(ann));
  EXPECT_EQ(identity.facts.groups.size(), 3U);
  const auto row = world.value(Entities(view).by_id(ann))->row;
  const Membership in = world.value(Groups(view).of_entity(ann, *row.groups));
  ASSERT_EQ(in.direct.size(), 1U);
  EXPECT_EQ(*in.direct[0]->row.id, team);
  EXPECT_EQ(in.inherited.size(), 2U);
}

TEST_F(GroupTest, WhoIsTakenOutLosesThem) {
  const std::string ann = entity();
  const std::string team = group("team", {ann});
  const std::string site = group("site", {}, {team});
  ASSERT_TRUE(set_groups(site, {}));
  EXPECT_THAT(policies_of(ann), ElementsAre("team"));
  ASSERT_TRUE(set_entities(team, {}));
  EXPECT_THAT(policies_of(ann), IsEmpty());
  ASSERT_TRUE(set_entities(team, {ann}));
  EXPECT_THAT(policies_of(ann), ElementsAre("team"));
  remove(team);
  EXPECT_THAT(policies_of(ann), IsEmpty());
}

TEST_F(GroupTest, AGroupThatIsGoneIsNobodysMember) {
  const std::string ann = entity();
  const std::string team = group("team", {ann});
  const std::string site = group("site", {}, {team});
  remove(team);
  work::View view = world.view();
  EXPECT_THAT(*world.value(Groups(view).by_id(site))->row.groups, IsEmpty());
  EXPECT_THAT(policies_of(ann), IsEmpty());
}

TEST_F(GroupTest, AnEntityThatIsGoneIsNobodysMember) {
  const std::string ann = entity();
  const std::string bob = entity();
  const std::string team = group("team", {ann, bob});
  {
    work::View view = world.view();
    EXPECT_TRUE(EntityAdmin(view).remove(ann));
    commit(view);
  }
  work::View view = world.view();
  EXPECT_THAT(*world.value(Groups(view).by_id(team))->row.entities, ElementsAre(bob));
}

TEST_F(GroupTest, AMergedEntityHandsOverItsMemberships) {
  const std::string ann = entity();
  const std::string bob = entity();
  const std::string team = group("team", {ann});
  const std::string both = group("both", {ann, bob});
  {
    work::View view = world.view();
    EXPECT_TRUE(EntityAdmin(view).merge(ann, bob));
    commit(view);
  }
  EXPECT_THAT(policies_of(bob), ElementsAre("both", "team"));
  work::View view = world.view();
  EXPECT_THAT(*world.value(Groups(view).by_id(both))->row.entities, ElementsAre(bob));
}

TEST_F(GroupTest, GroupsThatWereLeftDoNotCountInAMerge) {
  const std::string ann = entity();
  const std::string bob = entity();
  std::vector<std::string> left;
  for (int i = 0; i < 64; ++i) left.push_back(group("left", {bob}));
  for (const std::string& id : left) ASSERT_TRUE(set_entities(id, {}));
  const std::string team = group("team", {ann});
  {
    work::View view = world.view();
    EXPECT_TRUE(EntityAdmin(view).merge(ann, bob));
    commit(view);
  }
  EXPECT_THAT(policies_of(bob), ElementsAre("team"));
}

TEST_F(GroupTest, NoGroupIsInItself) {
  const std::string a = group("a", {});
  const std::string b = group("b", {}, {a});
  const std::string c = group("c", {}, {b});
  EXPECT_FALSE(set_groups(a, {a}));
  EXPECT_FALSE(set_groups(a, {b}));
  EXPECT_FALSE(set_groups(a, {c}));
  EXPECT_TRUE(set_groups(c, {a, b})) << "two ways to one group are no circle";
}

TEST_F(GroupTest, TwoUnitsNeverCloseACircleTogether) {
  const std::string a = group("a", {});
  const std::string b = group("b", {});
  GroupChange into_a;
  into_a.groups = {b};
  GroupChange into_b;
  into_b.groups = {a};
  work::View first = world.view();
  work::View second = world.view();
  ASSERT_TRUE(GroupAdmin(first).change(a, into_a));
  ASSERT_TRUE(GroupAdmin(second).change(b, into_b)) << "the other is not committed yet";
  ASSERT_TRUE(world.commit(first));
  const auto late = world.commit(second);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
  EXPECT_FALSE(set_groups(b, {a}));
}

TEST_F(GroupTest, MembersMustExist) {
  const std::string team = group("team", {});
  EXPECT_FALSE(set_entities(team, {"00000000-0000-0000-0000-000000000000"}));
  EXPECT_FALSE(set_groups(team, {"00000000-0000-0000-0000-000000000000"}));
  EXPECT_FALSE(set_entities(team, {""}));
}

TEST_F(GroupTest, RootIsRefusedInEverySpelling) {
  const std::string team = group("team", {});
  for (const char* name : {"root", "Root", "ROOT", "rOOt"}) {
    GroupChange change;
    change.policies = {name};
    EXPECT_FALSE(set(team, change)) << name;
    work::View view = world.view();
    EXPECT_FALSE(GroupAdmin(view).create(change)) << name;
  }
  for (const char* name : {" root", "root ", "root\t", "\xc2\xa0root", "r\xd0\xbe\xd0\xbet"}) {
    GroupChange change;
    change.policies = {name};
    EXPECT_FALSE(set(team, change)) << "not even as another policy: " << name;
  }
}

TEST_F(GroupTest, NamesAreUniqueInOneSpelling) {
  GroupChange change;
  change.name = "Ops";
  EXPECT_EQ(*group(change).name, "ops");
  work::View view = world.view();
  change.name = " OPS ";
  const auto taken = GroupAdmin(view).create(change);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::already_exists);
  EXPECT_TRUE(world.value(Groups(view).by_name("OPS")));
}

TEST_F(GroupTest, TooManyGroupsLetNobodyPass) {
  const std::string ann = entity();
  // Ever more groups above one that she is in, sixty above one of the former sixty.
  const std::string team = group("team", {ann});
  Ids level{team};
  std::size_t groups = 1;
  while (groups <= kMaxGroupsOf) {
    Ids next;
    for (int i = 0; i < 60 && groups <= kMaxGroupsOf; ++i, ++groups) {
      next.push_back(group("p", {}, {level.front()}));
    }
    level = std::move(next);
  }
  work::View view = world.view();
  const auto refused = Entities(view).identity_of(ann);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::permission_denied);
}

TEST_F(GroupTest, MembershipIsLimited) {
  const std::string ann = entity();
  for (std::size_t i = 0; i < kMaxGroupsDirect; ++i) group("p", {ann});
  work::View view = world.view();
  GroupChange change;
  change.entities = Ids{ann};
  EXPECT_FALSE(GroupAdmin(view).create(change));
}

// As EntityRow was before its version 2.
struct EntityRowV1 {
  static constexpr rows::TableSpec kTable = rows::tables::kEntities;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> id;
  rows::Clear<std::string> name;
  rows::Clear<std::vector<std::string>> policies;
  rows::Clear<std::map<std::string, std::string>> metadata;
  rows::Clear<bool> disabled;
  rows::Clear<Timestamp> created;
  rows::Clear<Timestamp> updated;
  rows::Clear<std::vector<AliasRef>> aliases;
  static constexpr auto kMembers = std::tuple{&EntityRowV1::id,
                                              &EntityRowV1::name,
                                              &EntityRowV1::policies,
                                              &EntityRowV1::metadata,
                                              &EntityRowV1::disabled,
                                              &EntityRowV1::created,
                                              &EntityRowV1::updated,
                                              &EntityRowV1::aliases};

  [[nodiscard]] Bytes key() const { return to_bytes(*id); }
};

TEST_F(GroupTest, EntitiesOfVersion1AreReadAndJoin) {
  EntityRowV1 old;
  old.id = std::string("11111111-1111-4111-8111-111111111111");
  old.name = std::string("old");
  old.policies = Ids{"own"};
  {
    work::View view = world.view();
    ASSERT_TRUE(view.put(old));
    commit(view);
  }
  world.restart();
  EXPECT_THAT(policies_of(*old.id), ElementsAre("own"));
  group("team", {*old.id});
  EXPECT_THAT(policies_of(*old.id), ElementsAre("own", "team"));
}

}  // namespace
}  // namespace coffer::domain
