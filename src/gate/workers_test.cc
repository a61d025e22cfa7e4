#include "gate/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace coffer::gate {
namespace {

void nothing() {}

bool comes(std::promise<void>& done) {
  return done.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready;
}

// Tasks that last until it is opened.
class Dam {
 public:
  Workers::Task task() {
    return [this, gate = gate_] {
      ++running;
      gate.wait();
      ++finished;
    };
  }

  void open() {
    if (!std::exchange(open_, true)) promise_.set_value();
  }

  std::atomic<int> running = 0;
  std::atomic<int> finished = 0;

 private:
  bool open_ = false;
  std::promise<void> promise_;
  std::shared_future<void> gate_ = promise_.get_future().share();
};

// Opened at last, before the workers wait for their tasks: stands behind them.
struct Opening {
  Dam& dam;

  ~Opening() { dam.open(); }
};

TEST(Workers, StrangersHoldUpNobodyWhoIsKnown) {
  Dam dam;
  std::promise<void> done;
  Workers workers(2, 8);
  const Opening opening{dam};
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(dam.task(), Asker::stranger));
  while (dam.running == 0) std::this_thread::yield();
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::known));
  ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::known));
  EXPECT_TRUE(comes(done));
  EXPECT_EQ(dam.running, 1);
  EXPECT_EQ(dam.finished, 0);
}

TEST(Workers, KnownOnesKeepNoStrangerWaiting) {
  Dam dam;
  Dam second;
  std::promise<void> done;
  Workers workers(1, 8);
  const Opening opening{dam};
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  const Opening second_opening{second};
  while (dam.running == 0) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(second.task(), Asker::known));
  ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::stranger));
  dam.open();
  EXPECT_TRUE(comes(done)) << "before the others that are known";
  EXPECT_LE(second.finished, 0);
}

TEST(Workers, StrangersFillNoMoreThanTheirQueue) {
  Dam dam;
  Workers workers(1, 8);
  const Opening opening{dam};
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  while (dam.running == 0) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::stranger));
  EXPECT_EQ(workers.submit(nothing, Asker::stranger).error().code, Code::exhausted);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::known));
  EXPECT_EQ(workers.submit(nothing, Asker::known).error().code, Code::exhausted);
}

// One thread takes turns: each kind comes, in its own order.
TEST(Workers, LoneThreadServesBoth) {
  std::string order;
  std::promise<void> done;
  Dam dam;
  Workers workers(1, 8);
  const Opening opening{dam};
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  while (dam.running == 0) std::this_thread::yield();
  for (const char name : {'a', 'b'}) {
    ASSERT_TRUE(workers.submit([&order, name] { order += name; }, Asker::known));
    ASSERT_TRUE(workers.submit([&order] { order += 's'; }, Asker::stranger));
  }
  ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::known));
  dam.open();
  ASSERT_TRUE(comes(done));
  EXPECT_EQ(order, "sasb");
}

TEST(Workers, StopFinishesWhatRunsAndDropsTheRest) {
  Dam dam;
  Workers workers(2, 8);
  const Opening opening{dam};
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  while (dam.running < 2) std::this_thread::yield();
  std::thread opener([&dam] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    dam.open();
  });
  workers.stop();
  EXPECT_EQ(dam.finished, 2) << "what ran has ended, and nothing else was begun";
  opener.join();
  EXPECT_EQ(workers.submit(nothing, Asker::known).error().code, Code::unavailable);
  workers.stop();
}

}  // namespace
}  // namespace coffer::gate
