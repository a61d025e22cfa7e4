#include "store/sqlite/vfs_file.h"

#include "store/sqlite/connection.h"
#include "store/sqlite/file_lock.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace coffer::store::sqlite {
namespace {

// The kind tells the VFS no more than that the directory is to be synced with a new file.
constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;

// Of one call: the engine asks for a page at most, and the VFS takes no more than 128 KiB.
constexpr std::size_t kMostOctets = 64U << 10U;

Result<sqlite3_vfs*> find_vfs(const std::string& name) {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
  if (vfs == nullptr) return fail(Code::internal, "there is no such VFS");
  return vfs;
}

Result<> outcome(int code) {
  if (code != SQLITE_OK) return std::unexpected(to_error(code, errno));
  return {};
}

}  // namespace

VfsFile::VfsFile(std::string path, std::size_t octets)
    : path_(std::move(path)), storage_(octets / sizeof(std::max_align_t) + 1) {}

VfsFile::~VfsFile() {
  if (raw()->pMethods != nullptr) raw()->pMethods->xClose(raw());
}

sqlite3_file* VfsFile::raw() {
  return reinterpret_cast<sqlite3_file*>(storage_.data());
}

Result<std::unique_ptr<VfsFile>> VfsFile::open(const std::string& vfs, const std::string& path) {
  COFFER_TRY(sqlite3_vfs* const found, find_vfs(vfs));
  COFFER_CHECK(ensure_private_file(path));
  std::unique_ptr<VfsFile> file(new VfsFile(path, static_cast<std::size_t>(found->szOsFile)));
  COFFER_CHECK(outcome(found->xOpen(found, file->path_.c_str(), file->raw(), kFlags, nullptr)));
  return file;
}

Result<std::unique_ptr<VfsFile>> VfsFile::open_existing(const std::string& vfs,
                                                        const std::string& path) {
  COFFER_TRY(sqlite3_vfs* const found, find_vfs(vfs));
  std::unique_ptr<VfsFile> file(new VfsFile(path, static_cast<std::size_t>(found->szOsFile)));
  constexpr int kExisting = kFlags & ~SQLITE_OPEN_CREATE;
  const int code = found->xOpen(found, file->path_.c_str(), file->raw(), kExisting, nullptr);
  if (code == SQLITE_CANTOPEN && errno == ENOENT) return fail(Code::not_found, "");
  COFFER_CHECK(outcome(code));
  return file;
}

Result<> VfsFile::remove(const std::string& vfs, const std::string& path) {
  COFFER_TRY(sqlite3_vfs* const found, find_vfs(vfs));
  const int code = found->xDelete(found, path.c_str(), 1);
  return code == SQLITE_IOERR_DELETE_NOENT ? Result<>() : outcome(code);
}

Result<std::uint64_t> VfsFile::size() {
  sqlite3_int64 octets = 0;
  COFFER_CHECK(outcome(raw()->pMethods->xFileSize(raw(), &octets)));
  return static_cast<std::uint64_t>(octets);
}

Result<> VfsFile::read(MutableBytes out, std::uint64_t offset) {
  while (!out.empty()) {
    const MutableBytes part = out.first(std::min(out.size(), kMostOctets));
    const int code = raw()->pMethods->xRead(
        raw(), part.data(), static_cast<int>(part.size()), static_cast<sqlite3_int64>(offset));
    if (code != SQLITE_IOERR_SHORT_READ) COFFER_CHECK(outcome(code));  // the rest is zeros
    out = out.subspan(part.size());
    offset += part.size();
  }
  return {};
}

Result<> VfsFile::write(ByteView octets, std::uint64_t offset) {
  while (!octets.empty()) {
    const ByteView part = octets.first(std::min(octets.size(), kMostOctets));
    COFFER_CHECK(outcome(raw()->pMethods->xWrite(
        raw(), part.data(), static_cast<int>(part.size()), static_cast<sqlite3_int64>(offset))));
    octets = octets.subspan(part.size());
    offset += part.size();
  }
  return {};
}

Result<> VfsFile::sync() {
  return outcome(raw()->pMethods->xSync(raw(), SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY));
}

}  // namespace coffer::store::sqlite
