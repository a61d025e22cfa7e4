#include "apps/server/data_directory.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace coffer::server {
namespace {

constexpr std::string_view kMarker = "/development";

std::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(Code::precondition_failed, path + " " + std::string(why));
}

Result<> check_mode(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return fail(Code::unavailable, "cannot look at " + path);
  if (!S_ISDIR(info.st_mode)) return refused(path, "is not a folder");
  if (info.st_uid != geteuid()) return refused(path, "belongs to another user");
  if ((info.st_mode & 077U) != 0)
    return refused(path, "can be read by others; run: chmod 700 on it");
  return {};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t wrote = write(fd, content.data(), content.size());
    if (wrote <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace

Result<> prepare_data_directory(const std::string& path, DataKind kind) {
  std::error_code error;
  const bool fresh = !std::filesystem::exists(path, error);
  if (fresh &&
      (!std::filesystem::create_directories(path, error) || chmod(path.c_str(), 0700) != 0)) {
    return fail(Code::unavailable, "cannot make the folder " + path);
  }
  COFFER_CHECK(check_mode(path));
  const std::string marker = path + std::string(kMarker);
  const bool marked = std::filesystem::exists(marker, error);
  const bool used = std::filesystem::exists(path + "/coffer.db", error);
  if (kind == DataKind::production && marked) return refused(path, "holds development data");
  if (kind == DataKind::development && used && !marked) {
    return refused(path, "holds the data of a production server");
  }
  if (kind == DataKind::development && !marked) {
    return write_private_file(marker, "The unseal key of these data lies beside them.\n");
  }
  return {};
}

Result<> write_private_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Code::unavailable, "cannot write " + path);
  const bool written = write_all(fd, content) && fsync(fd) == 0;
  const bool closed = close(fd) == 0;
  if (!written || !closed || rename(temporary.c_str(), path.c_str()) != 0) {
    (void)unlink(temporary.c_str());
    return fail(Code::unavailable, "cannot write " + path);
  }
  return {};
}

}  // namespace coffer::server
