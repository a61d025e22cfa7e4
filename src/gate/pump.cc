#include "gate/pump.h"

namespace coffer::gate {

Pump::~Pump() {
  {
    const std::scoped_lock lock(mutex_);
    abandoned_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<secure::SecureText> Pump::next() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !chunks_.empty() || ended_; });
  if (chunks_.empty()) {
    COFFER_CHECK(*ended_);
    return secure::SecureText();
  }
  secure::SecureText chunk = std::move(chunks_.front());
  chunks_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return chunk;
}

void Pump::run() {
  Result<> result = source_([this](secure::SecureText chunk) { return push(std::move(chunk)); });
  {
    const std::scoped_lock lock(mutex_);
    ended_ = std::move(result);
  }
  changed_.notify_all();
}

Result<> Pump::push(secure::SecureText chunk) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return abandoned_ || chunks_.size() < kAhead; });
  if (abandoned_) return fail(Code::unavailable, "the reader of the answer is gone");
  if (chunk.empty()) return {};
  chunks_.push_back(std::move(chunk));
  lock.unlock();
  changed_.notify_all();
  return {};
}

}  // namespace coffer::gate
