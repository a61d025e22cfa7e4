// SideLog: the records of one log that changed no row. They lie in segment files of their own
// beside the store file: one append and one sync make such a record durable, readers of rows keep
// their page caches, and the log of many reads does not pass through the database.
//
// Segments are called <path>-log<id>-<first sequence, 20 digits>. A segment that is full is never
// written again; the newest is filled ahead with zeros, so that most syncs write data alone.
// append() and drop() belong to the holder of the store's write gate; the rest is for any thread.
// Errors: corrupt (a damaged head or frame), unavailable (disk full, I/O). After a failed append()
// nothing is there and the next may follow; its octets may lie on the disk all the same, and
// settle() takes them away before anything else takes their sequence.
#pragma once

#include "base/result.h"
#include "store/sqlite/log_segment.h"
#include "store/sqlite/vfs_file.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace coffer::store::sqlite {

class SideLog {
 public:
  static constexpr std::size_t kFullSegment = 16U << 20U;  // octets; a longer frame has its own

  struct Place {
    std::string vfs;   // empty: the default
    std::string path;  // of the store
    LogId log;
  };

  // The logs that have segments beside the store.
  static Result<std::vector<LogId>> list(const std::string& path);
  static Result<std::unique_ptr<SideLog>> open(Place place);

  // The highest sequence; 0: there is none.
  [[nodiscard]] std::uint64_t last() const;

  // Durable when it returns. `sequence` is above last().
  Result<> append(std::uint64_t sequence, ByteView record);
  // Durable: what failed to be appended is not found later either.
  Result<> settle();
  // Records from `from` on, in order, at most `limit`.
  Result<std::vector<LogRecord>> read(std::uint64_t from, std::size_t limit) const;
  // Removes the segments that hold nothing from `below` on.
  Result<> drop(std::uint64_t below);

 private:
  struct Segment {
    std::string path;
    std::uint64_t first = 0;
    std::uint64_t end = 0;  // of its frames; 0: as long as the file
  };

  // Where a reader was: the next one mostly goes on there.
  struct Bookmark {
    std::uint64_t first = 0;     // of the segment
    std::uint64_t sequence = 0;  // of the frame at `offset` or behind it
    std::uint64_t offset = kSegmentHead;
  };

  explicit SideLog(Place place) : place_(std::move(place)) {}

  Result<> find_segments();
  Result<> recover_newest();
  Result<> begin_segment(std::uint64_t first);
  Result<> make_room(std::uint64_t octets);
  // Its records from `from` on and below `behind`, where the next segment begins: a frame that was
  // never acknowledged may lie at a segment's end.
  Result<> read_segment(const Segment& segment,
                        std::uint64_t from,
                        std::uint64_t behind,
                        std::size_t limit,
                        std::vector<LogRecord>& out) const;
  [[nodiscard]] std::string segment_path(std::uint64_t first) const;

  const Place place_;
  // Of the writer. The newest segment is open once something was appended.
  std::unique_ptr<VfsFile> writing_;
  std::uint64_t salt_ = 0;
  std::uint64_t zeroed_ = 0;  // the file has octets up to here
  bool unsettled_ = false;    // a frame was begun behind the newest segment's end
  Bytes frame_;

  mutable std::mutex mutex_;
  // Guarded by mutex_; segments_ changes on the writer's thread alone, which reads it without.
  std::vector<Segment> segments_;  // ascending
  std::uint64_t last_ = 0;
  mutable Bookmark bookmark_;
};

}  // namespace coffer::store::sqlite
