// CommitterTest: a TestWorld over a TestStore, and words for submitting and looking at the log.
#pragma once

#include "proof/verifier.h"
#include "work/test_loop.h"
#include "work/test_rows.h"
#include "work/test_store.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <string>
#include <vector>

namespace coffer::work {

class CommitterTest : public testing::Test {
 protected:
  CommitterTest() {
    world.committer.reset();
    auto wrapped = std::make_unique<TestStore>(std::move(world.store));
    store = wrapped.get();
    world.store = std::move(wrapped);
    world.restart();
  }

  // A view that lives as long as the test.
  View& view() {
    return views_.emplace_back(*world.rows, kTestRealm, world.clock.now(), *world.random);
  }

  static std::uint64_t value_of(View& view, std::string_view name) {
    const auto row = view.find<CounterRow>(name);
    EXPECT_TRUE(row) << row.error().message;
    return row && *row ? *(*row)->row.value : 0;
  }

  std::uint64_t value_of(std::string_view name) { return value_of(view(), name); }

  void set(std::string name, std::uint64_t value) {
    View& v = view();
    ASSERT_TRUE(v.put(counter(std::move(name), value)));
    ASSERT_TRUE(world.commit(v));
  }

  [[nodiscard]] proof::Event event(std::string reason = {}) const {
    proof::Event event = world.event();
    event.reason = std::move(reason);
    return event;
  }

  // The view's unit with one event; its outcome comes through `outcome`.
  Submission submission(View& v, std::string reason, std::future<Result<>>& outcome) const {
    auto on_commit = v.take_on_commit();
    std::vector<proof::Event> events = {event(std::move(reason))};
    Submission out = prepare(v.take().value(), events).value();
    out.on_commit = std::move(on_commit);
    auto promise = std::make_shared<std::promise<Result<>>>();
    outcome = promise->get_future();
    out.done = [promise](Result<> result) { promise->set_value(std::move(result)); };
    return out;
  }

  // All at once, so that they form one group; "ok" or the code of each.
  std::vector<std::string> submit_together(const std::vector<View*>& units) {
    std::vector<std::future<Result<>>> outcomes(units.size());
    std::vector<Submission> group;
    for (std::size_t i = 0; i < units.size(); ++i) {
      group.push_back(submission(*units[i], "unit " + std::to_string(i), outcomes[i]));
    }
    world.committer->submit(std::move(group));
    std::vector<std::string> out;
    for (auto& outcome : outcomes) out.push_back(text(outcome.get()));
    return out;
  }

  static std::string text(const Result<>& result) {
    return result ? "ok" : std::string(to_text(result.error().code));
  }

  // The reasons of all events, after the log has been verified against the committer's head.
  std::vector<std::string> logged() {
    world.committer->drain();
    proof::Verifier verifier(world.keyring->audit_key().public_key(), world.committer->head());
    std::vector<std::string> reasons;
    for (const auto& record : world.store->read_log(rows::kAuditLog, 1, 100'000).value()) {
      const auto events = verifier.feed(record.record);
      EXPECT_TRUE(events) << events.error().message;
      if (!events) return reasons;
      for (const proof::Event& event : *events) reasons.push_back(event.reason);
    }
    const auto reached = verifier.finish();
    EXPECT_TRUE(reached) << reached.error().message;
    return reasons;
  }

  TestWorld world;
  TestStore* store = nullptr;

 private:
  std::deque<View> views_;
};

}  // namespace coffer::work
