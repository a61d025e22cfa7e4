// TestLoop: a loop whose tasks run when the test says so, on the test's thread.
#pragma once

#include "net/http.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace coffer::work {

class TestLoop final : public net::Loop {
 public:
  void post(std::move_only_function<void()> task) override {
    {
      const std::scoped_lock lock(mutex_);
      ++posts_;
      if (stopped_) return;
      tasks_.push_back(std::move(task));
    }
    posted_.notify_all();
  }

  // Drops what waits and what comes, as a stopped server does.
  void stop() {
    std::vector<std::move_only_function<void()>> dropped;
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    dropped.swap(tasks_);
  }

  // Runs what waits now; returns how many tasks that were.
  std::size_t run() {
    std::vector<std::move_only_function<void()>> tasks;
    {
      const std::scoped_lock lock(mutex_);
      tasks.swap(tasks_);
    }
    for (auto& task : tasks) task();
    return tasks.size();
  }

  // Runs tasks until `done()`; false when that takes longer than ten seconds.
  template <class Done>
  bool run_until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      {
        std::unique_lock lock(mutex_);
        if (!posted_.wait_until(lock, deadline, [this] { return !tasks_.empty(); })) return false;
      }
      run();
    }
    return true;
  }

  [[nodiscard]] std::size_t posts() const {
    const std::scoped_lock lock(mutex_);
    return posts_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<std::move_only_function<void()>> tasks_;
  std::size_t posts_ = 0;
  bool stopped_ = false;
};

}  // namespace coffer::work
