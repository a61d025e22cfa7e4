// ForwardClock: the system's time, but never backwards within a process.
//
// When the source's time is set back, this one goes on at the pace of the steady clock from where
// it was: what has expired does not live again, and locks and periods end when they should. When it
// is set forward, this one follows. After a wrong step forward it stays ahead until the process
// ends. Safe for concurrent use; two threads may read times that differ by what their reads take.
#pragma once

#include "base/clock.h"

#include <algorithm>

namespace coffer {

class ForwardClock final : public Clock {
 public:
  explicit ForwardClock(const Clock& source) : source_(source), offset_(INT64_MIN) {}

  [[nodiscard]] Timestamp now() const override {
    // In this order: a pause between the two makes the offset smaller, never larger.
    const Timestamp told = source_.now();
    const Duration steady = source_.steady();
    const std::int64_t offset = told.ns - steady.count();
    std::int64_t highest = offset_.load(std::memory_order_relaxed);
    while (offset > highest &&
           !offset_.compare_exchange_weak(highest, offset, std::memory_order_relaxed)) {
    }
    return {steady.count() + std::max(offset, highest)};
  }

  [[nodiscard]] Duration steady() const override { return source_.steady(); }

 private:
  const Clock& source_;
  mutable std::atomic<std::int64_t> offset_;  // the highest of told - steady
};

}  // namespace coffer
