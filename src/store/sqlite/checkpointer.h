// Checkpointer: copies the write-ahead log into the store file, off the commit path.
//
// A thread of its own runs PASSIVE checkpoints, which stop neither readers nor the writer, each
// time the log has grown by `step_frames`. Under steady commits a passive checkpoint never quite
// catches up, and a log that is not caught up with cannot start over; so beyond `restart_frames`
// the thread takes the WriteGate for the short remainder and restarts the log. A reader that sits
// on an old snapshot (a long visit) puts that off: the log grows until it is done.
//
// A checkpoint that fails loses nothing: the log keeps what was committed, and the next growth
// tries again. Thread-safe. Dies before the gate and the readers it borrows; its destructor joins
// the thread.
#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/reader_pool.h"
#include "store/write_gate.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace coffer::store::sqlite {

struct CheckpointOptions {
  std::int64_t step_frames = 1000;      // 4 MiB of pages
  std::int64_t restart_frames = 16384;  // 64 MiB of pages
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
  std::int64_t frames_ = 0;  // in the log
  std::int64_t next_ = 0;    // checkpoint when there are so many

  std::thread thread_;  // last: starts when everything above is there
};

}  // namespace coffer::store::sqlite
