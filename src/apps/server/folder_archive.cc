#include "apps/server/folder_archive.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace coffer::server {
namespace {

constexpr mode_t kPrivate = 0600;

std::unexpected<Error> failed(const std::string& what) {
  const int code = errno;
  const std::string text = what + ": " + std::strerror(code);
  if (code == ENOENT) return fail(Code::not_found, text);
  if (code == EEXIST) return fail(Code::already_exists, text);
  return fail(Code::unavailable, text);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : number_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kPrivate)) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Result<> write_all(int descriptor, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t done = ::write(descriptor, octets.data(), octets.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return failed("cannot write to the archive of the audit log");
    octets = octets.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Result<> check_at(const std::string& path, const domain::Archive::Check& check) {
  const Descriptor file(path, O_RDONLY | O_NONBLOCK);
  if (!file.is_open()) return failed("cannot open " + path);
  struct stat info{};
  if (::fstat(file.number(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return fail(Code::corrupt, path + " is not an ordinary file");
  }
  return check([&file](MutableBytes out) -> Result<std::size_t> {
    while (true) {
      const ssize_t got = ::read(file.number(), out.data(), out.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return failed("cannot read from the archive of the audit log");
    }
  });
}

Result<> sync_folder(const std::string& path) {
  const Descriptor folder(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || ::fsync(folder.number()) != 0) {
    return failed("cannot make the archive of the audit log durable");
  }
  return {};
}

}  // namespace

Result<> FolderArchive::add(const std::string& name, const Fill& fill, const Check& check) {
  const std::string path = folder_ + "/" + name;
  const std::string part = path + ".part";
  ::unlink(part.c_str());
  Result<> done = write(part, fill, check);
  if (done) done = take_name(part, path);
  if (!done) ::unlink(part.c_str());
  if (!done && done.error().code == Code::not_found)
    done = fail(Code::unavailable, done.error().message);
  return done;
}

Result<> FolderArchive::write(const std::string& path, const Fill& fill, const Check& check) const {
  {
    const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return failed("cannot write to " + folder_);
    COFFER_CHECK(fill([&file](ByteView octets) { return write_all(file.number(), octets); }));
    if (::fsync(file.number()) != 0) return failed("cannot make " + path + " durable");
  }
  return check_at(path, check);
}

Result<> FolderArchive::take_name(const std::string& part, const std::string& path) const {
  // File systems that cannot rename without replacing can mostly not link either.
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EINVAL && errno != ENOSYS) return failed("cannot name " + path);
    if (::access(path.c_str(), F_OK) == 0) return fail(Code::already_exists, path + " exists");
    if (::rename(part.c_str(), path.c_str()) != 0) return failed("cannot name " + path);
  }
  return sync_folder(folder_);
}

// The folder itself may be missing, as one that is not mounted: that says nothing about the file.
Result<> FolderArchive::read(const std::string& name, const Check& check) const {
  struct stat info{};
  if (::stat(folder_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return fail(Code::unavailable,
                "the archive of the audit log, " + folder_ + ", is not a folder");
  }
  return check_at(folder_ + "/" + name, check);
}

}  // namespace coffer::server
