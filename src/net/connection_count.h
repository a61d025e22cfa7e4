// ConnectionCount: how many connections are open, with a limit, and a way to wait for none.
// Thread-safe. An Admission counts as one connection as long as it lives; the count outlives it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace coffer::net {

class ConnectionCount {
 public:
  class Admission {
   public:
    explicit Admission(ConnectionCount& count) : count_(&count) {}

    Admission(Admission&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}

    Admission& operator=(Admission&&) = delete;
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;

    ~Admission() {
      if (count_ != nullptr) count_->leave();
    }

   private:
    ConnectionCount* count_;
  };

  explicit ConnectionCount(std::size_t limit) : limit_(limit) {}

  // Empty at the limit.
  [[nodiscard]] std::optional<Admission> enter() {
    const std::scoped_lock lock(mutex_);
    if (open_ >= limit_) return std::nullopt;
    ++open_;
    return std::optional<Admission>(std::in_place, *this);
  }

  // Whether the last connection closed within `timeout`.
  [[nodiscard]] bool wait_for_none(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return none_.wait_for(lock, timeout, [this] { return open_ == 0; });
  }

 private:
  void leave() {
    const std::scoped_lock lock(mutex_);
    if (--open_ == 0) none_.notify_all();
  }

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t open_ = 0;
};

}  // namespace coffer::net
