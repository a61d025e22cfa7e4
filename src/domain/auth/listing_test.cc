// Listings are complete or refused.
#include "domain/auth/auth_world.h"
#include "domain/auth/token_roles.h"
#include "domain/auth/whole_list.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

TEST(WholeList, IsNeverCut) {
  const auto listed = [](std::size_t count) { return whole_list<int>(std::vector<int>(count), 2); };
  EXPECT_EQ(listed(2).value().size(), 2U);
  ASSERT_FALSE(listed(3));
  EXPECT_EQ(listed(3).error().code, Code::too_large);
  EXPECT_EQ(whole_list<int>(fail(Code::corrupt, ""), 2).error().code, Code::corrupt);
}

TEST(WholeList, OfTokenRoles) {
  constexpr std::size_t kMost = 4096;
  AuthWorld world;
  const auto write = [&](std::size_t first, std::size_t end) {
    constexpr std::size_t kUnit = 64;
    while (first < end) {
      work::View view = world.view();
      for (const std::size_t stop = std::min(first + kUnit, end); first < stop; ++first) {
        TokenRoleRow row;
        row.name = "r" + std::to_string(first);
        ASSERT_TRUE(TokenRoles(view).write(std::move(row)));
      }
      ASSERT_TRUE(world.commit(view));
    }
  };
  const auto list = [&] {
    work::View view = world.view();
    return TokenRoles(view).list();
  };
  write(0, kMost);
  EXPECT_EQ(list().value().size(), kMost);
  write(kMost, kMost + 1);
  const auto beyond = list();
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::too_large);
}

// A limit is one of living tokens: those that wait for the sweep do not take their places.
TEST(WholeList, OfTokensCountsTheLiving) {
  AuthWorld world;
  for (int i = 0; i < 9; ++i) world.issue(plain_spec(std::chrono::minutes(1)));
  world.clock.advance(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) world.issue(plain_spec());
  work::View view = world.view();
  Tokens tokens(view);
  const auto count = [](const auto& result) { return result.value().size(); };
  EXPECT_EQ(count(tokens.accessors({}, 3)), 3U);
  EXPECT_EQ(count(tokens.accessors({}, 100)), 4U) << "with the root token";
  EXPECT_EQ(count(tokens.by_lease_prefix("auth/token/create/", 2)), 2U);
  EXPECT_EQ(count(tokens.by_lease_prefix("auth/token/create/", 3)), 3U);
  EXPECT_EQ(count(tokens.by_lease_prefix("auth/token/create/", 100)), 3U);
}

}  // namespace
}  // namespace coffer::domain
