#include "work/committer_test.h"

#include <gmock/gmock.h>

namespace coffer::work {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::StartsWith;

TEST(GatherSize, GrowsWithCompanyAndFallsWhenItStaysAway) {
  GatherSize size;
  EXPECT_EQ(size.wanted(), 1U) << "the first client waits for nobody";
  size.learn(5, false);
  EXPECT_EQ(size.wanted(), 5U);
  size.learn(1000, false);
  EXPECT_EQ(size.wanted(), GatherSize::kFullGroup);
  size.learn(3, true);
  EXPECT_EQ(size.wanted(), 3U);
  size.learn(0, true);
  EXPECT_EQ(size.wanted(), 1U);
}

TEST(GatherSize, TriesALargerGroupOnlyNowAndThen) {
  GatherSize size;
  size.learn(4, false);
  size.learn(4, true);
  int waits = 0;
  for (int group = 0; group < 1000; ++group) {
    const bool in_vain = size.wanted() > 4;
    waits += in_vain ? 1 : 0;
    size.learn(4, in_vain);
  }
  EXPECT_GE(waits, 3);
  EXPECT_LE(waits, 4);
}

TEST_F(CommitterTest, RefusesOneOfTwoThatWouldSkew) {
  set("a", 1);
  set("b", 1);
  View& first = view();
  View& second = view();
  for (View* v : {&first, &second}) EXPECT_EQ(value_of(*v, "a") + value_of(*v, "b"), 2U);
  ASSERT_TRUE(first.put(counter("a", 0)));
  ASSERT_TRUE(second.put(counter("b", 0)));
  EXPECT_THAT(submit_together({&first, &second}), ElementsAre("ok", "conflict"));
  EXPECT_EQ(value_of("a"), 0U);
  EXPECT_EQ(value_of("b"), 1U);
  EXPECT_THAT(logged(), ElementsAre("", "", "unit 0")) << "a conflict leaves no event";
  EXPECT_EQ(world.committer->stats().conflicts, 1U);
}

TEST_F(CommitterTest, RefusesAUnitWhoseReadsChangedBefore) {
  set("a", 1);
  View& late = view();
  EXPECT_EQ(value_of(late, "a"), 1U);
  set("a", 2);
  ASSERT_TRUE(late.put(counter("b", 1)));
  EXPECT_EQ(text(world.commit(late)), "conflict");
  View& blind = view();
  EXPECT_EQ(blind.find<CounterRow>("c").value(), nullptr);
  set("c", 1);
  ASSERT_TRUE(blind.put(counter("d", 1)));
  EXPECT_EQ(text(world.commit(blind)), "conflict") << "it relied on an absence";
}

TEST_F(CommitterTest, LetsOneOfManyInsertTheSameRow) {
  std::vector<View*> units;
  for (std::uint64_t i = 0; i < 5; ++i) {
    units.push_back(&view());
    ASSERT_TRUE(units.back()->put(counter("a", i)));
  }
  EXPECT_THAT(submit_together(units),
              ElementsAre("ok", "conflict", "conflict", "conflict", "conflict"));
}

TEST_F(CommitterTest, SeesWhatEarlierUnitsOfTheGroupErased) {
  set("a", 1);
  View& eraser = view();
  View& user = view();
  ASSERT_TRUE(eraser.erase<CounterRow>(to_bytes("a")));
  EXPECT_EQ(value_of(user, "a"), 1U);
  ASSERT_TRUE(user.put(counter("used", 1)));
  EXPECT_THAT(submit_together({&eraser, &user}), ElementsAre("ok", "conflict"));
  EXPECT_EQ(value_of("used"), 0U);
}

TEST_F(CommitterTest, RefusesAUnitThatReliesOnEntriesThatAreThereByThen) {
  const auto relying = [&](std::string_view tag) -> View& {
    View& v = view();
    v.rely_on_no_entry<NoteRow>(kNotesByTag, to_bytes(tag));
    EXPECT_TRUE(v.put(counter(std::string(tag), 1)));
    return v;
  };
  const auto noting = [&](std::string path, std::string tag) -> View& {
    View& v = view();
    EXPECT_TRUE(v.put(note(std::move(path), "text", std::move(tag))));
    return v;
  };
  EXPECT_THAT(submit_together({&relying("late"), &noting("a", "late")}), ElementsAre("ok", "ok"));
  EXPECT_THAT(submit_together({&noting("b", "early"), &relying("ear"), &relying("other")}),
              ElementsAre("ok", "conflict", "ok"));
  View& before = relying("seen");
  ASSERT_TRUE(world.commit(noting("c", "seen")));
  EXPECT_EQ(text(world.commit(before)), "conflict");
  ASSERT_TRUE(world.commit(noting("c", "")));
  EXPECT_EQ(text(world.commit(relying("seen"))), "ok");
}

TEST_F(CommitterTest, AsksNothingForUnitsThatOnlyRead) {
  set("a", 1);
  View& reader = view();
  EXPECT_EQ(value_of(reader, "a"), 1U);
  View note_reader(*world.rows, kTestRealm, world.clock.now(), *world.random);
  ASSERT_TRUE(note_reader.find<NoteRow>("absent"));
  set("a", 2);
  const std::uint64_t reads = store->reads;
  EXPECT_EQ(text(world.commit(reader)), "ok") << "what it read has changed since";
  EXPECT_EQ(text(world.commit(note_reader)), "ok");
  EXPECT_EQ(store->reads, reads);
  EXPECT_EQ(logged().size(), 4U);
}

TEST_F(CommitterTest, LogsAGroupInOrderInOneCommit) {
  std::vector<View*> units;
  for (std::uint64_t i = 0; i < 5; ++i) {
    units.push_back(&view());
    if (i != 2) ASSERT_TRUE(units.back()->put(counter("row" + std::to_string(i), i)));
  }
  const std::uint64_t commits = store->commits;
  EXPECT_THAT(submit_together(units), Each("ok"));
  EXPECT_EQ(store->commits, commits + 1);
  EXPECT_THAT(logged(), ElementsAre("unit 0", "unit 1", "unit 2", "unit 3", "unit 4"));
}

TEST_F(CommitterTest, RecordsTheChangesInTheLastEvent) {
  View& v = view();
  ASSERT_TRUE(v.put(counter("a", 1)));
  ASSERT_TRUE(world.committer->commit(v, {event("first"), event("last")}));
  const auto record = world.store->last_record(rows::kAuditLog).value();
  const auto events = proof::decode_batch(record->record).value();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].changes.empty());
  ASSERT_EQ(events[1].changes.size(), 1U);
  const auto stored =
      world.store->get(rows::row_key<CounterRow>(kTestRealm, to_bytes("a"))).value();
  EXPECT_EQ(events[1].changes[0].revision, stored->revision);
  EXPECT_TRUE(std::ranges::equal(events[1].changes[0].seal, ByteView(stored->blob).last(16)));
}

TEST_F(CommitterTest, RefusesAloneWhatTheStoreOrTheLogCannotTake) {
  View& good = view();
  ASSERT_TRUE(good.put(counter("good", 1)));
  View& bad = view();
  NoteRow row = note("bad");
  row.tag = std::string(store::kMaxKey + 1, 't');
  ASSERT_TRUE(bad.put(std::move(row)));
  View& after = view();
  ASSERT_TRUE(after.put(counter("after", 1)));
  EXPECT_THAT(submit_together({&good, &bad, &after}), ElementsAre("ok", "too_large", "ok"));
  EXPECT_EQ(value_of("after"), 1U);
  EXPECT_EQ(view().find<NoteRow>("bad").value(), nullptr);
}

TEST_F(CommitterTest, RefusesAUnitWithoutAProperEvent) {
  View& v = view();
  ASSERT_TRUE(v.put(counter("a", 1)));
  EXPECT_EQ(text(world.committer->commit(v, {})), "internal");
  View& untyped = view();
  ASSERT_TRUE(untyped.put(counter("a", 1)));
  EXPECT_EQ(text(world.committer->commit(untyped, {proof::Event{}})), "invalid_argument");
  EXPECT_EQ(value_of("a"), 0U);
  set("b", 1);
  EXPECT_EQ(logged().size(), 1U);
}

TEST_F(CommitterTest, SplitsGroupsThatOneRecordCannotHold) {
  store->hold_commits();
  std::future<Result<>> blocker;
  world.committer->submit(submission(view(), "blocker", blocker));
  while (store->commits_reached == 0) std::this_thread::yield();
  std::vector<std::future<Result<>>> outcomes(proof::kMaxBatchEvents + 300);
  std::vector<Submission> many;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    View v(*world.rows, kTestRealm, world.clock.now(), *world.random);
    many.push_back(submission(v, "small", outcomes[i]));
    if (i % 20 != 0) continue;
    proof::Event large = event("large");
    large.facts.assign(24, {"name", std::string(2000, 'f')});
    many.back().events = {proof::EncodedEvent::of(large).value()};
  }
  world.committer->submit(std::move(many));
  store->release();
  for (auto& outcome : outcomes) ASSERT_EQ(text(outcome.get()), "ok");
  EXPECT_EQ(logged().size(), outcomes.size() + 1);
  EXPECT_GE(world.committer->stats().batches, 5U) << "the blocker's, and four for their size";
}

TEST_F(CommitterTest, ServesAndAnswersNothingBeforeItIsDurable) {
  set("a", 1);
  store->hold_commits();
  const std::uint64_t reached = store->commits_reached;
  View& v = view();
  ASSERT_TRUE(v.put(counter("a", 2)));
  bool acted = false;
  v.on_commit([&] { acted = true; });
  std::future<Result<>> outcome;
  world.committer->submit(submission(v, "held", outcome));
  while (store->commits_reached == reached) std::this_thread::yield();
  EXPECT_EQ(outcome.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_EQ(value_of("a"), 1U);
  EXPECT_FALSE(acted);
  store->release();
  EXPECT_EQ(text(outcome.get()), "ok");
  EXPECT_TRUE(acted);
  EXPECT_EQ(value_of("a"), 2U);
}

TEST_F(CommitterTest, RunsTheActionsOfDurableUnitsInOrderBeforeTheirCompletions) {
  std::vector<std::string> order;  // written on the committer's thread alone
  std::vector<Submission> group;
  for (const char* name : {"one", "two"}) {
    View& v = view();
    ASSERT_TRUE(v.put(counter("same row", 1)));  // the second is a conflict
    v.on_commit([&order, name] { order.push_back(std::string("act ") + name); });
    std::future<Result<>> unused;
    group.push_back(submission(v, name, unused));
    group.back().done = [&order, name](Result<> result) {
      order.push_back(text(result) + " " + name);
    };
  }
  View& third = view();
  third.on_commit([&order] { order.emplace_back("act three"); });
  std::future<Result<>> last;
  group.push_back(submission(third, "three", last));
  world.committer->submit(std::move(group));
  ASSERT_EQ(text(last.get()), "ok");
  EXPECT_THAT(order, ElementsAre("act one", "act three", "ok one", "conflict two"));
}

TEST_F(CommitterTest, PostsToEachLoopOncePerGroup) {
  TestLoop loops[2];
  std::vector<int> finished;
  std::vector<Submission> group;
  for (int i = 0; i < 6; ++i) {
    std::future<Result<>> unused;
    group.push_back(submission(view(), "x", unused));
    group.back().loop = &loops[i % 2];
    group.back().done = [&finished, i](Result<> result) {
      EXPECT_TRUE(result);
      finished.push_back(i);
    };
  }
  world.committer->submit(std::move(group));
  world.committer->drain();
  EXPECT_TRUE(finished.empty()) << "completions wait for their loop";
  for (TestLoop& loop : loops) {
    EXPECT_EQ(loop.posts(), 1U);
    loop.run();
  }
  EXPECT_THAT(finished, ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST_F(CommitterTest, FinishesWhatWasSubmittedWhenItIsDestroyed) {
  store->hold_commits();
  std::vector<std::future<Result<>>> outcomes(20);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    View& v = view();
    ASSERT_TRUE(v.put(counter("row" + std::to_string(i), i)));
    world.committer->submit(submission(v, "x", outcomes[i]));
  }
  std::thread destroyer([this] { world.committer.reset(); });
  store->release();
  destroyer.join();
  for (auto& outcome : outcomes) EXPECT_EQ(text(outcome.get()), "ok");
  world.restart();
  EXPECT_EQ(logged().size(), 20U);
}

}  // namespace
}  // namespace coffer::work
