// Workers: a few threads for what must not run on a loop thread (effects).
//
// Work is done for somebody who is known or for a stranger (a password at a login costs as much as
// the server lets it, and anyone may send one). Tasks of each kind run in order of submission.
// Strangers get half of the threads and no more, so that what they ask holds up nobody else; while
// they ask for something they get their half, so that nobody keeps them from logging in. A lone
// thread takes turns.
//
// The queues are bounded, the strangers' at half the length: submit() refuses with exhausted when
// one is full. stop() and destruction finish the running tasks and drop the waiting ones: stop
// before what tasks use goes away (the loops that they post to). Thread-safe.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace coffer::gate {

enum class Asker : std::uint8_t { known, stranger };

class Workers {
 public:
  using Task = std::move_only_function<void()>;

  explicit Workers(std::size_t threads, std::size_t max_waiting = 1024);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  // unavailable after stop().
  Result<> submit(Task task, Asker asker);

  // Returns when no task runs any more. Not on a thread of the workers; a second call does nothing.
  void stop();

 private:
  void run();
  // Whose task comes next; nothing that may run: nullopt. Under mutex_.
  [[nodiscard]] std::optional<Asker> next() const;

  const std::size_t max_waiting_;
  const std::size_t threads_of_strangers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::deque<Task> known_;
  std::deque<Task> strangers_;
  std::size_t strangers_running_ = 0;
  Asker last_ = Asker::stranger;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coffer::gate
