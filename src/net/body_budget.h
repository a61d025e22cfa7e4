// BodyBudget: how many octets of request bodies one listener holds at once, so that many large
// requests cannot exhaust the memory of the process.
//
// The first kFreeBody octets of a body are not counted: a short request costs nothing here and is
// never refused because others send long ones. What that lets through is bounded by the number of
// connections. Octets count as they arrive, not as they are announced. Thread-safe. A Hold is one
// connection's share, used by one thread, and gives back what it holds when it goes; the budget
// outlives it.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace coffer::net {

inline constexpr std::size_t kFreeBody = 64 * 1024;

class BodyBudget {
 public:
  class Hold {
   public:
    explicit Hold(BodyBudget& budget) : budget_(budget) {}

    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    ~Hold() { release(); }

    // Whether a body of `size` octets may be held; what was held before stays when it may not.
    [[nodiscard]] bool grow_to(std::size_t size) {
      if (size <= kFreeBody + held_) return true;
      const std::size_t more = size - kFreeBody - held_;
      if (!budget_.take(more)) return false;
      held_ += more;
      return true;
    }

    void release() {
      if (held_ != 0) budget_.used_.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed);
    }

   private:
    BodyBudget& budget_;
    std::size_t held_ = 0;
  };

  explicit BodyBudget(std::size_t limit) : limit_(limit) {}

 private:
  bool take(std::size_t more) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (more > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + more, std::memory_order_relaxed));
    return true;
  }

  const std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace coffer::net
