#include "domain/auth/tokens.h"

#include "domain/auth/auth_world.h"
#include "domain/auth/batch_token.h"
#include "domain/auth/sweep.h"
#include "domain/auth/token_text.h"

#include <gtest/gtest.h>

namespace coffer::domain {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(GrantTtl, FollowsTheRules) {
  const Timestamp t0{1'000'000'000'000'000'000};

  struct Row {
    TtlRules rules;
    Duration asked;
    Duration after;  // now - created
    Duration granted;
  };

  const Row table[] = {
      {{}, {}, {}, kServerTtl},
      {{}, seconds(1), {}, seconds(1)},
      {{}, hours(9999), {}, kServerTtl},
      {{}, hours(1), kServerTtl - seconds(1), seconds(1)},
      {{}, hours(1), kServerTtl, {}},
      {{}, hours(1), kServerTtl + hours(1), {}},
      {{}, hours(9999), -hours(5), kServerTtl},  // the clock went back
      {{.max_ttl = hours(2)}, {}, {}, hours(2)},
      {{.explicit_max_ttl = seconds(10)}, hours(1), seconds(4), seconds(6)},
      {{.period = hours(3)}, hours(1), kServerTtl * 2, hours(3)},
      {{.explicit_max_ttl = hours(4), .period = hours(3)}, {}, hours(2), hours(2)},
  };
  for (const Row& row : table) {
    EXPECT_EQ(grant_ttl(row.rules, row.asked, t0, t0 + row.after).ttl, row.granted)
        << row.asked << " after " << row.after;
  }
  EXPECT_FALSE(check_ttl("ttl", -seconds(1)));
  EXPECT_FALSE(check_ttl("ttl", kLongestTtl + seconds(1)));
}

TEST(Tokens, EndAtTheirTime) {
  AuthWorld world;
  const std::string token = world.issue(plain_spec(seconds(10)));
  EXPECT_TRUE(world.passes(token));
  world.clock.advance(seconds(9));
  EXPECT_TRUE(world.passes(token));
  world.clock.advance(seconds(1));
  EXPECT_FALSE(world.passes(token));
}

TEST(Tokens, BadOnesAreAllRefusedAlike) {
  AuthWorld world;
  const std::string long_text(kMaxTokenText + 1, 'x');
  for (const std::string& bad : {std::string(),
                                 std::string("hvs.nothing"),
                                 std::string("hvb.AAAA"),
                                 world.root + "x",
                                 long_text}) {
    work::View view = world.view();
    const auto result = authenticate(view, bad, "127.0.0.1");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), (Error{Code::permission_denied, "permission denied"}));
  }
}

TEST(Tokens, UsesAreCountedThoughTheHandlerFails) {
  AuthWorld world;
  TokenSpec spec = plain_spec();
  spec.num_uses = 2;
  const std::string token = world.issue(std::move(spec));
  ASSERT_TRUE(world.use(token, true));
  ASSERT_TRUE(world.use(token, false));
  EXPECT_FALSE(world.use(token, false));
  work::View view = world.view();
  EXPECT_FALSE(world.value(Tokens(view).by_token(token)));
}

TEST(Tokens, ParallelUsesOfTheLastOneConflict) {
  AuthWorld world;
  TokenSpec spec = plain_spec();
  spec.num_uses = 1;
  const std::string token = world.issue(std::move(spec));
  work::View first = world.view();
  work::View second = world.view();
  ASSERT_TRUE(authenticate(first, token, "127.0.0.1"));
  ASSERT_TRUE(authenticate(second, token, "127.0.0.1"));
  ASSERT_TRUE(world.commit(first));
  EXPECT_EQ(world.commit(second).error().code, Code::conflict);
}

TEST(Tokens, RevocationEndsTheWholeTreeAndTheSweepRemovesIt) {
  AuthWorld world;
  const std::string top = *world.create(world.root, {.policies = {"dev"}});
  const std::string child = *world.create(top, {});
  const std::string grandchild = *world.create(child, {});
  ASSERT_TRUE(world.passes(grandchild));
  world.revoke(top);
  for (const auto& token : {top, child, grandchild}) EXPECT_FALSE(world.passes(token));
  {
    work::View view = world.view();
    EXPECT_EQ(world.value(Tokens(view).accessors({}, 100)).size(), 1U) << "only root";
  }
  for (int round = 0; round < 4; ++round) {
    work::View view = world.view();
    ASSERT_TRUE(sweep_expired(view, 40));
    ASSERT_TRUE(world.commit(view));
  }
  work::View view = world.view();
  EXPECT_EQ(world.value(view.keys<TokenRow>({}, {}, 100)).size(), 1U);
  EXPECT_EQ(world.value(view.keys<TokenAccessorRow>({}, {}, 100)).size(), 1U);
}

TEST(Tokens, ChildrenOutliveAParentRevokedAlone) {
  AuthWorld world;
  const std::string top = *world.create(world.root, {.policies = {"dev"}});
  const std::string child = *world.create(top, {});
  {
    work::View view = world.view();
    const TokenPtr row = world.value(Tokens(view).by_token(top));
    ASSERT_TRUE(Tokens(view).revoke_orphaning(row->row));
    ASSERT_TRUE(world.commit(view));
  }
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(world.passes(top));
    EXPECT_TRUE(world.passes(child)) << "round " << round;
    work::View view = world.view();
    ASSERT_TRUE(sweep_expired(view, 40));
    ASSERT_TRUE(world.commit(view));
  }
}

TEST(Tokens, ChildrenOutliveAParentRevokedAloneWhenItsOwnParentEnds) {
  AuthWorld world;
  // Which of the two the sweep meets first goes by their digests: eight trees have both orders.
  std::vector<std::string> spared;
  for (int tree = 0; tree < 8; ++tree) {
    const std::string top = *world.create(world.root, {.policies = {"dev"}});
    const std::string middle = *world.create(top, {});
    spared.push_back(*world.create(middle, {}));
    work::View alone = world.view();
    const TokenPtr ended = world.value(Tokens(alone).by_token(middle));
    ASSERT_TRUE(Tokens(alone).revoke_orphaning(ended->row));
    ASSERT_TRUE(world.commit(alone));
    work::View all = world.view();
    const TokenPtr first = world.value(Tokens(all).by_token(top));
    ASSERT_TRUE(Tokens(all).revoke(first->row));
    ASSERT_TRUE(world.commit(all));
  }
  for (int round = 0; round < 4; ++round) {
    for (const std::string& token : spared) EXPECT_TRUE(world.passes(token)) << "round " << round;
    work::View view = world.view();
    ASSERT_TRUE(sweep_expired(view, 40));
    ASSERT_TRUE(world.commit(view));
  }
}

TEST(Tokens, AChildMadeMeanwhileIsSparedWithTheOthers) {
  AuthWorld world;
  const std::string top = *world.create(world.root, {.policies = {"dev"}});
  const auto end_alone = [&](work::View& view) {
    const TokenPtr row = world.value(Tokens(view).by_token(top));
    ASSERT_TRUE(Tokens(view).revoke_orphaning(row->row));
  };
  work::View early = world.view();
  end_alone(early);
  const std::string child = *world.create(top, {});
  EXPECT_FALSE(world.commit(early)) << "it saw no child";
  work::View again = world.view();
  end_alone(again);
  ASSERT_TRUE(world.commit(again));
  EXPECT_FALSE(world.passes(top));
  EXPECT_TRUE(world.passes(child));
}

TEST(Tokens, AChosenIdUsedAgainIsNotTheOldParent) {
  AuthWorld world;
  const auto chosen = [] {
    CreateRequest request{.policies = {"dev"}};
    request.id = secure::SecureText("my-own-id");
    return request;
  };
  const std::string top = *world.create(world.root, chosen(), true);
  // The revocation looks for children before the child is committed: the row goes, the child stays.
  work::View revocation = world.view();
  const TokenPtr row = world.value(Tokens(revocation).by_token(top));
  ASSERT_TRUE(Tokens(revocation).revoke(row->row));
  const std::string child = *world.create(top, {});
  ASSERT_TRUE(world.commit(revocation));
  EXPECT_FALSE(world.passes(child));
  ASSERT_TRUE(world.create(world.root, chosen(), true));
  EXPECT_TRUE(world.passes(top));
  EXPECT_FALSE(world.passes(child));
}

TEST(Tokens, RenewalKeepsWithinTheMaximum) {
  AuthWorld world;
  TokenSpec spec = plain_spec(hours(1));
  spec.rules.explicit_max_ttl = hours(2);
  const std::string token = world.issue(std::move(spec));
  world.clock.advance(seconds(3500));
  work::View view = world.view();
  const TokenPtr row = world.value(Tokens(view).by_token(token));
  const TokenRow renewed = world.value(Tokens(view).renew(row->row, hours(9)));
  EXPECT_EQ(**renewed.expires, *row->row.created + hours(2));
  TokenRow fixed = row->row;
  fixed.renewable = false;
  EXPECT_EQ(Tokens(view).renew(fixed, {}).error().message, "lease is not renewable");
}

TEST(Tokens, BoundToAddresses) {
  AuthWorld world;
  TokenSpec spec = plain_spec();
  spec.bound_cidrs = {"10.0.0.0/8"};
  const std::string token = world.issue(std::move(spec));
  EXPECT_TRUE(world.passes(token, "10.1.2.3"));
  EXPECT_TRUE(world.passes(token, "::ffff:10.1.2.3"));
  EXPECT_FALSE(world.passes(token, "11.1.2.3"));
  EXPECT_FALSE(world.passes(token, "nonsense"));
}

TEST(Tokens, DieWithTheirMount) {
  AuthWorld world;
  TokenSpec spec = plain_spec();
  spec.mount_accessor = world.mount("userpass/").accessor;
  const std::string token = world.issue(std::move(spec));
  EXPECT_TRUE(world.passes(token));
  work::View view = world.view();
  ASSERT_TRUE(Mounts(view).remove(MountKind::auth, "userpass/"));
  ASSERT_TRUE(world.commit(view));
  EXPECT_FALSE(world.passes(token));
}

TEST(Tokens, FoundByLease) {
  AuthWorld world;
  const std::string token = world.issue(plain_spec());
  work::View view = world.view();
  const TokenPtr row = world.value(Tokens(view).by_token(token));
  const std::string lease = lease_id_of(row->row);
  EXPECT_TRUE(world.value(find_by_lease(view, lease)));
  EXPECT_FALSE(world.value(find_by_lease(view, "other/path" + lease.substr(lease.rfind('/')))));
  EXPECT_EQ(world.value(Tokens(view).by_lease_prefix("auth/token/create/", 9)).size(), 1U);
}

TEST(BatchTokens, CarryEverythingAndDieWithTheirParent) {
  AuthWorld world;
  const std::string top = *world.create(world.root, {.policies = {"dev"}});
  const std::string batch = *world.create(top, {.ttl = seconds(60), .type = "batch"});
  ASSERT_TRUE(batch.starts_with("hvb."));
  EXPECT_TRUE(world.passes(batch));
  EXPECT_FALSE(world.create(batch, {})) << "a batch token makes no tokens";
  for (std::size_t i = 4; i < batch.size(); ++i) {
    std::string changed = batch;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(world.passes(changed)) << i;
  }
  world.keyring = world.value(world.keyring->rotated(world.clock.now()));
  world.rows->set_keyring(world.keyring);
  EXPECT_TRUE(world.passes(batch)) << "after a rotation";
  world.revoke(top);
  EXPECT_FALSE(world.passes(batch));
}

// It has no row and no accessor: nobody could take it back.
TEST(BatchTokens, AreNeverRootTokens) {
  AuthWorld world;
  EXPECT_FALSE(
      world.create(world.root, {.policies = {"root"}, .ttl = hours(1), .type = "batch"}, true));
  EXPECT_FALSE(world.create(world.root, {.ttl = hours(1), .type = "batch"})) << "the parent's";
  const BatchToken body{.policies = {"root"}, .created = world.clock.now(), .ttl = hours(1)};
  work::View view = world.view();
  const auto text = seal_batch_token(*world.keyring, view.realm(), body);
  ASSERT_TRUE(text);
  EXPECT_FALSE(world.passes(text->text())) << "of an earlier version";
}

TEST(BatchTokens, EndAtTheirTime) {
  AuthWorld world;
  const std::string batch =
      *world.create(world.root, {.policies = {"dev"}, .ttl = seconds(60), .type = "batch"});
  world.clock.advance(seconds(61));
  EXPECT_FALSE(world.passes(batch));
}

TEST(CreateToken, ChildrenHaveNoMoreThanTheirParents) {
  AuthWorld world;
  const std::string dev = *world.create(world.root, {.policies = {"dev", "ops"}});
  EXPECT_TRUE(world.create(dev, {.policies = {"dev"}}));
  const auto more = world.create(dev, {.policies = {"dev", "admin"}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "child policies must be subset of parent");
  EXPECT_TRUE(world.create(dev, {.policies = {"admin"}}, true)) << "sudo";
  EXPECT_FALSE(world.create(dev, {.no_parent = true}));
  EXPECT_FALSE(world.create(dev, {.period = hours(1)}));
}

TEST(CreateToken, OnlyRootMakesRoot) {
  AuthWorld world;
  const std::string dev = *world.create(world.root, {.policies = {"dev"}});
  for (const char* name : {"root",
                           "Root",
                           "ROOT",
                           "rOOt",
                           " root",
                           "root ",
                           "\troot",
                           "r\xc3\xb3ot",
                           "\xef\xbd\x92oot",
                           "root\n"}) {
    EXPECT_FALSE(world.create(dev, {.policies = {name}})) << name;
    EXPECT_FALSE(world.create(dev, {.policies = {name}}, true)) << "with sudo: " << name;
  }
  EXPECT_TRUE(world.create(world.root, {.policies = {"root"}}));
  EXPECT_FALSE(world.create(world.root, {.policies = {"root", "dev"}}));
  const std::string brief = *world.create(world.root, {.policies = {"root"}, .ttl = hours(1)});
  EXPECT_FALSE(world.create(brief, {.policies = {"root"}})) << "an expiring root makes no other";
}

TEST(CreateToken, LimitedTokensMakeNone) {
  AuthWorld world;
  const std::string limited = *world.create(world.root, {.policies = {"dev"}, .num_uses = 3});
  EXPECT_FALSE(world.create(limited, {}));
}

TEST(CreateToken, TheTreeHasALimit) {
  AuthWorld world;
  std::string token = *world.create(world.root, {.policies = {"dev"}});
  int depth = 2;
  while (true) {
    auto next = world.create(token, {});
    if (!next) break;
    token = *next;
    ++depth;
  }
  EXPECT_EQ(depth, kMaxTokenDepth);
  EXPECT_TRUE(world.passes(token));
}

}  // namespace
}  // namespace coffer::domain
