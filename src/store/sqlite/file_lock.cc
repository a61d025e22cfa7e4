#include "store/sqlite/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace coffer::store::sqlite {
namespace {

constexpr mode_t kPrivate = S_IRUSR | S_IWUSR;

// Without this a new file may be gone after a power cut, with all that was committed to it.
Result<> sync_directory_of(const std::string& path) {
  auto directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail(Code::unavailable, "the store directory cannot be opened");
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  if (!synced) return fail(Code::unavailable, "the store directory cannot be synced");
  return {};
}

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<FileLock> FileLock::take(const std::string& store_path) {
  const std::string path = store_path + ".lock";
  FileLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivate));
  if (lock.descriptor_ < 0) {
    return fail(Code::unavailable, "the lock file of the store cannot be opened");
  }
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return fail(Code::unavailable, "the store is in use by another process");
  }
  return lock;
}

Result<> ensure_private_file(const std::string& store_path) {
  const int made =
      open(store_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate);
  if (made >= 0) {
    const bool set = fchmod(made, kPrivate) == 0 && fsync(made) == 0;
    close(made);
    if (!set) return fail(Code::unavailable, "the store file cannot be made");
    return sync_directory_of(store_path);
  }
  struct stat status = {};
  if (errno != EEXIST || stat(store_path.c_str(), &status) != 0) {
    return fail(Code::unavailable, "the store file cannot be made or found");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(Code::precondition_failed, "the store path is not a regular file");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(Code::precondition_failed, "the store file is open to other users: set mode 0600");
  }
  return {};
}

}  // namespace coffer::store::sqlite
