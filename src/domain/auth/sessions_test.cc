#include "domain/auth/sessions.h"

#include "domain/auth/auth_world.h"
#include "domain/auth/token_life.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace coffer::domain {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SessionsTest : public testing::Test {
 protected:
  Result<SessionPtr> begin(std::string_view token, std::string_view ip = "127.0.0.1") {
    work::View view = world_.view();
    return sessions_.begin(view, policies_, token, ip);
  }

  void write_policy(std::string_view name, std::string_view text) {
    work::View view = world_.view();
    ASSERT_TRUE(Policies(view, policies_).write(name, policy::Language::vault, text));
    ASSERT_TRUE(world_.commit(view));
  }

  AuthWorld world_;
  PolicyCache policies_;
  Sessions sessions_;
};

TEST_F(SessionsTest, AreKeptWhileNothingGuardedChanges) {
  const std::string token = world_.issue(plain_spec());
  const SessionPtr first = begin(token).value();
  EXPECT_EQ(begin(token).value(), first);
  EXPECT_NE(begin(world_.root).value(), first);
  EXPECT_FALSE(begin(token + "x"));
}

TEST_F(SessionsTest, EndWithTheirToken) {
  const std::string token = world_.issue(plain_spec());
  ASSERT_TRUE(begin(token));
  world_.revoke(token);
  EXPECT_EQ(begin(token).error().code, Code::permission_denied);
}

TEST_F(SessionsTest, EndWithAnAncestor) {
  const std::string top = *world_.create(world_.root, {.policies = {"dev"}});
  const std::string child = *world_.create(top, {});
  ASSERT_TRUE(begin(child));
  world_.revoke(top);
  EXPECT_FALSE(begin(child));
}

TEST_F(SessionsTest, EndByTheClock) {
  const std::string token = world_.issue(plain_spec(seconds(10)));
  ASSERT_TRUE(begin(token));
  world_.clock.advance(seconds(9));
  EXPECT_TRUE(begin(token));
  world_.clock.advance(seconds(1));
  EXPECT_FALSE(begin(token));
}

TEST_F(SessionsTest, EndWhenAnAncestorExpires) {
  const std::string top = world_.issue(plain_spec(seconds(10)));
  const std::string child = *world_.create(top, {});
  work::View view = world_.view();
  const TokenPtr row = Tokens(view).by_token(child).value();
  EXPECT_EQ(life_of(view, row->row).value().until,
            *Tokens(view).by_token(top).value()->row.expires);
  ASSERT_TRUE(begin(child));
  world_.clock.advance(seconds(11));
  EXPECT_FALSE(begin(child));
}

TEST_F(SessionsTest, SeeAPolicyAtOnce) {
  const std::string token = world_.issue(plain_spec());
  EXPECT_EQ(begin(token).value()->policies.back(), nullptr) << "dev is not written yet";
  write_policy("dev", R"(path "secret/*" { capabilities = ["read"] })");
  EXPECT_NE(begin(token).value()->policies.back(), nullptr);
}

TEST_F(SessionsTest, CheckTheAddressEachTime) {
  TokenSpec spec = plain_spec();
  spec.bound_cidrs = {"192.0.2.0/24"};
  const std::string token = world_.issue(std::move(spec));
  EXPECT_TRUE(begin(token, "192.0.2.7"));
  EXPECT_FALSE(begin(token, "198.51.100.7"));
}

TEST_F(SessionsTest, AreNotKeptForLimitedUses) {
  TokenSpec spec = plain_spec();
  spec.num_uses = 2;
  const std::string token = world_.issue(std::move(spec));
  const SessionPtr first = begin(token).value();
  EXPECT_NE(begin(token).value(), first);
  EXPECT_FALSE(first->principal.lasting);
}

// The token was good when the request began, and its session came from before.
TEST_F(SessionsTest, AWriteInAKeptSessionConflictsWithARevocation) {
  const std::string token = world_.issue(plain_spec());
  ASSERT_TRUE(begin(token));
  work::View view = world_.view();
  ASSERT_TRUE(sessions_.begin(view, policies_, token, "127.0.0.1"));
  ASSERT_TRUE(view.reads().empty()) << "a kept session reads nothing";
  Mount mount;
  mount.path = "more/";
  mount.engine = Engine::kv_v2;
  ASSERT_TRUE(Mounts(view).add(MountKind::secret, mount));
  world_.revoke(token);
  EXPECT_EQ(world_.commit(view).error().code, Code::conflict);
}

// For the thread sanitizer: requests begin while policies change.
TEST_F(SessionsTest, ServeManyThreadsWhilePoliciesChange) {
  const std::string token = world_.issue(plain_spec());
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      const auto random = crypto::system_random();
      while (!done) {
        work::View view(*world_.rows, work::kTestRealm, Timestamp{}, *random);
        EXPECT_TRUE(sessions_.begin(view, policies_, token, "127.0.0.1"));
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    write_policy("dev", "path \"secret/" + std::to_string(i) + "\" { capabilities = [\"read\"] }");
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(begin(token).value()->policies.back(), nullptr);
}

}  // namespace
}  // namespace coffer::domain
