#include "gate/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace coffer::gate {
namespace {

void nothing() {}

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

  void open() { promise_.set_value(); }

  std::atomic<int> running = 0;
  std::atomic<int> finished = 0;

 private:
  std::promise<void> promise_;
  std::shared_future<void> gate_ = promise_.get_future().share();
};

TEST(Workers, StrangersHoldUpNobodyWhoIsKnown) {
  Dam dam;
  {
    Workers workers(2, 8);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(dam.task(), Asker::stranger));
    for (int round = 0; round < 20; ++round) {
      std::promise<void> done;
      ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::known));
      done.get_future().wait();
    }
    EXPECT_LE(dam.running, 1);
    EXPECT_EQ(dam.finished, 0);
    dam.open();
  }
}

TEST(Workers, KnownOnesKeepNoStrangerWaiting) {
  Dam dam;
  Workers workers(2, 8);
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::known));
  std::promise<void> done;
  ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::stranger));
  done.get_future().wait();
  dam.open();
}

TEST(Workers, StrangersFillNoMoreThanTheirQueue) {
  Dam dam;
  Workers workers(1, 8);
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  while (dam.running == 0) std::this_thread::yield();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::stranger));
  EXPECT_EQ(workers.submit(nothing, Asker::stranger).error().code, Code::exhausted);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(workers.submit(nothing, Asker::known));
  EXPECT_EQ(workers.submit(nothing, Asker::known).error().code, Code::exhausted);
  dam.open();
}

// One thread takes turns: each kind comes, in its own order.
TEST(Workers, LoneThreadServesBoth) {
  std::string order;
  std::promise<void> done;
  Dam dam;
  Workers workers(1, 8);
  ASSERT_TRUE(workers.submit(dam.task(), Asker::known));
  while (dam.running == 0) std::this_thread::yield();
  for (const char name : {'a', 'b'}) {
    ASSERT_TRUE(workers.submit([&order, name] { order += name; }, Asker::known));
    ASSERT_TRUE(workers.submit([&order] { order += 's'; }, Asker::stranger));
  }
  ASSERT_TRUE(workers.submit([&done] { done.set_value(); }, Asker::known));
  dam.open();
  done.get_future().wait();
  EXPECT_EQ(order, "sasb");
}

}  // namespace
}  // namespace coffer::gate
