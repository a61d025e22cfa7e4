// The machine's time is set back or forward under a running server: what expires, does so after the
// time that it was given, and nothing that is over comes back.
#include "dialects/vault/test_gate.h"
#include "store/sqlite/temporary_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::dialects::vault {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr Duration kBack = -hours(30);

std::string token_of(TestGate& gate, std::string_view ttl) {
  const TestAnswer made = gate.as_root(
      "POST", "/v1/auth/token/create", R"({"no_parent":true,"ttl":")" + std::string(ttl) + R"("})");
  EXPECT_EQ(made.status, 200) << made.body;
  return made.text("auth", "client_token");
}

int use(TestGate& gate, const std::string& token) {
  return gate.call("GET", "/v1/auth/token/lookup-self", "", token).status;
}

TEST(ClockSteps, AStepBackDoesNotLengthenTheLifeOfATokenNorBringItBack) {
  TestGate gate;
  const std::string token = token_of(gate, "1h");
  gate.clock.advance(minutes(30));
  gate.clock.step(kBack);
  const TestAnswer self = gate.call("GET", "/v1/auth/token/lookup-self", "", token);
  EXPECT_EQ(self.status, 200);
  EXPECT_LE(std::stoi(self.text("data", "ttl")), 30 * 60);
  gate.clock.advance(minutes(29));
  EXPECT_EQ(use(gate, token), 200);
  gate.clock.advance(minutes(1));
  EXPECT_EQ(use(gate, token), 403);
  gate.clock.step(kBack);
  EXPECT_EQ(use(gate, token), 403) << "it stays dead";
}

TEST(ClockSteps, AStepForwardEndsATokenForGood) {
  TestGate gate;
  const std::string token = token_of(gate, "1h");
  const std::string longer = token_of(gate, "3h");
  gate.clock.step(hours(2));
  EXPECT_EQ(use(gate, token), 403);
  EXPECT_EQ(use(gate, longer), 200);
  gate.clock.step(-hours(2));
  EXPECT_EQ(use(gate, token), 403) << "the step was a mistake, but nothing lives again";
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", "", token).status, 403);
  gate.clock.advance(minutes(61));
  EXPECT_EQ(use(gate, longer), 403) << "the server's own time went on from the step";
  EXPECT_EQ(use(gate, token_of(gate, "1m")), 200);
}

TEST(ClockSteps, ARenewalAfterAStepBackGivesNoMoreThanWasAskedFor) {
  TestGate gate;
  const std::string token = token_of(gate, "1h");
  gate.clock.advance(minutes(50));
  gate.clock.step(kBack);
  EXPECT_EQ(gate.call("POST", "/v1/auth/token/renew-self", R"({"increment":"1h"})", token).status,
            200);
  gate.clock.advance(minutes(59));
  EXPECT_EQ(use(gate, token), 200);
  gate.clock.advance(minutes(2));
  EXPECT_EQ(use(gate, token), 403);
}

TEST(ClockSteps, AWrapLastsAsLongAsItWasMadeFor) {
  TestGate gate;
  const auto wrap = [&gate] {
    return gate
        .call("POST",
              "/v1/sys/wrapping/wrap",
              R"({"a":"b"})",
              gate.root(),
              {{"x-vault-wrap-ttl", "60s"}})
        .text("wrap_info", "token");
  };
  const auto open = [&gate](const std::string& token) {
    return gate.call("POST", "/v1/sys/wrapping/unwrap", "", token).status;
  };
  const std::string in_time = wrap();
  const std::string late = wrap();
  gate.clock.step(kBack);
  gate.clock.advance(seconds(58));
  EXPECT_EQ(open(in_time), 200);
  gate.clock.advance(seconds(3));
  EXPECT_EQ(open(late), 400);
  const std::string forward = wrap();
  gate.clock.step(hours(31));  // a minute ahead of the server's own time, and an hour
  EXPECT_EQ(open(forward), 400);
}

TEST(ClockSteps, VersionsOfASecretKeepTheirOrder) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})").status, 204);
  std::string last;
  for (const Duration step : {Duration(0), kBack, Duration(hours(50)), Duration(-seconds(1))}) {
    gate.clock.step(step);
    gate.clock.advance(seconds(1));
    const TestAnswer written = gate.as_root("POST", "/v1/kv/data/a", R"({"data":{"v":"x"}})");
    ASSERT_EQ(written.status, 200) << written.body;
    EXPECT_GT(written.text("data", "created_time"), last);
    last = written.text("data", "created_time");
  }
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/data/a").text("data", "metadata", "version"), "4");
  ASSERT_EQ(gate.as_root("POST", "/v1/kv/metadata/b", R"({"delete_version_after":"1h"})").status,
            204);
  ASSERT_EQ(gate.as_root("POST", "/v1/kv/data/b", R"({"data":{"v":"x"}})").status, 200);
  gate.clock.step(kBack);
  gate.clock.advance(minutes(59));
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/data/b").status, 200);
  gate.clock.advance(minutes(2));
  EXPECT_EQ(gate.as_root("GET", "/v1/kv/data/b").status, 404);
  EXPECT_THAT(gate.findings(), IsEmpty());
}

TEST(ClockSteps, ALockLastsFifteenMinutesOfTimeThatPasses) {
  TestGate gate;
  ASSERT_EQ(gate.as_root("POST", "/v1/sys/auth/userpass", R"({"type":"userpass"})").status, 204);
  ASSERT_EQ(gate.as_root("POST", "/v1/auth/userpass/users/ann", R"({"password":"right"})").status,
            204);
  const auto log_in = [&gate](std::string_view password) {
    return gate
        .call("POST",
              "/v1/auth/userpass/login/ann",
              R"({"password":")" + std::string(password) + R"("})",
              "")
        .status;
  };
  for (std::uint32_t i = 0; i < domain::kMaxFailures; ++i) {
    if (i == 2) gate.clock.step(kBack);
    EXPECT_EQ(log_in("wrong"), 400);
  }
  gate.clock.step(kBack);
  EXPECT_EQ(log_in("right"), 403);
  gate.clock.advance(minutes(14));
  EXPECT_EQ(log_in("right"), 403);
  gate.clock.advance(minutes(1));
  EXPECT_EQ(log_in("right"), 200) << "not a day later";
}

// The next process believes the machine: see SECURITY.md. Nothing breaks, and what is written from
// then on is newer than what it replaces.
TEST(ClockSteps, ARestartWithAnEarlierTimeLosesNothing) {
  const store::sqlite::TemporaryStore file;
  auto first = std::make_unique<TestGate>(TestGate::Start::unsealed, file.open());
  const TestGate::Credentials credentials = first->credentials();
  first->clock.step(hours(1000));
  ASSERT_EQ(first->as_root("POST", "/v1/sys/mounts/kv", R"({"type":"kv-v2"})").status, 204);
  for (const char* value : {"1", "2"}) {
    ASSERT_EQ(
        first->as_root("POST", "/v1/kv/data/a", R"({"data":{"v":")" + std::string(value) + R"("}})")
            .status,
        200);
  }
  const Timestamp ended = first->clock.now();
  first.reset();

  TestGate second(TestGate::Start::empty, file.open());
  second.take_over(credentials);
  ASSERT_LT(second.clock.now(), ended - hours(900));
  EXPECT_EQ(second.as_root("GET", "/v1/kv/data/a").text("data", "data", "v"), "2");
  ASSERT_EQ(second.as_root("POST", "/v1/kv/data/a", R"({"data":{"v":"3"}})").status, 200);
  EXPECT_EQ(second.as_root("GET", "/v1/kv/data/a").text("data", "data", "v"), "3");
  ASSERT_EQ(second.as_root("DELETE", "/v1/kv/metadata/a").status, 204);
  ASSERT_EQ(second.as_root("POST", "/v1/kv/data/a", R"({"data":{"v":"4"}})").status, 200);
  EXPECT_EQ(second.as_root("GET", "/v1/kv/data/a").text("data", "data", "v"), "4");
  EXPECT_THAT(second.findings(), IsEmpty());
}

}  // namespace
}  // namespace coffer::dialects::vault
