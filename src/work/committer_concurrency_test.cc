// Many threads at once; meant for the thread sanitizer.
#include "work/committer_test.h"

#include <gmock/gmock.h>

namespace coffer::work {
namespace {

TEST_F(CommitterTest, LosesNoIncrementOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!stop) {
      View v(*world.rows, kTestRealm, world.clock.now(), *world.random);
      const std::uint64_t value = value_of(v, "shared");
      EXPECT_GE(value, last);
      last = value;
    }
  });
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int done = 0; done < kEach;) {
        View v(*world.rows, kTestRealm, world.clock.now(), *world.random);
        EXPECT_TRUE(v.put(counter("shared", value_of(v, "shared") + 1)));
        EXPECT_TRUE(v.put(note("own" + std::to_string(t), std::to_string(done))));
        const Result<> result = world.committer->commit(v, {event()});
        if (result) {
          ++done;
        } else {
          EXPECT_EQ(result.error().code, Code::conflict) << result.error().message;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  reader.join();
  EXPECT_EQ(value_of("shared"), std::uint64_t{kThreads * kEach});
  EXPECT_EQ(logged().size(), std::size_t{kThreads * kEach});
}

TEST_F(CommitterTest, FinishesEverySubmissionOnceUnderARace) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 100;
  TestLoop loop;
  std::atomic<std::size_t> done = 0;
  std::vector<std::thread> submitters;
  for (std::size_t t = 0; t < kThreads; ++t) {
    submitters.emplace_back([&] {
      for (std::size_t i = 0; i < kEach; ++i) {
        View v(*world.rows, kTestRealm, world.clock.now(), *world.random);
        std::future<Result<>> unused;
        Submission s = submission(v, "x", unused);
        s.loop = i % 2 == 0 ? &loop : nullptr;
        s.done = [&done](Result<> result) { done += result ? 1U : 0U; };
        world.committer->submit(std::move(s));
      }
    });
  }
  EXPECT_TRUE(loop.run_until([&] { return done >= kThreads * kEach / 2; }));
  for (std::thread& submitter : submitters) submitter.join();
  world.committer->drain();
  loop.run();
  EXPECT_EQ(done, kThreads * kEach);
  EXPECT_EQ(logged().size(), kThreads * kEach);
}

TEST_F(CommitterTest, ClosesWithoutWaitingAndFinishesTheGroupUnderWay) {
  std::future<Result<>> first, second, third;
  store->hold_commits();
  const std::uint64_t reached = store->commits_reached;
  world.committer->submit(submission(view(), "first", first));
  while (store->commits_reached == reached) std::this_thread::yield();
  world.committer->submit(submission(view(), "second", second));
  const std::shared_future<void> end = world.committer->close();
  EXPECT_EQ(text(second.get()), "sealed") << "what waits is refused at once";
  world.committer->submit(submission(view(), "third", third));
  EXPECT_EQ(text(third.get()), "sealed");
  EXPECT_EQ(end.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  store->release();
  EXPECT_EQ(text(first.get()), "ok");
  end.wait();
  EXPECT_THAT(logged(), testing::ElementsAre("first"));
}

TEST_F(CommitterTest, EndsAtOnceWhenItIsClosedIdle) {
  const std::shared_future<void> end = world.committer->close();
  EXPECT_EQ(end.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  world.committer->drain();
  EXPECT_EQ(world.committer->close().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(world.committer->closed());
}

}  // namespace
}  // namespace coffer::work
