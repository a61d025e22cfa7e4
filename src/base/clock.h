// Clock: the only source of time. Constructors take one; nothing else asks the system for the time.
//
// Timestamp is nanoseconds since the Unix epoch, UTC, and is what rows and events keep. steady()
// never goes backwards and is for intervals inside one process. Implementations are safe for
// concurrent use.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace coffer {

using Duration = std::chrono::nanoseconds;

struct Timestamp {
  std::int64_t ns = 0;  // since 1970-01-01T00:00:00Z
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

inline Timestamp operator+(Timestamp t, Duration d) {
  return {t.ns + d.count()};
}

inline Timestamp operator-(Timestamp t, Duration d) {
  return {t.ns - d.count()};
}

inline Duration operator-(Timestamp a, Timestamp b) {
  return Duration(a.ns - b.ns);
}

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  [[nodiscard]] virtual Duration steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Duration steady() const override;
};

// A clock that tests move by hand.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Timestamp start = {1'700'000'000'000'000'000}) : now_(start.ns) {}

  [[nodiscard]] Timestamp now() const override { return {now_.load()}; }

  [[nodiscard]] Duration steady() const override { return Duration(now_.load()); }

  void advance(Duration d) { now_ += d.count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace coffer
