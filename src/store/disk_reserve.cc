#include "store/disk_reserve.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace coffer::store {
namespace {

constexpr mode_t kPrivate = S_IRUSR | S_IWUSR;
constexpr std::uint64_t kStatBlock = 512;  // the unit of st_blocks, stat(2)

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> failed() {
  return fail(Code::unavailable, "the reserve of the store's disk cannot be made");
}

bool is_lack_of_room(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

}  // namespace

Result<> DiskReserve::take() {
  if (octets_ == 0 || held_) return {};
  const std::scoped_lock lock(taking_);
  const Result<bool> allocated = allocate();
  if (allocated && *allocated) {
    held_ = true;
    return {};
  }
  unlink(path_.c_str());
  if (!allocated) return std::unexpected(allocated.error());
  return {};
}

// False: there is no room.
Result<bool> DiskReserve::allocate() {
  const Descriptor file(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kPrivate));
  if (file.number() < 0 && is_lack_of_room(errno)) return false;
  struct stat status = {};
  struct statvfs disk = {};
  if (file.number() < 0 || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode) ||
      fstatvfs(file.number(), &disk) != 0) {
    return failed();
  }
  const auto size = static_cast<off_t>(octets_);
  const std::uint64_t there = static_cast<std::uint64_t>(status.st_blocks) * kStatBlock;
  if (status.st_size == size && there >= octets_) return true;  // of an earlier process
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free + there < 2 * octets_) return false;
  if (ftruncate(file.number(), size) != 0) return failed();
  const int error = posix_fallocate(file.number(), 0, size);
  if (error != 0 && !is_lack_of_room(error)) return failed();
  return error == 0;
}

bool DiskReserve::give_up() {
  if (!held_.exchange(false)) return false;
  unlink(path_.c_str());
  return true;
}

}  // namespace coffer::store
