// Pump: turns a function that pushes chunks into a stream that is pulled (Reply::stream).
//
// The function runs on a thread of its own from the first next() on, at most two chunks ahead of
// the reader; beyond that push() waits. When the pump is destroyed push() fails, the function is
// expected to return soon, and the destructor waits for it: a function that pushes rarely pushes
// something now and then.
//
// next() is called by one thread at a time. The function must own what it touches.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace coffer::gate {

class Pump {
 public:
  // Unavailable once the reader is gone. Empty chunks are left out.
  using Push = std::function<Result<>(secure::SecureText)>;
  using Source = std::move_only_function<Result<>(const Push&)>;

  explicit Pump(Source source) : source_(std::move(source)) {}

  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;
  ~Pump();

  // The next chunk; an empty one at the end; the function's error, after the chunks before it.
  Result<secure::SecureText> next();

 private:
  static constexpr std::size_t kAhead = 2;

  void run();
  Result<> push(secure::SecureText chunk);

  Source source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<secure::SecureText> chunks_;
  std::optional<Result<>> ended_;
  bool abandoned_ = false;
  std::thread thread_;
};

}  // namespace coffer::gate
