#include "apps/client/files.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace coffer::client {
namespace {

constexpr mode_t kPrivate = 0600;

std::unexpected<Error> system_failure(const std::string& what) {
  const int code = errno;
  const std::string text = what + ": " + std::strerror(code);
  if (code == ENOENT || code == ENOTDIR) return fail(Code::not_found, text);
  if (code == EEXIST) return fail(Code::already_exists, text);
  return fail(Code::unavailable, text);
}

}  // namespace

Result<secure::SecureText> read_file(const std::string& path, std::size_t limit) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_failure("cannot open " + path);
  struct stat info{};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(descriptor);
    return fail(Code::invalid_argument, path + " is not an ordinary file");
  }
  secure::SecureBytes text;
  std::array<std::uint8_t, 16 * 1024> buffer{};
  ssize_t got = 0;
  while (text.size() <= limit && (got = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
    text.append({buffer.data(), static_cast<std::size_t>(got)});
  }
  secure::wipe(buffer.data(), buffer.size());
  ::close(descriptor);
  if (got < 0) return fail(Code::unavailable, "cannot read " + path);
  if (text.size() > limit) {
    return fail(Code::too_large, path + " is larger than " + std::to_string(limit) + " octets");
  }
  return secure::SecureText(std::move(text));
}

Result<> replace_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // left behind by a run that was cut short
  COFFER_TRY(File file, File::create(fresh));
  COFFER_CHECK(file.write(text));
  COFFER_CHECK(file.sync());
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_failure("cannot replace " + path);
  return {};
}

Result<> place_file(const std::string& fresh, const std::string& path) {
  int failed = ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE);
  if (failed != 0 && errno == EINVAL) {  // a file system that does not know the flag
    failed = ::link(fresh.c_str(), path.c_str());
    if (failed == 0) ::unlink(fresh.c_str());
  }
  if (failed != 0) return system_failure("cannot create " + path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return sync_folder(folder.empty() ? "." : folder.string());
}

Result<> sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return fail(Code::unavailable, "cannot make " + path + " durable");
  return {};
}

Result<> make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return system_failure("cannot create " + path);
}

Result<File> File::create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate);
  if (descriptor < 0) return system_failure("cannot open " + path);
  return File(descriptor);
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<> File::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor_, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return system_failure("cannot write");
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Result<> File::sync() {
  if (::fsync(descriptor_) != 0) return system_failure("cannot make the file durable");
  return {};
}

}  // namespace coffer::client
