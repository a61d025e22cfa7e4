#include "store/sqlite/checkpointer.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace coffer::store::sqlite {

void CheckpointStep::learn(std::chrono::steady_clock::duration took) {
  if (took > kSlow) {
    frames_ = std::max(frames_ / 2, shortest_);
    awaited_ = kPatience;
  } else if (took < kQuick && awaited_ > 0) {
    --awaited_;
  } else if (took < kQuick) {
    frames_ = std::min(frames_ * 2, shortest_ * kLongest);
  }
}

Checkpointer::Checkpointer(Connection connection,
                           WriteGate& gate,
                           ReaderPool& readers,
                           CheckpointOptions options)
    : options_(options),
      gate_(gate),
      readers_(readers),
      connection_(std::move(connection)),
      step_(options.step_frames),
      next_(step_.frames()),
      thread_([this] { work(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  grown_.notify_one();
  thread_.join();
}

void Checkpointer::note(std::int64_t frames) {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    if (frames < frames_) next_ = step_.frames();  // the log has started over
    frames_ = frames;
    due = frames_ >= next_;
  }
  if (due) grown_.notify_one();
}

void Checkpointer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    grown_.wait(lock, [&] { return stopping_ || frames_ >= next_; });
    if (stopping_) return;
    next_ = frames_ + step_.frames();
    lock.unlock();
    const auto began = std::chrono::steady_clock::now();
    const std::int64_t length = passive();
    const auto took = std::chrono::steady_clock::now() - began;
    if (length >= options_.restart_frames) restart();
    lock.lock();
    step_.learn(took);
  }
}

// Answers the length of the log, 0 when it is not known.
std::int64_t Checkpointer::passive() {
  readers_.release();
  int frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      connection_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, nullptr);
  return code == SQLITE_OK ? std::max(frames, 0) : 0;
}

void Checkpointer::restart() {
  // Never refused: this thread holds no pass.
  const Result<WriteGate::Pass> pass = gate_.enter();
  if (!pass) return;
  // No reader may stay on a snapshot in the log while it starts over.
  readers_.hold(false);
  readers_.release();
  // Busy or failed: the log stays, and grows until the next step tries again.
  sqlite3_wal_checkpoint_v2(
      connection_.raw(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  readers_.hold(true);
}

}  // namespace coffer::store::sqlite
