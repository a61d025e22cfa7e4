#include "gate/workers.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace coffer::gate {

Workers::Workers(std::size_t threads, std::size_t max_waiting)
    : max_waiting_(max_waiting), threads_of_strangers_(std::max<std::size_t>(1, threads / 2)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
  stop();
}

void Workers::stop() {
  std::deque<Task> dropped;  // their ends are not ours to wait for under the lock
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    dropped = std::move(known_);
    std::ranges::move(strangers_, std::back_inserter(dropped));
    known_.clear();
    strangers_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Result<> Workers::submit(Task task, Asker asker) {
  const bool stranger = asker == Asker::stranger;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return fail(Code::unavailable, "the server is stopping");
    std::deque<Task>& waiting = stranger ? strangers_ : known_;
    if (waiting.size() >= (stranger ? (max_waiting_ + 1) / 2 : max_waiting_)) {
      return fail(Code::exhausted, "too much slow work at once");
    }
    waiting.push_back(std::move(task));
  }
  wake_.notify_one();
  return {};
}

std::optional<Asker> Workers::next() const {
  const bool free = !strangers_.empty() && strangers_running_ < threads_of_strangers_;
  if (free && (known_.empty() || last_ == Asker::known)) return Asker::stranger;
  if (!known_.empty()) return Asker::known;
  return std::nullopt;
}

void Workers::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || next(); });
    if (stopping_) return;
    last_ = *next();
    const bool stranger = last_ == Asker::stranger;
    std::deque<Task>& waiting = stranger ? strangers_ : known_;
    Task task = std::move(waiting.front());
    waiting.pop_front();
    if (stranger) ++strangers_running_;
    lock.unlock();
    task();
    task = {};
    lock.lock();
    if (stranger) --strangers_running_;
  }
}

}  // namespace coffer::gate
