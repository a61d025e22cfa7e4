// TestGate: a whole gate with the dialects that its maker is given, over a store in memory, for
// tests of dialects. Each dialect has a TestGate of its own that derives from this one.
//
// call() runs the loop until the answer is there. Time stands still but for a millisecond a call;
// randomness repeats. For one thread. Construction throws when a part fails to start.
#pragma once

#include "base/clock.h"
#include "base/forward_clock.h"
#include "crypto/random.h"
#include "domain/audit/store_verifier.h"
#include "domain/auth/tokens.h"
#include "domain/identity/policies.h"
#include "formats/json.h"
#include "gate/gate.h"
#include "gate/lifecycle.h"
#include "gate/metrics.h"
#include "gate/workers.h"
#include "proof/batch.h"
#include "store/memory/memory_store.h"
#include "work/test_store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::gate {

// A loop whose tasks wait until the test runs them.
class TestLoop final : public net::Loop {
 public:
  void post(std::move_only_function<void()> task) override {
    {
      const std::scoped_lock lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
  }

  // Waits for a task and runs it. False when none came in time.
  bool run_one() {
    std::move_only_function<void()> task;
    {
      std::unique_lock lock(mutex_);
      constexpr std::chrono::seconds kPatience{20};
      if (!wake_.wait_for(lock, kPatience, [this] { return !tasks_.empty(); })) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> tasks_;
};

struct TestAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  // The member at the path of names: a string unescaped, anything else as it stands; "" when there
  // is none.
  template <class... Names>
  [[nodiscard]] std::string text(Names... names) const {
    const auto parsed = formats::JsonView::parse(body);
    std::optional<formats::JsonView> at =
        parsed ? std::optional(*parsed) : std::optional<formats::JsonView>();
    for (const std::string_view name : {std::string_view(names)...}) {
      if (at) at = at->find(name);
    }
    if (!at) return "";
    return at->kind() == formats::JsonKind::string ? *at->string() : std::string(at->raw());
  }

  [[nodiscard]] std::string error() const {
    const auto parsed = formats::JsonView::parse(body);
    const auto errors = parsed ? parsed->find("errors") : std::nullopt;
    if (!errors || errors->elements().empty()) return "";
    return *errors->elements().front().string();
  }
};

// The machine's clock as a server reads it: through ForwardClock. Time passes by advance(); step()
// sets the machine's time to another one, as an operator or a time server does.
class TestClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return server_.now(); }

  [[nodiscard]] Duration steady() const override { return machine_.steady(); }

  void advance(Duration d) { machine_.passing.advance(d); }

  void step(Duration d) { machine_.step += d.count(); }

 private:
  struct Machine final : public Clock {
    [[nodiscard]] Timestamp now() const override { return passing.now() + Duration(step.load()); }

    [[nodiscard]] Duration steady() const override { return passing.steady(); }

    FakeClock passing;
    std::atomic<std::int64_t> step = 0;
  };

  Machine machine_;
  ForwardClock server_{machine_};
};

class TestGate {
 public:
  enum class Start : std::uint8_t { unsealed, empty };

  // Called once, when everything that a dialect may borrow is there.
  using MakeDialects = std::function<std::vector<std::unique_ptr<Dialect>>(TestGate&)>;

  explicit TestGate(const MakeDialects& make_dialects,
                    Start start = Start::unsealed,
                    std::unique_ptr<store::Store> inner = store::make_memory_store())
      : random(crypto::seeded_random(start == Start::empty ? 2 : 1)), store(std::move(inner)) {
    gate = std::make_unique<Gate>(
        GateOptions{}, lifecycle, workers, metrics, clock, *random, make_dialects(*this));
    if (start == Start::empty) return;
    Initialized made = value(lifecycle.initialize({kShares, kThreshold}));
    root_ = std::string(made.root_token.text());
    for (const auto& share : made.shares.shares) {
      shares_.emplace_back(secure::hex_text(share.view()).text());
    }
    for (std::size_t i = 0; i < kThreshold; ++i) {
      value(lifecycle.unseal(made.shares.shares[i].view(), "127.0.0.1"));
    }
  }

  // A token that may do everything.
  [[nodiscard]] const std::string& root() const { return root_; }

  // In hexadecimal; two of them unseal.
  [[nodiscard]] const std::vector<std::string>& shares() const { return shares_; }

  TestAnswer call(std::string_view method,
                  std::string_view target,
                  std::string_view body,
                  std::string_view token,
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    net::Request request;
    request.method = method;
    request.target = target;
    request.body = secure::SecureText(body);
    request.peer.address = source;
    request.peer.tls = certificates != nullptr;
    request.peer.certificates = certificates;
    request.loop = &loop;
    if (!token.empty()) request.headers.push_back({"x-vault-token", secure::SecureText(token)});
    for (const auto& [name, value] : headers) {
      request.headers.push_back({name, secure::SecureText(value)});
    }
    std::optional<TestAnswer> answer;
    gate->handle(std::move(request), [&answer](net::Response response) {
      answer = TestAnswer{response.status,
                          std::string(response.content_type),
                          std::string(response.body.text()),
                          std::move(response.headers)};
    });
    while (!answer) {
      if (!loop.run_one()) throw std::runtime_error("no answer");
    }
    clock.advance(std::chrono::milliseconds(1));
    return *std::move(answer);
  }

  // The same with the root token.
  TestAnswer as_root(std::string_view method, std::string_view target, std::string_view body = "") {
    return call(method, target, body, root_);
  }

  // Of a gate that began empty, over a store that is not: what its maker knows.
  void remember(std::string root, std::vector<std::string> shares) {
    root_ = std::move(root);
    shares_ = std::move(shares);
  }

  // A token of an hour with one policy of this text.
  std::string token_with(std::string_view policy_text) {
    const UnsealedPtr unsealed = lifecycle.current();
    work::View view(*unsealed->rows, rows::kRootRealm, clock.now(), *random);
    const std::string name = "made-" + std::to_string(++policies_made_);
    value(domain::Policies(view, unsealed->policies)
              .write(name, policy::Language::vault, policy_text));
    domain::TokenSpec spec;
    spec.policies = {name};
    spec.path = "auth/token/create";
    spec.ttl = std::chrono::hours(1);
    const domain::IssuedToken issued = value(domain::Tokens(view).issue(std::move(spec)));
    proof::Event event;
    event.time = clock.now();
    event.type = proof::EventType::auth_token_created;
    event.outcome = proof::Outcome::allowed;
    event.realm = 1;
    if (!unsealed->committer->commit(view, {event})) throw std::runtime_error("no commit");
    clock.advance(std::chrono::milliseconds(1));
    return std::string(issued.text.text());
  }

  // What a verification of the whole store finds: "table key: what".
  std::vector<std::string> findings() {
    const UnsealedPtr unsealed = lifecycle.current();
    std::vector<std::string> found;
    const auto note = [&found](const domain::TamperFinding& finding) -> Result<> {
      found.push_back(finding.table + " " + finding.key + ": " + finding.what);
      return {};
    };
    const auto no_progress = [](const domain::VerifySummary&) -> Result<> { return {}; };
    value(domain::verify_store(*unsealed->rows, unsealed->committer->head(), {note, no_progress}));
    return found;
  }

  // What was logged since the last call.
  std::vector<proof::Event> events() {
    std::vector<proof::Event> out;
    for (const auto& record : value(store.read_log(rows::kAuditLog, next_record_, 10'000))) {
      next_record_ = record.sequence + 1;
      for (proof::Event& event : value(proof::decode_batch(record.record))) {
        out.push_back(std::move(event));
      }
    }
    return out;
  }

  template <class T>
  static T value(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }

  static constexpr std::size_t kShares = 3;
  static constexpr std::size_t kThreshold = 2;

  // Where the requests of call() come from.
  std::string source = "127.0.0.1";
  // What they show; null: they come without TLS.
  net::ShownCertificates certificates;

  // In the order in which each needs the former.
  TestClock clock;
  std::unique_ptr<crypto::Random> random;
  work::TestStore store;
  TestLoop loop;
  Metrics metrics;
  Lifecycle lifecycle{
      {.cache_octets = 1U << 20U, .fixed_root_token = {}, .aws_account = "123456789012"},
      store,
      clock,
      *random};
  Workers workers{1};
  std::unique_ptr<Gate> gate;

 private:
  std::string root_;
  std::vector<std::string> shares_;
  int policies_made_ = 0;
  std::uint64_t next_record_ = 1;
};

}  // namespace coffer::gate
