// SharedSlot: a shared pointer that many threads read while one replaces it.
//
// Not std::atomic<std::shared_ptr>: that of libstdc++ 12 gives up its lock without release order
// when it is read, which is a data race with the next replacement (the thread sanitizer finds it).
// The mutex is held for a copy or a swap only; what is replaced dies after it is free. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace coffer::gate {

template <class T>
class SharedSlot {
 public:
  [[nodiscard]] std::shared_ptr<T> load() const {
    const std::scoped_lock lock(mutex_);
    return held_;
  }

  void store(std::shared_ptr<T> next) { exchange(std::move(next)); }

  std::shared_ptr<T> exchange(std::shared_ptr<T> next) {
    const std::scoped_lock lock(mutex_);
    held_.swap(next);
    return next;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> held_;
};

}  // namespace coffer::gate
