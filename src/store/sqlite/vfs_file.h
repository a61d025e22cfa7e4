// VfsFile: a plain file, reached through the same SQLite VFS as the database beside it, so that
// whatever stands in for the disk (faulty_vfs.h) stands in for all of it.
//
// Reads beyond the end give zeros. sync() makes what was written durable, and the file's name with
// it the first time. One thread at a time. Errors: unavailable (disk full, I/O).
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sqlite3_file;

namespace coffer::store::sqlite {

class VfsFile {
 public:
  // Makes the file, readable by its owner only, if there is none. `vfs`: empty for the default.
  static Result<std::unique_ptr<VfsFile>> open(const std::string& vfs, const std::string& path);
  // not_found when there is none.
  static Result<std::unique_ptr<VfsFile>> open_existing(const std::string& vfs,
                                                        const std::string& path);
  // Absent is no error. Durable.
  static Result<> remove(const std::string& vfs, const std::string& path);

  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  ~VfsFile();

  Result<std::uint64_t> size();
  Result<> read(MutableBytes out, std::uint64_t offset);
  Result<> write(ByteView octets, std::uint64_t offset);
  Result<> sync();

 private:
  VfsFile(std::string path, std::size_t octets);

  [[nodiscard]] sqlite3_file* raw();

  const std::string path_;                 // the engine borrows it
  std::vector<std::max_align_t> storage_;  // of the engine's file object
};

}  // namespace coffer::store::sqlite
