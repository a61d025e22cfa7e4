// Checkpointer: copies the write-ahead log into the store file, off the commit path.
//
// A thread of its own runs PASSIVE checkpoints, which stop neither readers nor the writer, each
// time the log has grown by a step (CheckpointStep). Under steady commits a passive checkpoint
// never quite catches up, and a log that is not caught up with cannot start over; so beyond
// `restart_frames` the thread takes the WriteGate for the short remainder and restarts the log. A
// reader that sits on an old snapshot (a long visit) puts that off: the log grows until it is done.
//
// A checkpoint that fails loses nothing: the log keeps what was committed, and the next growth
// tries again. Thread-safe. Dies before the gate and the readers it borrows; its destructor joins
// the thread.
#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/reader_pool.h"
#include "store/write_gate.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace coffer::store::sqlite {

struct CheckpointOptions {
  std::int64_t step_frames = 1000;      // 4 MiB of pages; the shortest step
  std::int64_t restart_frames = 16384;  // 64 MiB of pages
};

// How far the log grows before the next checkpoint. A page that changed many times since the last
// one is copied once, so a longer step copies less; but commits wait while a large copy is synced.
// So a step grows while checkpoints are quick, and shrinks when one was slow: then a longer one is
// tried again only after a while. One thread at a time.
class CheckpointStep {
 public:
  static constexpr std::int64_t kLongest = 8;  // times the shortest
  static constexpr std::chrono::milliseconds kQuick{12};
  static constexpr std::chrono::milliseconds kSlow{25};

  explicit CheckpointStep(std::int64_t shortest) : shortest_(shortest), frames_(shortest) {}

  [[nodiscard]] std::int64_t frames() const { return frames_; }

  // How long the last checkpoint took.
  void learn(std::chrono::steady_clock::duration took);

 private:
  static constexpr unsigned kPatience = 128;  // quick ones before a longer step is tried again

  const std::int64_t shortest_;
  std::int64_t frames_;
  unsigned awaited_ = 0;  // quick checkpoints before the step may grow
};

class Checkpointer {
 public:
  Checkpointer(Connection connection,
               WriteGate& gate,
               ReaderPool& readers,
               CheckpointOptions options);
  ~Checkpointer();

  // After each commit: how many frames the log has now.
  void note(std::int64_t frames);

 private:
  void work();
  std::int64_t passive();
  void restart();

  const CheckpointOptions options_;
  WriteGate& gate_;
  ReaderPool& readers_;
  Connection connection_;  // of the thread

  std::mutex mutex_;
  std::condition_variable grown_;
  // Guarded by mutex_.
  bool stopping_ = false;
  CheckpointStep step_;
  std::int64_t frames_ = 0;  // in the log
  std::int64_t next_ = 0;    // checkpoint when there are so many

  std::thread thread_;  // last: starts when everything above is there
};

}  // namespace coffer::store::sqlite
