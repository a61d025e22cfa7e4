// The gate with a dialect of one route a case: what is audited, when the answer leaves.
#include "gate/gate.h"

#include "domain/auth/lockouts.h"
#include "domain/auth/tokens.h"
#include "proof/batch.h"
#include "proof/verifier.h"
#include "store/memory/memory_store.h"
#include "work/test_loop.h"
#include "work/test_rows.h"
#include "work/test_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <set>

namespace coffer::gate {
namespace {

using testing::ElementsAre;

// Routes "/t/<name>" to the operation of that name; the answer's body is the reply or the code.
class FakeDialect final : public Dialect {
 public:
  explicit FakeDialect(const std::deque<Operation>& operations) : operations_(operations) {}

  [[nodiscard]] std::string_view name() const override { return "fake"; }

  [[nodiscard]] bool owns(std::string_view path) const override { return path.starts_with("/t/"); }

  [[nodiscard]] std::string_view credential(const net::Request& request) const override {
    return request.header("token");
  }

  Result<formats::JsonView> parse_body(net::Request& request) const override {
    if (request.body.empty()) return formats::JsonView();
    return formats::JsonView::parse(request.body.text());
  }

  Result<const Operation*> route(Call& call) const override {
    for (const Operation& operation : operations_) {
      if (call.target.path == "/t/" + std::string(operation.name())) return &operation;
    }
    return fail(Code::not_found, "no such route");
  }

  // The operation "limited" has a limit for each principal.
  [[nodiscard]] std::optional<std::uint16_t> limit_of(const Call&,
                                                      const Operation& operation) const override {
    if (operation.name() == "limited") return std::uint16_t{0};
    return std::nullopt;
  }

  net::Response success(const Call&, Reply reply) const override {
    net::Response response;
    response.body = std::move(reply.body);
    return response;
  }

  net::Response failure(const net::Request&, const Error& error, std::string_view) const override {
    net::Response response;
    response.status = error.code == Code::sealed ? 503 : 400;
    response.body = secure::SecureText(to_text(error.code));
    return response;
  }

 private:
  const std::deque<Operation>& operations_;
};

struct Answer {
  int status = 0;
  std::string body;
};

class GateTest : public testing::Test {
 protected:
  static constexpr RequestRate kTwice{0.01, 2};

  GateTest() {
    std::vector<std::unique_ptr<Dialect>> dialects;
    dialects.push_back(std::make_unique<FakeDialect>(operations));
    gate = std::make_unique<Gate>(GateOptions{.allowed_hosts = {"localhost", "::1"},
                                              .short_of_room = [this] { return disk_full; },
                                              .principal_limits = {.rates = {kTwice}}},
                                  lifecycle,
                                  workers,
                                  metrics,
                                  clock,
                                  *random,
                                  std::move(dialects));
    Initialized made = lifecycle.initialize({1, 1}).value();
    root = std::string(made.root_token.text());
    share = made.shares.shares[0].clone();
    EXPECT_TRUE(lifecycle.unseal(share.view(), "127.0.0.1").value());
    next_record = store.last_record(rows::kAuditLog).value()->sequence + 1;
  }

  void add(std::string_view name, Permission permission, Handler handler) {
    operations.emplace_back(
        name, proof::EventType::secret_accessed, std::move(permission), std::move(handler));
  }

  // An answer comes into `answers_` in its time.
  Answer& send(const std::string& name,
               std::string_view token = {},
               std::vector<std::pair<std::string, std::string>> headers = {}) {
    Answer& answer = answers_.emplace_back();
    net::Request request;
    request.method = method;
    request.target = "/t/" + name;
    request.peer.address = "192.0.2.1";
    request.loop = &loop;
    request.headers.push_back({"token", secure::SecureText(token)});
    for (const auto& [key, value] : headers) {
      request.headers.push_back({key, secure::SecureText(value)});
    }
    gate->handle(std::move(request), [&answer](net::Response response) {
      answer = {response.status, std::string(response.body.text())};
    });
    return answer;
  }

  Answer get(const std::string& name,
             std::string_view token = {},
             std::vector<std::pair<std::string, std::string>> headers = {}) {
    Answer& answer = send(name, token, std::move(headers));
    EXPECT_TRUE(loop.run_until([&] { return answer.status != 0; }));
    return answer;
  }

  // "type outcome" of what was logged since the last call.
  std::vector<std::string> logged(std::vector<proof::Event>* all = nullptr) {
    std::vector<std::string> out;
    for (const auto& record : store.read_log(rows::kAuditLog, next_record, 1000).value()) {
      next_record = record.sequence + 1;
      for (proof::Event& event : proof::decode_batch(record.record).value()) {
        out.push_back(std::string(to_text(event.type)) + " " + std::string(to_text(event.outcome)));
        if (all != nullptr) all->push_back(std::move(event));
      }
    }
    return out;
  }

  static Reply reply(std::string_view text) {
    Reply out;
    out.body = secure::SecureText(text);
    return out;
  }

  // A unit of somebody else, durable at once.
  void write_counter(std::uint64_t value) {
    const UnsealedPtr unsealed = lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
    ASSERT_TRUE(view.put(work::counter("shared", value)));
    ASSERT_TRUE(unsealed->committer->commit(view, {configured()}));
  }

  static proof::Event configured() {
    proof::Event event;
    event.type = proof::EventType::system_configured;
    event.outcome = proof::Outcome::allowed;
    return event;
  }

  // The whole log, against the head of the committer.
  void verify_chain() {
    const UnsealedPtr unsealed = lifecycle.current();
    proof::Verifier verifier(unsealed->rows->keyring()->audit_key().public_key(),
                             unsealed->committer->head());
    for (const auto& record : store.read_log(rows::kAuditLog, 1, 100'000).value()) {
      const auto events = verifier.feed(record.record);
      ASSERT_TRUE(events) << events.error().message;
    }
    const auto reached = verifier.finish();
    EXPECT_TRUE(reached) << reached.error().message;
  }

  std::uint64_t counter() {
    const UnsealedPtr unsealed = lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
    const auto row = view.find<work::CounterRow>("shared").value();
    return row ? *row->row.value : 0;
  }

  FakeClock clock;
  std::unique_ptr<crypto::Random> random = crypto::seeded_random(1);
  work::TestStore store{store::make_memory_store()};
  work::TestLoop loop;
  Metrics metrics;
  Lifecycle lifecycle{{.cache_octets = 1U << 20U, .fixed_root_token = {}}, store, clock, *random};
  Workers workers{1, 1};
  std::deque<Operation> operations;
  std::unique_ptr<Gate> gate;
  std::string root;
  secure::SecureBytes share;
  std::uint64_t next_record = 1;
  bool disk_full = false;
  std::string method = "GET";

 private:
  std::deque<Answer> answers_;
};

constexpr Public kOpen{"a test"};

TEST_F(GateTest, AnswersOnlyAfterTheEventIsDurable) {
  add("read", kOpen, [](Call&) -> Result<Reply> { return reply("hello"); });
  store.hold_commits();
  const std::uint64_t reached = store.commits_reached;
  const Answer& answer = send("read");
  loop.run();
  while (store.commits_reached == reached) std::this_thread::yield();
  loop.run();
  EXPECT_EQ(answer.status, 0);
  store.release();
  ASSERT_TRUE(loop.run_until([&] { return answer.status != 0; }));
  EXPECT_EQ(answer.body, "hello");
  EXPECT_THAT(logged(), ElementsAre("secret.accessed allowed"));
}

TEST_F(GateTest, AnswersNothingElseWhenTheStoreFails) {
  add("read", kOpen, [](Call&) -> Result<Reply> { return reply("hello"); });
  store.fail = work::TestStore::Fail::commit;
  EXPECT_EQ(get("read").body, "unavailable");
  store.fail = work::TestStore::Fail::nothing;
  EXPECT_EQ(get("read").body, "hello");
}

TEST_F(GateTest, LogsADenialAndDropsWhatItsHandlerWouldHaveDone) {
  add("nothing",
      Resolve([](Call&) -> Result<std::vector<policy::Access>> {
        return std::vector<policy::Access>();  // no access named: denied
      }),
      [](Call&) -> Result<Reply> {
        ADD_FAILURE() << "the handler ran";
        return reply("");
      });
  EXPECT_EQ(get("nothing", root).body, "permission_denied");
  // Root asked for it, whatever became of it.
  EXPECT_THAT(logged(), ElementsAre("auth.root_used denied", "secret.access_denied denied"));
}

TEST_F(GateTest, KeepsNothingOfAHandlerThatFails) {
  add("fail", kOpen, [](Call& call) -> Result<Reply> {
    COFFER_CHECK(call.view->put(work::counter("shared", 9)));
    return fail(Code::precondition_failed, "not now");
  });
  EXPECT_EQ(get("fail").body, "precondition_failed");
  EXPECT_EQ(counter(), 0U);
  EXPECT_THAT(logged(), ElementsAre("secret.accessed failed"));
}

TEST_F(GateTest, LogsAUnitThatIsTooLargeAsAFailure) {
  add("large", kOpen, [](Call& call) -> Result<Reply> {
    for (std::size_t i = 0; i <= store::kMaxUnitItems; ++i) {
      COFFER_CHECK(call.view->put(work::counter(std::to_string(i), i)));
    }
    return reply("done");
  });
  EXPECT_EQ(get("large").body, "too_large");
  EXPECT_THAT(logged(), ElementsAre("secret.accessed failed"));
}

TEST_F(GateTest, RunsAgainAfterAConflictAndItsEffectOnce) {
  std::atomic<int> effects = 0;
  int runs = 0;
  add("count", kOpen, [&](Call& call) -> Result<Reply> {
    COFFER_TRY(const int* slow,
               call.effects.get<int>("slow", [&effects]() -> Result<int> { return ++effects; }));
    COFFER_TRY(const auto row, call.view->find<work::CounterRow>("shared"));
    const std::uint64_t value = row ? *row->row.value : 0;
    if (++runs == 1) write_counter(40);  // somebody is faster
    COFFER_CHECK(call.view->put(work::counter("shared", value + 1)));
    return reply(std::to_string(*slow));
  });
  EXPECT_EQ(get("count").body, "1");
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(effects, 1);
  EXPECT_EQ(counter(), 41U);
  EXPECT_THAT(logged(), ElementsAre("system.configured allowed", "secret.accessed allowed"));
}

TEST_F(GateTest, CountsRefusalsWithoutIdentityAndWritesOneEventForEach) {
  add("read", AnyToken{"a test"}, [](Call&) -> Result<Reply> { return reply("hello"); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("read", "no such token").body, "permission_denied");
  EXPECT_EQ(get("nowhere", root).body, "not_found");
  EXPECT_TRUE(logged().empty()) << "not one by one";
  store.fail = work::TestStore::Fail::commit;
  gate->flush_refusals();
  store.fail = work::TestStore::Fail::nothing;
  EXPECT_TRUE(logged().empty());
  gate->flush_refusals();
  std::vector<proof::Event> events;
  EXPECT_THAT(logged(&events), ElementsAre("request.refused denied", "request.refused denied"));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].source_ip, "192.0.2.1");
  EXPECT_EQ(events[0].facts.at(0).value, "3") << "a flush that failed forgets nothing";
  EXPECT_EQ(events[1].reason, "not_found");
  EXPECT_EQ(events[1].facts.at(0).value, "1");
  gate->flush_refusals();
  EXPECT_TRUE(logged().empty());
}

TEST_F(GateTest, AnOptionalTokenThatIsGivenMustBeGood) {
  add("read", OptionalToken{"a test"}, [](Call& call) -> Result<Reply> {
    return reply(call.principal != nullptr ? call.principal->type : "nobody");
  });
  EXPECT_EQ(get("read").body, "nobody");
  EXPECT_EQ(get("read", root).body, "token");
  EXPECT_EQ(get("read", "no such token").body, "permission_denied");
  std::vector<proof::Event> events;
  EXPECT_THAT(
      logged(&events),
      ElementsAre("secret.accessed allowed", "auth.root_used allowed", "secret.accessed allowed"));
  EXPECT_EQ(events[0].actor_type, "anonymous");
  ASSERT_EQ(events[0].accesses.size(), 1U);
  EXPECT_EQ(events[0].accesses[0].action, "read");
  EXPECT_EQ(events[2].actor_type, "token");
  EXPECT_EQ(events[2].reason, "a test");
  gate->flush_refusals();
  EXPECT_THAT(logged(), ElementsAre("request.refused denied")) << "the bad token is counted";
}

TEST_F(GateTest, RateQuotasRefuseWhatIsTooMuchBeforeAnybodyIsKnown) {
  add("read", AnyToken{"a test"}, [](Call&) -> Result<Reply> { return reply("hello"); });
  {
    const UnsealedPtr unsealed = lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
    ASSERT_TRUE(domain::RateQuotas(view).put(
        "q", {.path = "", .thousandths = 2000, .interval = std::chrono::seconds(1), .block = {}}));
    proof::Event event;
    event.type = proof::EventType::system_configured;
    event.outcome = proof::Outcome::allowed;
    ASSERT_TRUE(unsealed->committer->commit(view, {event}));
  }
  logged();
  EXPECT_EQ(get("read", root).body, "hello");
  EXPECT_EQ(get("read", "no such token").body, "permission_denied") << "counts as well";
  EXPECT_EQ(get("read", root).body, "exhausted");
  EXPECT_THAT(logged(), ElementsAre("auth.root_used allowed", "secret.accessed allowed"));
  gate->flush_refusals();
  EXPECT_THAT(logged(), ElementsAre("request.refused denied", "request.refused denied"));
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(get("read", root).body, "hello");
}

TEST_F(GateTest, ARequestCountsOnceForItsPrincipalHoweverOftenItRuns) {
  int runs = 0;
  add("limited", AnyToken{"a test"}, [&](Call& call) -> Result<Reply> {
    COFFER_CHECK(call.effects.get<int>("slow", []() -> Result<int> { return 1; }));
    COFFER_TRY(const auto row, call.view->find<work::CounterRow>("shared"));
    if (++runs == 1) write_counter(40);  // somebody is faster
    COFFER_CHECK(call.view->put(work::counter("shared", 1 + (row ? *row->row.value : 0))));
    return reply("counted");
  });
  EXPECT_EQ(get("limited", root).body, "counted");
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(get("limited", "no such token").body, "permission_denied");
  EXPECT_EQ(get("limited", root).body, "counted");
  EXPECT_EQ(get("limited", root).body, "exhausted");
  EXPECT_EQ(counter(), 42U);
  std::vector<proof::Event> events;
  logged(&events);
  EXPECT_EQ(events.back().type, proof::EventType::secret_accessed);
  EXPECT_EQ(events.back().outcome, proof::Outcome::failed);
  EXPECT_EQ(events.back().reason, "too many requests");
  clock.advance(std::chrono::seconds(100));
  EXPECT_EQ(get("limited", root).body, "counted");
}

// Each of these uses the token up by one: all but the first run again.
TEST_F(GateTest, AConflictLetsNothingThroughThatWasOneTooMany) {
  add("limited", AnyToken{"a test"}, [](Call&) -> Result<Reply> { return reply("served"); });
  const UnsealedPtr unsealed = lifecycle.current();
  work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
  domain::TokenSpec spec{.policies = {"default"}, .path = "auth/token/create", .num_uses = 10};
  spec.ttl = std::chrono::hours(1);
  const auto token = domain::Tokens(view).issue(std::move(spec));
  ASSERT_TRUE(token && unsealed->committer->commit(view, {configured()}));
  std::multiset<std::string> bodies;
  std::vector<const Answer*> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(&send("limited", token->text.text()));
  for (const Answer* answer : answers) {
    ASSERT_TRUE(loop.run_until([&] { return answer->status != 0; }));
    bodies.insert(answer->body);
  }
  EXPECT_GE(unsealed->committer->stats().conflicts, 3U) << "or this shows nothing";
  EXPECT_THAT(bodies, ElementsAre("exhausted", "exhausted", "served", "served"));
}

TEST_F(GateTest, ServesOnlyWhatFreesRoomWhenTheDiskIsFull) {
  int runs = 0;
  const Handler handler = [&runs](Call&) -> Result<Reply> {
    ++runs;
    return reply("done");
  };
  add("read", kOpen, handler);
  operations.emplace_back("seal", proof::EventType::system_sealed, kOpen, handler);
  operations.emplace_back("revoke", proof::EventType::auth_token_revoked, kOpen, handler);
  operations.emplace_back("export", proof::EventType::system_audit_read, kOpen, handler);
  disk_full = true;
  EXPECT_EQ(get("read").body, "unavailable");
  EXPECT_EQ(runs, 0);
  for (const char* served : {"seal", "revoke", "export"}) EXPECT_EQ(get(served).body, "done");
  method = "DELETE";
  EXPECT_EQ(get("read").body, "done");
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(logged().size(), 4U);
  gate->flush_refusals();
  EXPECT_TRUE(logged().empty()) << "the counts wait for room";
  disk_full = false;
  gate->flush_refusals();
  EXPECT_THAT(logged(), ElementsAre("request.refused denied"));
  EXPECT_EQ(get("read").body, "done");
}

// As a log-in does it, without the password's hash.
Handler failing_login() {
  return [](Call& call) -> Result<Reply> {
    const std::string name(call.request.header("user"));
    domain::Lockouts lockouts(*call.view, to_bytes("mount--1"), call.unsealed->failed_logins);
    COFFER_TRY(const bool admitted, lockouts.begin_attempt(name));
    if (!admitted) return fail(Code::permission_denied, "locked");
    COFFER_CHECK(lockouts.record_failure(name));
    call.gate_part_optional = true;
    return fail(Code::invalid_argument, "wrong");
  };
}

TEST_F(GateTest, LetsFailingLoginsGrowTheStoreByABoundedAmountAndCountsTheRest) {
  constexpr std::size_t kLogins = 10'000;
  add("login", kOpen, failing_login());
  for (std::size_t i = 0; i < kLogins; ++i) {
    ASSERT_EQ(get("login", "", {{"user", std::to_string(i)}}).body, "invalid_argument");
  }
  const auto rows = store.scan_keys(rows::tables::kLockouts.id, rows::kRootRealm, {}, {}, kLogins);
  EXPECT_EQ(rows->size(), EventRate::kPerSource);
  EXPECT_EQ(logged().size(), EventRate::kPerSource);
  gate->flush_refusals();
  std::vector<proof::Event> events;
  logged(&events);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].source_ip, "192.0.2.1");
  EXPECT_EQ(events[0].reason, "login");
  EXPECT_EQ(events[0].facts.at(0).value, std::to_string(kLogins - EventRate::kPerSource));

  // Although nothing of it is stored any more, a name is locked after as many failures as ever.
  for (std::uint32_t i = 0; i < domain::kMaxFailures; ++i) {
    EXPECT_EQ(get("login", "", {{"user", "ann"}}).body, "invalid_argument");
  }
  EXPECT_EQ(get("login", "", {{"user", "ann"}}).body, "permission_denied");
  EXPECT_TRUE(logged().empty());
}

TEST_F(GateTest, RefusesForeignHostsAndOrigins) {
  add("read", kOpen, [](Call&) -> Result<Reply> { return reply("hello"); });

  struct Case {
    std::string host;
    std::string origin;
    int status;
  };

  const Case cases[] = {
      {"localhost:8200", "", 200},
      {"LocalHost", "", 200},
      {"[::1]:8200", "", 200},
      {"localhost:8200", "http://localhost:8200", 200},
      {"evil.example", "", 403},
      {"localhost.evil.example", "", 403},
      {"localhost:8200", "http://evil.example", 403},
      {"localhost:8200", "http://localhost:9999", 403},
      {"localhost:8200", "null", 403},
  };
  for (const Case& c : cases) {
    std::vector<std::pair<std::string, std::string>> headers{{"host", c.host}};
    if (!c.origin.empty()) headers.emplace_back("origin", c.origin);
    EXPECT_EQ(get("read", "", headers).status, c.status) << c.host << " " << c.origin;
  }
}

TEST_F(GateTest, ServesNothingWhileSealed) {
  add("read", kOpen, [](Call&) -> Result<Reply> { return reply("hello"); });
  lifecycle.seal();
  EXPECT_EQ(get("read").status, 503);
  EXPECT_TRUE(lifecycle.unseal(share.view(), "127.0.0.1").value());
  EXPECT_EQ(get("read").status, 200);
}

// A handler that took its time, as one that waits for an effect does.
TEST_F(GateTest, RefusesAUnitThatComesAfterTheSealAlthoughTheServerWasUnsealedAgain) {
  add("write", kOpen, [](Call& call) -> Result<Reply> {
    COFFER_CHECK(call.view->put(work::counter("shared", 9)));
    return reply("done");
  });
  const Answer& late = send("write");  // not yet with the committer
  const std::weak_ptr<Unsealed> unsealed = lifecycle.current();
  lifecycle.seal();
  ASSERT_TRUE(lifecycle.unseal(share.view(), "127.0.0.1").value());
  ASSERT_TRUE(loop.run_until([&] { return late.status != 0; }));
  EXPECT_EQ(late.status, 503);
  EXPECT_EQ(counter(), 0U);
  loop.run();
  EXPECT_TRUE(unsealed.expired()) << "the old keys are gone with the last request";
  EXPECT_THAT(logged(), ElementsAre("system.unsealed allowed"));
  EXPECT_EQ(get("write").status, 200);
  EXPECT_EQ(counter(), 9U);
  verify_chain();
}

TEST_F(GateTest, UnsealsOnlyWhenTheGroupUnderWayIsFinished) {
  add("write", kOpen, [](Call& call) -> Result<Reply> {
    COFFER_CHECK(call.view->put(work::counter("shared", 9)));
    return reply("done");
  });
  store.hold_commits();
  const std::uint64_t reached = store.commits_reached;
  const Answer& under_way = send("write");
  loop.run();
  while (store.commits_reached == reached) std::this_thread::yield();
  const Answer& behind = send("write");
  loop.run();  // it waits in the committer
  lifecycle.seal();
  auto unsealing =
      std::async(std::launch::async, [&] { return lifecycle.unseal(share.view(), "127.0.0.1"); });
  EXPECT_EQ(unsealing.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  ASSERT_TRUE(loop.run_until([&] { return behind.status != 0; })) << "refused without waiting";
  EXPECT_EQ(behind.status, 503);
  EXPECT_EQ(under_way.status, 0);
  store.release();
  const Result<bool> unsealed = unsealing.get();
  ASSERT_TRUE(unsealed) << unsealed.error().message;
  ASSERT_TRUE(loop.run_until([&] { return under_way.status != 0; }));
  EXPECT_EQ(under_way.status, 200);
  EXPECT_EQ(counter(), 9U) << "what was acknowledged is there";
  EXPECT_THAT(logged(), ElementsAre("secret.accessed allowed", "system.unsealed allowed"));
  verify_chain();
}

// Writers that never look whether it is sealed, against an operator who cannot make up his mind.
TEST_F(GateTest, LosesNoAcknowledgedUnitWhileItIsSealedAndUnsealed) {
  constexpr int kWriters = 3;
  constexpr int kRounds = 40;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> acknowledged = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      while (!stop) {
        const UnsealedPtr unsealed = lifecycle.current();
        if (!unsealed) continue;
        work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
        const auto row = view.find<work::CounterRow>("shared").value();
        ASSERT_TRUE(view.put(work::counter("shared", row ? *row->row.value + 1 : 1)));
        const Result<> done = unsealed->committer->commit(view, {configured()});
        if (done) ++acknowledged;
        const bool expected =
            done || done.error().code == Code::sealed || done.error().code == Code::conflict;
        ASSERT_TRUE(expected) << done.error().message;
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t before = acknowledged;
    while (acknowledged == before) std::this_thread::yield();
    lifecycle.seal();
    ASSERT_TRUE(lifecycle.unseal(share.view(), "127.0.0.1"));
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(counter(), acknowledged);
  verify_chain();
}

// The committer drops the last reference itself when the loop has stopped; it must not join itself.
TEST_F(GateTest, OutlivesALoopThatStopsWhileACommitIsUnderWay) {
  add("read", kOpen, [](Call&) -> Result<Reply> { return reply("hello"); });
  store.hold_commits();
  const std::uint64_t reached = store.commits_reached;
  const Answer& answer = send("read");
  loop.run();
  while (store.commits_reached == reached) std::this_thread::yield();
  const std::weak_ptr<Unsealed> unsealed = lifecycle.current();
  lifecycle.seal();
  loop.stop();
  store.release();
  while (!unsealed.expired()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it is being put aside
  EXPECT_EQ(answer.status, 0);
}

}  // namespace
}  // namespace coffer::gate
