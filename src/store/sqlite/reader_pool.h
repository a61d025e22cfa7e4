// ReaderPool: readers for any thread, handed out last in, first out so that caches stay warm.
//
// A Lease is one reader for one call and goes back when it dies. At most `limit` readers are open;
// a thread that finds none waits. Idle readers keep their snapshots until the next commit shows
// them old or release() ends them; hold(false) makes every reader end its own after each call.
// Thread-safe. Leases die before their pool.
#pragma once

#include "store/sqlite/reader.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace coffer::store::sqlite {

class ReaderPool {
 public:
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<RowReader> reader)
        : pool_(pool), reader_(std::move(reader)) {}

    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;

    ~Lease() {
      if (reader_) pool_.give_back(std::move(reader_));
    }

    RowReader* operator->() const { return reader_.get(); }

    RowReader& operator*() const { return *reader_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<RowReader> reader_;
  };

  ReaderPool(ConnectionOptions options, std::shared_ptr<PlaceHints> hints, std::size_t limit)
      : options_(std::move(options)), hints_(std::move(hints)), limit_(limit) {}

  // With a snapshot that has everything committed before this call.
  Result<Lease> lease();

  // Around each commit. While one is under way some readers may see it and others not: no snapshot
  // is kept then, so that nobody reads backwards.
  void begin_commit() { ++commits_; }

  void end_commit() { ++commits_; }

  // Even, and the same before and after: nothing was committed in between.
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

  void hold(bool snapshots) { holding_ = snapshots; }

  // Ends the snapshots of idle readers, so that the log can be copied and start over.
  void release();

 private:
  Result<std::unique_ptr<RowReader>> take();
  void give_back(std::unique_ptr<RowReader> reader);

  const ConnectionOptions options_;
  const std::shared_ptr<PlaceHints> hints_;
  const std::size_t limit_;

  std::atomic<std::uint64_t> commits_ = 0;  // odd while a commit is under way
  std::atomic<bool> holding_ = true;
  std::mutex mutex_;
  std::condition_variable returned_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<RowReader>> idle_;
  std::size_t open_ = 0;
};

}  // namespace coffer::store::sqlite
