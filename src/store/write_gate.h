// WriteGate: one writer at a time, first come first served.
//
// A Pass is the right to write and is given back when it dies. enter() waits for the Pass of
// another thread and refuses (precondition_failed) a thread that holds one: it would wait for
// itself. Waiting is fair, so that rare writers (checkpoint, retention) are not starved by a
// committer that comes back at once. A Pass dies on the thread that got it and before its gate.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

namespace coffer::store {

class WriteGate {
 public:
  class Pass {
   public:
    explicit Pass(WriteGate& gate) : gate_(&gate) {}

    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}

    Pass& operator=(Pass&&) = delete;

    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    WriteGate* gate_;
  };

  Result<Pass> enter() {
    std::unique_lock lock(mutex_);
    if (holder_ == std::this_thread::get_id()) {
      return fail(Code::precondition_failed, "this thread has a batch open already");
    }
    const std::uint64_t ticket = next_ticket_++;
    turn_.wait(lock, [&] { return serving_ == ticket; });
    holder_ = std::this_thread::get_id();
    return Pass(*this);
  }

 private:
  void leave() {
    const std::lock_guard lock(mutex_);
    holder_ = {};
    ++serving_;
    turn_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable turn_;
  // Guarded by mutex_.
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;
  std::thread::id holder_;
};

}  // namespace coffer::store
