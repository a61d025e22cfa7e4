// FileLock: one process at a time, and a store file nobody else can read.
//
// Beside the store file lies <path>.lock, locked with flock(2) while the object lives; it stays on
// disk, empty, because removing a lock file races with its next user. Both files are made with mode
// 0600, whatever the umask; a store file others may read or write is refused.
#pragma once

#include "base/result.h"

#include <string>

namespace coffer::store::sqlite {

class FileLock {
 public:
  // Errors: unavailable ("in use", or the file system refuses), precondition_failed (permissions).
  static Result<FileLock> take(const std::string& store_path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

// Makes an empty, private store file if there is none; checks the one there is.
Result<> ensure_private_file(const std::string& store_path);

}  // namespace coffer::store::sqlite
