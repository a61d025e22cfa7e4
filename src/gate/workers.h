// Workers: a few threads for what must not run on a loop thread (effects, unseal, backups).
//
// Tasks run in order of submission, each on some worker. The queue is bounded: submit() refuses
// with exhausted when it is full. Destruction finishes the running tasks and drops the waiting
// ones.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace coffer::gate {

class Workers {
 public:
  explicit Workers(std::size_t threads, std::size_t max_waiting = 1024);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  Result<> submit(std::move_only_function<void()> task);

 private:
  void run();

  std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coffer::gate
